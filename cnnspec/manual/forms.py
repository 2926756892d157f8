"""The words that are no layer: the compiler knows them by name, and they leave no step of their own."""

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.build.structural import ALSO
from cnnspec.contract.facts import Example
from cnnspec.contract.fields import Field, Kind


class Form(NamedTuple):
    """A word with its page, in the form of a layer's docstring (docstring.py)."""

    word: str
    text: str
    examples: tuple[Example, ...]
    fields: Mapping[str, Field] = {}

    @property
    def also(self) -> tuple[str, ...]:
        return tuple(name for name, word in ALSO.items() if word == self.word)


FORMS = (
    Form(
        "id",
        """The value itself: a branch without a step.

            y = x

        In a merge it is the shortcut, and `act=id` hands over no activation to a block. It is no step of the network
        and takes no name.

        Shapes: the result is the input, of any rank.
        Arguments: none.
        Parameters: none.
        Source: He et al., Identity Mappings in Deep Residual Networks, 2016. torch.nn.Identity, ONNX needs no node.
        """,
        (Example("add { conv 3x3 4 pad=1 | id }", ((4, 8, 8),)), Example("id", ((10,),))),
    ),
    Form(
        "none",
        """No branch: what an `if` says where a merge shall do without.

            add { branch | none } = branch

        A merge of one branch is that branch, and no step. Outside of a merge there is nothing that `none` could mean.

        Shapes: there is no value.
        Arguments: none.
        Parameters: none.
        Source: of this language. MobileNetV2's blocks have a shortcut where their two shapes agree, and else none.
        """,
        (Example("add { conv 3x3 8 /2 pad=1 | if in.c == 8 { id } else { none } }", ((4, 8, 8),)),),
    ),
    Form(
        "reuse",
        """A labelled step, block or scope again, with the same weights.

            y = f(x), where f is what bears the label

        Its weights are counted once and belong to the first use; what is computed counts again. The second use of
        `tower` is called `tower@2`.

        Shapes: as many channels come in as at the first use, and the same steps come of it.
        Arguments:
            label: what shall be used again: `reuse tower`, or by its path `reuse left.tower`
        Parameters: none; those of the first use serve both.
        Source: Bromley et al., Signature Verification using a Siamese Time Delay Neural Network, 1993. In torch it is
            a module that is called twice, in ONNX an initializer that two nodes read.
        """,
        (Example("a: conv 3x3 3 pad=1 -> relu -> reuse a", ((3, 8, 8),)),),
        {"label": Field("label", Kind("the label of a step above", str), positional=True)},
    ),
)
"""In alphabetical order."""

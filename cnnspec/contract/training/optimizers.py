"""How the weights follow the gradient g, and what makes them smaller besides. lr is the learning rate that the schedule
leaves at that step; the first argument is what it begins with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.fields import choice, flag, option, positional
from cnnspec.contract.settings import Setting, by_word
from cnnspec.contract.training.kinds import above_zero, below_one, pair

ALL, WEIGHTS = "all", "weights"


class Optimizer(Setting, ABC):
    """A rule of updates; `lr` is the learning rate."""

    counts: ClassVar[bool] = True  # keeps the number of the step for each parameter, as a float32
    lr: float = positional(above_zero("the learning rate"))

    @property
    @abstractmethod
    def copies(self) -> int:
        """Tensors as large as each parameter that it keeps from one step to the next, as torch's of the same name."""


class Sgd(Optimizer):
    """`sgd 0.1 momentum=0.9 nesterov=yes`: v = momentum * v + g, w = w - lr * v.

    nesterov: w = w - lr * (g + momentum * v) instead.
    Source: Sutskever et al., On the importance of initialization and momentum, 2013, as torch.optim.SGD has it.
    """

    word = "sgd"
    usage = "optimizer sgd 0.1"
    counts = False
    momentum: float = option(below_one("the momentum"), 0.0)
    nesterov: bool = option(flag("nesterov"), False)

    @property
    def copies(self) -> int:
        return 1 if self.momentum else 0

    def check(self) -> None:
        if self.nesterov and not self.momentum:
            raise LayerError(
                "nesterov=yes needs a momentum to look ahead by",
                id="bad-argument",
                about="nesterov",
                hint="`momentum=0.9`",
            )


class Adagrad(Optimizer):
    """`adagrad 0.01`: s = s + g ** 2, w = w - lr * g / (sqrt(s) + eps).

    Source: Duchi et al., Adaptive Subgradient Methods, 2011. torch.optim.Adagrad.
    """

    word = "adagrad"
    usage = "optimizer adagrad 0.01"
    eps: float = option(above_zero("eps"), 1e-10)
    copies = 1


class Adadelta(Optimizer):
    """`adadelta`: steps as long as past ones over past gradients: s = rho * s + (1 - rho) * g ** 2,
    d = g * sqrt(u + eps) / sqrt(s + eps), u = rho * u + (1 - rho) * d ** 2, w = w - lr * d.

    It was made to need no learning rate: unsaid it is 1.
    Source: Zeiler, ADADELTA, 2012. torch.optim.Adadelta.
    """

    word = "adadelta"
    lr: float = positional(above_zero("the learning rate"), 1.0)
    rho: float = option(below_one("rho"), 0.9)
    eps: float = option(above_zero("eps"), 1e-6)
    copies = 2


class RMSProp(Optimizer):
    """`rmsprop 0.045 alpha=0.9 momentum=0.9`: s = alpha * s + (1 - alpha) * g ** 2,
    v = momentum * v + g / (sqrt(s) + eps), w = w - lr * v.

    centered: s less the square of the mean gradient, which is kept in the same way.
    Source: Tieleman and Hinton, Lecture 6.5, 2012. torch.optim.RMSprop (TensorFlow has eps inside the root).
    """

    word = "rmsprop"
    usage = "optimizer rmsprop 0.01"
    alpha: float = option(below_one("alpha"), 0.99)
    eps: float = option(above_zero("eps"), 1e-8)
    momentum: float = option(below_one("the momentum"), 0.0)
    centered: bool = option(flag("centered"), False)

    @property
    def copies(self) -> int:
        return 1 + bool(self.momentum) + self.centered


class Adam(Optimizer):
    """`adam 0.001`: m = b1 * m + (1 - b1) * g, s = b2 * s + (1 - b2) * g ** 2, and at step t
    w = w - lr * m / (1 - b1 ** t) / (sqrt(s / (1 - b2 ** t)) + eps), with betas b1,b2.

    Source: Kingma and Ba, Adam, 2015. torch.optim.Adam.
    """

    word = "adam"
    usage = "optimizer adam 0.001"
    betas: tuple[float, ...] = option(pair(below_one("a beta"), "the betas"), (0.9, 0.999))
    eps: float = option(above_zero("eps"), 1e-8)
    copies = 2


class AdamW(Adam):
    """`adamw 0.004`: adam whose weights are made smaller outside the gradient, by a line `decay`.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019. torch.optim.AdamW.
    """

    word = "adamw"
    usage = "optimizer adamw 0.001"


def named_optimizers() -> dict[str, Optimizer]:
    """One of each sort that keeps another amount of state, by the names that people use."""
    made = (Sgd(lr=0.1), Adagrad(lr=0.1), Adadelta(), RMSProp(lr=0.1), Adam(lr=0.1), AdamW(lr=0.1))
    return {**{each.word: each for each in made}, "momentum": Sgd(lr=0.1, momentum=0.9)}


class OptimizerLine(Setting):
    """`optimizer sgd 0.1 momentum=0.9`: the rule of updates and its learning rate."""

    word = "optimizer"
    usage = "optimizer sgd 0.1 momentum=0.9"
    kinds = by_word(Sgd, Adagrad, Adadelta, RMSProp, Adam, AdamW)
    also: ClassVar[Mapping[str, str]] = {
        "momentum": "sgd",
        "nesterov": "sgd",
        "msgd": "sgd",
        "gradientdescent": "sgd",
    }


class Shrinking(Setting):
    """What makes weights smaller: by how much, and `of` which: `all`, or `weights` alone, those of weighted sums
    (tensors of two axes and more), not biases and norms."""

    amount: float = positional(above_zero("the amount"))
    of: str = option(choice("of", ALL, WEIGHTS), ALL)


class L2(Shrinking):
    """`l2 1e-4`: amount * w is added to each gradient, as if amount / 2 * sum(w ** 2) were added to the loss.

    What papers that train by SGD call weight decay, and torch's `weight_decay` but for AdamW. Keras's `l2(x)` adds
    2 * x * w.
    """

    word = "l2"
    usage = "l2 1e-4"


class L1(Shrinking):
    """`l1 1e-5`: amount * sign(w) is added to each gradient, as if amount * sum(|w|) were added to the loss."""

    word = "l1"
    usage = "l1 1e-5"


class Decay(Shrinking):
    """`decay 0.05`: at each step w = w - lr * amount * w, outside the gradient and what an optimizer makes of it.

    Source: Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019; as in torch.optim.AdamW.
    """

    word = "decay"
    usage = "decay 0.05"

"""The plain data in which a layer states its facts."""

from collections.abc import Mapping
from enum import Enum
from math import inf
from typing import Any, NamedTuple

from cnnspec.contract.values import Shape


class Chapter(Enum):
    """Where a textbook would have a word; in the order in which it would teach them."""

    CONVOLUTIONS = "convolutions"
    POOLS = "pools"
    DENSE = "dense layers and shapes"
    NORMS = "normalization"
    ACTIVATIONS = "activations"
    REGULARIZATION = "regularization"
    MERGES = "merges"
    SIZES = "resizing and borders"
    MOVES = "moving channels and positions"


class Init(NamedTuple):
    """How a tensor begins: `constant` = scale, `uniform` in [-scale, scale], `normal` around 0 with deviation scale, or
    `trunc_normal`, the same without what lies outside [-2, 2].

    A scale is worked out by + * / and the square root only, which are rounded alike on every machine.
    """

    kind: str
    scale: float = 0.0


ZEROS = Init("constant", 0.0)
ONES = Init("constant", 1.0)


class Weight(NamedTuple):
    """One tensor that a layer owns. `name` is torch's suffix (`weight`, `running_mean`); not trainable = a buffer."""

    name: str
    shape: Shape
    init: Init = ZEROS
    trainable: bool = True
    dtype: str = "float32"


class Cost(NamedTuple):
    """Exact integers for one sample. `macs` multiply-adds of convolutions and dense layers, `ops` everything else
    (one addition, comparison, multiplication or function value each; the table is in docs/counting.md)."""

    macs: int = 0
    ops: int = 0


class Formula(NamedTuple):
    """A sum as a teacher writes it, and what its names stand for: `floor((H - F + 2*P) / S) + 1`, {"H": 32, "F": 5, …}.

    Names are those of contract/symbols.py; a part behind `_` is a subscript. Signs are + - * / ^ and brackets;
    functions floor, ceil and max. What it comes to is worked out in contract/formula.py, exactly.
    """

    text: str
    values: Mapping[str, int] = {}


class Equation(NamedTuple):
    """`name` is what is worked out: `H'`, or a sum or product of such. `note` is the key of a remark in texts/."""

    name: str
    formula: Formula
    note: str = ""


class Share(NamedTuple):
    """So many operations of one kind: `mac`, or a key of the operations in texts/ (`addition`, `comparison`, …)."""

    kind: str
    formula: Formula


class Window(NamedTuple):
    """How one output position of one axis looks at the input: `kernel` taps, `dilation` apart, the first at
    `position * stride - pad`. `stride` may be a ratio where an axis is resized."""

    kernel: int = 1
    stride: int = 1
    pad: int = 0
    dilation: int = 1


class Reach(Enum):
    """What a layer sees where it is no sliding window."""

    POINTWISE = "each output position sees the same position of the input"
    WHOLE = "every output sees every position of the input"
    IRREGULAR = "the outputs' windows differ in size or spacing"
    NOTHING = "no output depends on the operand's values; it lends its shape (`like=@x`)"


class Bounds(NamedTuple):
    """What values lie between, both ends included."""

    low: float
    high: float

    def hold(self, other: "Bounds") -> bool:
        """Whether all that lies within the other ones lies within these."""
        return self.low <= other.low and other.high <= self.high


ANYTHING = Bounds(-inf, inf)
POSITIVE = Bounds(0, inf)
"""Zero and above."""


class OnnxNode(NamedTuple):
    """One ONNX node. In `inputs` and `outputs`: `x0 x1 …` are the operands, `y` the result, a weight's name is that
    weight, a constant's name (see Onnx.constants) that constant, and any name that begins with `t_` lives only here."""

    op: str
    inputs: tuple[str, ...] = ("x0",)
    outputs: tuple[str, ...] = ("y",)
    attributes: Mapping[str, Any] = {}


class OnnxConstant(NamedTuple):
    """A small constant: `int64` or `float32` values in row-major order; shape () is a scalar."""

    dtype: str
    shape: tuple[int, ...]
    values: tuple[int | float, ...]


class Onnx(NamedTuple):
    """A layer in ONNX, opset 18. No constant may hold the batch or a spatial size that the text does not fix.

    An empty `nodes` means that the result is the first operand: dropout at inference, a merge of one branch.

    `open` is given by a layer that is simpler to say for one size of the input: the same for all sizes at once, for
    networks that take any.
    """

    nodes: tuple[OnnxNode, ...]
    constants: Mapping[str, OnnxConstant] = {}
    open: "Onnx | None" = None


class Extents(NamedTuple):
    """Stands in a torch step for the spatial extents of a value, as they are when it runs: `x1.shape[2:]`."""

    value: str


class Torch(NamedTuple):
    """One step of a layer in torch; a layer is a chain of them, and an empty chain gives its first operand back.

    A `target` under `nn.` is a module, built with `positional` and `arguments` and called on the step's inputs; under
    `F.` or `torch.` it is a function, called as target(*inputs, *positional, **arguments), or with the list of inputs
    first if `takes_list`; `+`, `-`, `*` and `/` are the operator written between all inputs. Only what differs from
    torch's defaults is given. At most one step is a module with weights.

    A step reads the result of the one before it, the first one the layer's operands. Where a chain is not enough,
    `inputs` names what is read: `x0 x1 …` are the operands, any other name is the `output` of an earlier step. Where
    torch has no module that owns a layer's weights, it is a weight's name: a parameter of the layer's own.
    """

    target: str
    arguments: Mapping[str, Any] = {}
    positional: tuple[Any, ...] = ()
    takes_list: bool = False
    inputs: tuple[str, ...] = ()
    output: str = ""


class Example(NamedTuple):
    """A step in the language and the shapes it is given: the seed of tests and documentation.

    A merge calls its operands by place: `add { @x0 | @x1 }`.
    """

    text: str
    inputs: tuple[Shape, ...]

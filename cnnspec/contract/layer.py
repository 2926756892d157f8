"""What a layer says of itself. Passes ask for these facts and name no layer; see docs/architecture.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import (
    ANYTHING,
    Bounds,
    Chapter,
    Cost,
    Equation,
    Example,
    Formula,
    Onnx,
    Reach,
    Share,
    Torch,
    Weight,
    Window,
)
from cnnspec.contract.fields import Field
from cnnspec.contract.repairs import Unflattened
from cnnspec.contract.values import Shape, Shapes, dress

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from cnnspec.contract.reads import Reads
    from cnnspec.contract.sizing import Sizing

    Array = NDArray[Any]  # float32 or float64; a weight that counts is int64

L = TypeVar("L", bound="type[Layer]")
ANY = 64
"""Arity of a merge: as many operands as there are branches."""


class Layer:
    """One step of a network with its arguments bound. Immutable; equal when word and arguments are equal.

    Shapes are channels first without the batch (contract/values.py). Every method gets the operands' shapes, which
    `infer` has accepted before any other method is asked.
    """

    word: ClassVar[str] = ""
    chapter: ClassVar[Chapter]
    fields: ClassVar[dict[str, Field]] = {}
    arity: ClassVar[tuple[int, int]] = (1, 1)
    merges: ClassVar[bool] = False  # takes a body of branches: `add { … }`
    ranks: ClassVar[tuple[int, ...]] = (0, 1, 2, 3)  # spatial axes of the first operand; 0 is a vector
    examples: ClassVar[tuple[Example, ...]] = ()
    also: ClassVar[tuple[str, ...]] = ()  # what other tools call it, as they write it; see register.elsewhere
    training_only: ClassVar[bool] = False  # does nothing at inference (dropout)
    bounds: ClassVar[Bounds] = ANYTHING  # every result lies between these, whatever comes in
    spares: ClassVar[Bounds | None] = None  # what comes in between these stays as it is
    multiplies_padding: ClassVar[bool] = False  # its MACs count those with the zeros that its window meets off the map
    keeps_bounds: ClassVar[bool] = False  # every result is 0, a value that came in, or a mean of some
    commutes: ClassVar[bool] = (
        False  # its operands may stand in any order; of more than two a sum may be rounded otherwise
    )

    def __init__(self, **values: Any) -> None:
        own = vars(self)  # past __setattr__, which refuses
        for name, field in self.fields.items():
            own[name] = values.pop(name, field.default)
        assert not values, f"{self.word} has no field {sorted(values)}"

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a layer is never changed: {name}")

    @property
    def arguments(self) -> dict[str, Any]:
        """The bound arguments in the fields' order."""
        return {name: getattr(self, name) for name in self.fields}

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Layer) and type(self) is type(other) and self._key == other._key)

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        """What makes it equal to another one; networks repeat their layers, and compare them often."""
        return (self.word, *[getattr(self, name) for name in self.fields])

    def __repr__(self) -> str:
        shown = (f"{name}={value!r}" for name, value in self.arguments.items())
        return f"{type(self).__name__}({', '.join(shown)})"

    # -- the facts ------------------------------------------------------------------------------------------------

    def infer(self, inputs: Shapes) -> Shape:
        """The result's shape; raises LayerError if there is none."""
        raise NotImplementedError

    def sizing(self, inputs: Shapes) -> Sizing | None:
        """How the result's sizes come of whatever sizes these operands have; None where there is no such rule."""
        return None

    def worked(self, inputs: Shapes) -> tuple[str, ...]:
        """The arithmetic that leads to the result's shape, a line an axis; for messages."""
        from cnnspec.contract.formula import in_ascii, is_sum

        sums = [each.formula for each in self.equations(inputs) if is_sum(each.formula)]
        return tuple(dict.fromkeys(map(in_ascii, sums)))

    def weights(self, inputs: Shapes) -> tuple[Weight, ...]:
        """The tensors this layer owns, in torch's order, named by torch's suffixes."""
        return ()

    def cost(self, inputs: Shapes) -> Cost:
        """Multiply-adds and other operations for one sample at inference, exact. Asked with polynomials for sizes, it
        gives polynomials (docs/decisions/0016-formulas.md)."""
        return Cost()

    def window(self, inputs: Shapes, operand: int = 0) -> tuple[Window, ...] | Reach:
        """How outputs look at one operand, per spatial axis; for the receptive field."""
        return Reach.POINTWISE

    def reads(self, inputs: Shapes, operand: int = 0) -> Reads:
        """Exactly which values of one operand each result depends on, channels too; `window` says it of positions, and
        of those alone that see alike."""
        from cnnspec.contract.reads import by_window

        return by_window(self.window(inputs, operand), inputs[operand], self.infer(inputs))

    # -- the arithmetic behind them, for who asks how a number comes about (docs/decisions/0018) ----------------------

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        """How the extents of the result come about; none where it is as the operand."""
        return ()

    def counts(self, inputs: Shapes) -> Mapping[str, Formula]:
        """How many numbers each of the `weights` holds, by its name."""
        return {}

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        """What `cost` is the sum of, kind by kind."""
        return ()

    def instead(self, inputs: Shapes) -> Mapping[str, Formula]:
        """How many parameters other layers would have that make the same shape, by their keys in texts/."""
        return {}

    # -- what it is elsewhere -----------------------------------------------------------------------------------------

    def onnx(self, inputs: Shapes) -> Onnx:
        """The node or nodes in ONNX, opset 18; none if the result is the operand."""
        raise NotImplementedError

    def torch(self, inputs: Shapes) -> tuple[Torch, ...]:
        """The modules or calls in torch, in order; none if the result is the operand."""
        raise NotImplementedError

    def evaluate(self, arrays: Sequence[Array], weights: Mapping[str, Array]) -> Array:
        """The result in NumPy, plain and slow, batch first; a judge for the lowerings."""
        raise NotImplementedError


def spatial(shape: Shape) -> Shape:
    """The shape without its channels."""
    return shape[1:]


def check_rank(layer: Layer, shape: Shape) -> None:
    """LayerError if the layer does not take operands of this many axes."""
    rank = len(shape) - 1
    if rank in layer.ranks:
        return
    if rank == 0:
        raise LayerError(
            f"`{layer.word}` takes {_forms(layer)}, got a vector of {shape[0]}",
            hint=f"move `flatten` behind `{layer.word}`",
            repairs=(Unflattened(),),
        )
    raise LayerError(f"`{layer.word}` takes {_forms(layer)}, got {dress(shape)}")


def _forms(layer: Layer) -> str:
    names = {0: "a vector", 1: "CxL", 2: "CxHxW", 3: "CxDxHxW"}
    *others, last = (names[rank] for rank in layer.ranks)
    return f"{', '.join(others)} or {last}" if others else last

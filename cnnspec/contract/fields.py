"""The arguments of a layer: each field has a kind that says what it takes and makes a value of the layer's type."""

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple, TypeVar

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.values import Dim, Ends, Pad, Sizes, Value, Values, describe

T = TypeVar("T")
REQUIRED: Any = object()
LARGEST = 2**31 - 1


class Kind(NamedTuple):
    """What a field takes: `expects` completes "… must be", `make` gives the value or raises ArgumentError; `words`
    are the bare words it lists; `many` lets it take all positional values that are left; `what` is the thing's name
    in messages ("the number of channels"); a `tensor` takes a reference and holds the operand's index. `also` is what
    others call its values, in lower case without `_`, and what to write here, for "did you mean". A `text` stands in
    quotes. A `sizes` has a number for each axis."""

    expects: str
    make: Callable[[Value], Any]
    words: tuple[str, ...] = ()
    many: bool = False
    what: str = ""
    tensor: bool = False
    also: Mapping[str, str] = {}
    text: bool = False
    sizes: bool = False


class Field(NamedTuple):
    name: str
    kind: Kind
    default: Any = REQUIRED
    positional: bool = False
    slash: bool = False  # `/2` sets it
    shapes: bool = False  # the shape of the result follows from it: told also where a step is written briefly

    @property
    def required(self) -> bool:
        return self.default is REQUIRED


def fields_of(cls: type) -> dict[str, Field]:
    """The fields of a class by their names: those by place first, and the class's own before inherited ones."""
    found: dict[str, Field] = {}
    for base in cls.__mro__:
        for name, field in vars(base).items():
            if isinstance(field, Field):
                found.setdefault(name, field._replace(name=name))
    return dict(sorted(found.items(), key=lambda item: not item[1].positional))


def positional(kind: Kind, default: Any = REQUIRED) -> Any:
    """A field that may be given by its place; the order in the class is the order of the places."""
    return Field("", kind, default, positional=True)


def option(kind: Kind, default: Any = REQUIRED, *, slash: bool = False, shapes: bool = False) -> Any:
    """A field that is given by name, or as `/n` if `slash`. `shapes`: the shape of the result follows from it."""
    return Field("", kind, default, slash=slash, shapes=shapes)


def _whole(value: Value, low: int, what: str) -> int:
    if isinstance(value, Fraction) and value.denominator == 1:
        value = int(value)
    if isinstance(value, Dim):
        repeat = f"{value[0]} x{value[1]}" if len(value) == 2 else None
        raise ArgumentError(
            f"`{describe(value)}` is a size, but {what} must be one number",
            hint=f"to repeat the step, put a space before the x: `{repeat}`" if repeat else None,
            instead=repeat,
        )
    if isinstance(value, bool) or not isinstance(value, int):
        if isinstance(value, Fraction):
            raise ArgumentError(
                f"{what} must be a whole number, got {describe(value)}",
                hint="`floor`, `ceil` or `round` makes it whole",
            )
        raise ArgumentError(f"{what} must be a whole number, got {describe(value)}")
    if value < low:
        raise ArgumentError(f"{what} must be at least {low}, got {value}")
    if value > LARGEST:
        raise ArgumentError(f"{what} is too large: {value}; the largest number is {LARGEST}")
    return value


def count(what: str, low: int = 1) -> Kind:
    """A whole number of at least `low`."""
    return Kind(f"a whole number of at least {low}", lambda value: _whole(value, low, what), what=what)


def size(what: str, low: int = 1) -> Kind:
    """A whole number for all axes, or one per axis: `3`, `3x3`, `1x7`."""

    def make(value: Value) -> Sizes:
        if isinstance(value, Dim):
            return tuple(_whole(each, low, what) for each in value)
        if isinstance(value, Values):
            written = "x".join(map(describe, value))
            hint = f"sizes are joined with x: `{written}`"
            raise ArgumentError(f"{what} must be a size, got a list", hint=hint, instead=written)
        return _whole(value, low, what)

    return Kind(f"a size such as 3 or 3x3, at least {low}", make, what=what, sizes=True)


def real(
    what: str,
    accept: Callable[[Fraction], bool] = lambda value: True,
    expects: str = "a number",
    hint: str | None = None,
) -> Kind:
    """A real number for which `accept` holds; `expects` says which those are."""

    def make(value: Value) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, Fraction)):
            raise ArgumentError(f"{what} must be {expects}, got {describe(value)}", hint=hint)
        if not accept(Fraction(value)):
            raise ArgumentError(f"{what} must be {expects}, got {describe(value)}", hint=hint)
        return float(value)

    return Kind(expects, make, what=what)


def flag(what: str) -> Kind:
    """`yes` or `no`."""

    def make(value: Value) -> bool:
        if not isinstance(value, bool):
            raise ArgumentError(f"{what} must be yes or no, got {describe(value)}")
        return value

    return Kind("yes or no", make, what=what)


def choice(what: str, *words: str) -> Kind:
    """One of a few bare words."""

    def make(value: Value) -> str:
        if not isinstance(value, str) or value not in words:
            listed = f"one of {', '.join(words)}" if len(words) > 2 else " or ".join(words)
            raise ArgumentError(f"{what} must be {listed}, got {describe(value)}")
        return str(value)

    return Kind(" or ".join(words), make, words=words, what=what)


PAD_WORDS = ("same", "same_upper", "same_lower")


def padding(what: str = "the padding") -> Kind:
    """`1`, `1x2` per axis, `1,1,2,2` (all begins, then all ends, as in ONNX), or one of PAD_WORDS."""

    def make(value: Value) -> Pad:
        if isinstance(value, str):
            if value not in PAD_WORDS:
                raise ArgumentError(f"{what} must be a size or one of {', '.join(PAD_WORDS)}, got {describe(value)}")
            return str(value)
        made: Pad = plain(value)
        return made

    plain = borders(what).make
    return Kind("a size, a list of begins and ends, or same", make, PAD_WORDS, what=what, also={"valid": "0"})


def borders(what: str) -> Kind:
    """`1`, `1x2` per axis, or `1,1,2,2`: all begins, then all ends, as in ONNX."""

    def make(value: Value) -> Sizes | Ends:
        if isinstance(value, Dim):
            return tuple(_whole(each, 0, what) for each in value)
        if isinstance(value, Values):
            return Ends(_whole(each, 0, what) for each in value)
        return _whole(value, 0, what)

    return Kind("a size, or a list of begins and ends", make, what=what)


def tensor(what: str) -> Kind:
    """A reference, `like=@skip`: a further operand of the layer. The field holds its index among the operands."""

    def make(value: Value) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ArgumentError(f"{what} must be a reference such as `@skip`, got {describe(value)}")
        return value

    return Kind("a reference such as @skip", make, what=what, tensor=True)

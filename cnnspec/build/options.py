"""What a caller may ask of a build beyond the text: which model, parameter values, another input, larger bounds."""

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.values import Shape, Value, dress
from cnnspec.source.nearest import nearest
from cnnspec.syntax.limits import MOST, SyntaxLimits, way_out


class Limits(NamedTuple):
    """Bounds against texts that are small and expand without end; `--limit NAME=N` raises one. `bounded` makes them of
    what somebody asks for."""

    nodes: int = 100_000
    elements: int = 100_000_000_000
    steps: int = 200_000
    repeat: int = 10_000
    nesting: int = 64
    files: int = 64
    file_bytes: int = 1_000_000
    tokens: int = 200_000
    operators: int = 64

    @property
    def syntax(self) -> SyntaxLimits:
        """Those that hold while a text is read."""
        return SyntaxLimits(*(getattr(self, name) for name in SyntaxLimits._fields))

    def way_out(self, name: str) -> str:
        """What there is to do about a text that is beyond a bound."""
        return way_out(name, getattr(self, name))


def bounded(given: Mapping[str, int]) -> Limits:
    """The bounds with those replaced that are named. ValueError for one that does not exist, and for a value that is
    not from 1 up to what it can be raised to."""
    for name, value in given.items():
        if name not in Limits._fields:
            near = nearest(name, Limits._fields)
            meant = f"did you mean `{near}`?" if near else f"the bounds are {', '.join(Limits._fields)}"
            raise ValueError(f"there is no bound `{name}`; {meant}")
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"the bound `{name}` is a whole number above 0, not `{value}`")
        if value > MOST[name]:
            raise ValueError(f"the bound `{name}` can be raised to {MOST[name]}, not to {value}")
    return Limits(**given)


class Options(NamedTuple):
    """`parameters` replace the model's own by name, `inputs` the shape of an input (the only one under the key None).
    Either switches the file's `=>` expectations off, which hold for the file's own numbers only. `python` says that a
    program asks, which has no options of a command line; `searched` that nobody asked for these inputs: they are tried,
    and meant as they are."""

    model: str | None = None
    parameters: Mapping[str, Value] = {}
    inputs: Mapping[str | None, Shape] = {}
    limits: Limits = Limits()
    python: bool = False
    searched: bool = False

    def input_as(self, name: str | None, shape: Shape) -> str:
        """How an input of another shape is asked for; without a name it is the only one."""
        told = dress(shape)
        if self.python:
            return f"input={{'{name}': '{told}'}}" if name else f"input='{told}'"
        return f"--input {name}={told}" if name else f"--input {told}"


PLAIN = Options()
"""Nothing asked beyond the text."""

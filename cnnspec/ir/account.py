"""What makes a number of a finished network what it is, as data; who says it in words is elsewhere."""

from collections.abc import Callable
from typing import NamedTuple

from cnnspec.contract.values import Shape
from cnnspec.source.text import Span


class Part(NamedTuple):
    """A step, or several that stand at one place: `path` is the node or the scope that they are in, `number` what it
    adds (parameters, MACs, bytes), `span` its place, and `step` that of the step in the model's own body that it comes
    from; `alike` is how many layers at one place add as much each."""

    path: str
    number: int
    span: Span
    step: Span
    alike: int = 1


class Sum(NamedTuple):
    """A number that is a sum over steps: the largest `layers`, and the largest `steps` of the model's own body."""

    layers: tuple[Part, ...]
    steps: tuple[Part, ...]


class Peak(NamedTuple):
    """Bytes of memory: what all weights take, and `activations` while the node `at` runs; `alive` are the largest of
    the values that are held then."""

    weights: int
    activations: int
    at: Part
    alive: tuple[Part, ...]


class Path(NamedTuple):
    """The longest path from an input to an output: how many layers multiply on it, and the first and last of them."""

    first: Part
    last: Part


class Map(NamedTuple):
    """The last map; `number` is what one of its units sees, on the axis where that is least, or, where they differ, the
    one that sees furthest."""

    map: Part
    shape: Shape
    units_differ: bool


Account = Sum | Peak | Path | Map | None
"""None where there is nobody to name: a network without weights, or without maps."""
Accounts = Callable[[str], Account]
"""By the name of a quantity."""

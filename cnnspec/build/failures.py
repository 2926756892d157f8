"""What is known of a step that was refused, for whoever looks for a change that would make it right."""

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class RefusedStep(NamedTuple):
    """A layer that cannot be on its operands (`inputs`, by node); `node` stands for it in the graph. `branches` are the
    places of a merge's branches, and `entry` is the node that enters the block or model around it."""

    node: str
    layer: Layer
    step: tree.Apply
    inputs: tuple[str, ...]
    error: LayerError
    branches: tuple[Span, ...]
    entry: str | None


class WrongShape(NamedTuple):
    """A value (by node) that has another shape than its `=>` says."""

    value: str
    expect: tree.ExpectedShape


Failure = RefusedStep | WrongShape
Failures = Mapping[tuple[str, Span], Failure]
"""By a diagnostic's id and place, as it was met first."""

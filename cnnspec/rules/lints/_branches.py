"""The branches of a merge as they are written."""

from collections.abc import Iterator

from cnnspec.ir.graph import Node
from cnnspec.rules.text import Text
from cnnspec.source.text import Span
from cnnspec.syntax import tree


def branches_of(node: Node, text: Text) -> tuple[tree.Chain, ...]:
    """The lines of a merge that are branches; none where it stands in another file."""
    place = text.place_of(node.span)
    core = place.step.core if place else None
    if not isinstance(core, tree.Apply) or core.body is None:
        return ()
    return tuple(each for each in core.body.lines if isinstance(each, tree.Chain))


def conditions_without_else(node: Node, text: Text) -> Iterator[tree.Cond]:
    """The branches that are an `if` and pass the value on where it does not hold."""
    for chain in branches_of(node, text):
        core = chain.steps[0].core if len(chain.steps) == 1 else None
        if isinstance(core, tree.Cond) and _passes(core):
            yield core


def _passes(cond: tree.Cond) -> bool:
    other = cond.other
    return other is None or (isinstance(other, tree.Cond) and _passes(other))


def word_of(node: Node) -> Span:
    """The merge's word alone."""
    return node.span._replace(end=node.span.start + len(node.layer.word))

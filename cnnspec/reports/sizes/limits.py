"""What limits the sizes of a network's inputs: which step or condition gives each bound, and where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.contract.sizing import AtLeast, Divides, Equal, Gates, Holds, Kept, MoreThan, Need, Within
from cnnspec.ir.decisions import Decision
from cnnspec.ir.graph import Graph
from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.conditions import Cause
from cnnspec.passes.sizes.forms import Demand
from cnnspec.passes.sizes.valid import Limit
from cnnspec.reports.look import Look
from cnnspec.reports.numbers import thousands
from cnnspec.reports.sizes.joined import asked_of_kept
from cnnspec.reports.sizes.texts import said
from cnnspec.reports.sizes.tied import formula, names_of
from cnnspec.reports.step import step
from cnnspec.source.text import Span


class Reason(NamedTuple):
    """One bound: what it says of the input, why, and where that stands. `node` is None for a condition of the text.
    `called` is where the model's own text uses the block in which that stands; None where it stands there itself."""

    text: str
    node: str | None
    why: str
    place: str
    called: str | None = None

    @property
    def where(self) -> str:
        """`unet.cnn:5:3, by line 15`; the file is named again where it is another."""
        if self.called is None:
            return self.place
        file, line, _ = self.called.rsplit(":", 2)
        return f"{self.place}, by {f'line {line}' if file == self.place.rsplit(':', 2)[0] else f'{file}:{line}'}"


def reasons(graph: Graph, answer: Answer, look: Look) -> tuple[Reason, ...]:
    """What gives each bound, those of several axes in one where they are the same; then what ties axes together."""
    name = names_of(answer)
    found = []
    for limits in _alike(answer.limits):
        axes = ", ".join(name(each.variable) for each in limits)
        reason = _reason(said(axes, limits[0].sizes, look), limits[0].cause, graph)
        kept = asked_of_kept(limits[0], graph)
        found.append(reason._replace(why=f"{reason.why}: {kept}") if kept else reason)
    seen = set[tuple[str, str]]()
    for tie in answer.joint:
        reason = _reason(formula(tie, name, look), tie.cause, graph)
        if (reason.text, reason.place) not in seen:
            found.append(reason)
            seen.add((reason.text, reason.place))
    return tuple(found)


def _alike(limits: tuple[Limit, ...]) -> Iterator[list[Limit]]:
    """Those of one cause on several axes of an input, together."""
    found: dict[object, list[Limit]] = {}
    for each in limits:
        cause = each.cause
        by = (cause.node, type(cause.need)) if isinstance(cause, Demand) else cause.span
        found.setdefault((each.variable.input, by, each.sizes), []).append(each)
    yield from found.values()


def _reason(text: str, cause: Cause, graph: Graph) -> Reason:
    if isinstance(cause, Decision):
        return Reason(text, None, f"the text requires `{' '.join(cause.span.text.split())}`", place_of(cause.span))
    node = graph.nodes[cause.node]
    called = place_of(node.trace[0].span) if node.trace else None
    return Reason(text, node.id, f"`{step(node.layer, node.inputs)}` {_why(cause.need)}", place_of(node.span), called)


def place_of(span: Span) -> str:
    """`model.cnn:6:3`"""
    return f"{span.source.name}:{span.line}:{span.column}"


def _why(need: Need) -> str:
    match need:
        case Within(_, _, start, upto, period, _, low):
            if upto is not None or low or period > 1:
                return "does not take every size"
            return f"needs {thousands(start)} or more"
        case Kept():
            return "has weights for one size"
        case Equal() | Gates():
            return "joins values of one size"
        case AtLeast():
            return "cuts from what is as large or larger"
        case Holds(values):
            return f"needs {thousands(values)} values"
        case Divides(values):
            return f"needs a multiple of {thousands(values)} values"
        case MoreThan():
            return "needs more than one value for a mean"

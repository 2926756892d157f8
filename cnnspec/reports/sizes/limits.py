"""What limits the sizes of a network's inputs: which step or condition gives each bound, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import gcd
from typing import NamedTuple

from cnnspec.contract.sizing import AtLeast, Divides, Equal, Gates, Holds, Kept, MoreThan, Need, Within
from cnnspec.ir.decisions import Decision
from cnnspec.ir.graph import Graph
from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.conditions import Cause, Tie
from cnnspec.passes.sizes.form import Form, Variable
from cnnspec.passes.sizes.forms import Demand
from cnnspec.passes.sizes.valid import Limit
from cnnspec.reports.look import Look
from cnnspec.reports.numbers import thousands
from cnnspec.reports.sizes.texts import axis_name, said
from cnnspec.reports.step import step
from cnnspec.source.text import Span

Names = Callable[[Variable], str]


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


def names_of(answer: Answer) -> Names:
    """The axes as they are called: `H`, or `left.H` where there are several inputs."""
    inputs = {each.input for each in answer.written}

    def name(variable: Variable) -> str:
        rank = sum(each.input == variable.input for each in answer.written)
        axis = axis_name(variable, rank).upper()
        return f"{variable.input}.{axis}" if len(inputs) > 1 else axis

    return name


def reasons(graph: Graph, answer: Answer, look: Look) -> tuple[Reason, ...]:
    """What gives each bound, those of several axes in one where they are the same; then what ties axes together."""
    name = names_of(answer)
    found = []
    for limits in _alike(answer.limits):
        axes = ", ".join(name(each.variable) for each in limits)
        found.append(_reason(said(axes, limits[0].sizes, look), limits[0].cause, graph))
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


# -- formulas ---------------------------------------------------------------------------------------------------------


def formula(tie: Tie, name: Names, look: Look) -> str:
    """`512 * floor(H / 32) * floor(W / 32) = 25,088`"""
    left, right = list[str](), list[str]()
    for forms, count in tie.total.terms.items():
        factors = [form_said(each, name(each.variable)) for each in forms]
        if abs(count) != 1 or not factors:
            factors.insert(0, thousands(abs(count)))
        (left if count > 0 else right).append(" * ".join(factors))
    sign = "=" if tie.relation == "==" else "≥" if look.unicode else ">="
    value = tie.value * tie.total.over
    if tie.relation == "%":
        return f"{' + '.join(left)} is a multiple of {thousands(value)}"
    if value or not right:
        right.insert(0, thousands(value))
    return f"{' + '.join(left) or '0'} {sign} {' + '.join(right)}"


def form_said(form: Form, name: str) -> str:
    """A size as a formula of the input's: `floor((H + 1) / 2)`, `2 * floor(H / 2) + 1`."""
    told = _floor(form.slope, form.period, form.offsets, name)
    if told is not None:
        return told
    for less in range(min(form.period, 64)):
        offsets = [each - form.offsets[0] + less for each in form.offsets]
        common = gcd(form.slope, *offsets)
        if common > 1:
            told = _floor(form.slope // common, form.period, tuple(each // common for each in offsets), name)
            if told is not None:
                rest = form.offsets[0] - less
                return f"{common} * {told}{f' {_signed(rest)}' if rest else ''}"
    return f"f({name})"


def _floor(slope: int, period: int, offsets: tuple[int, ...], name: str) -> str | None:
    """floor((slope * H + b) / period), for the b that is nearest to 0; None where there is none."""
    low = max(period * each - slope * rest for rest, each in enumerate(offsets))
    high = min(period * each + period - 1 - slope * rest for rest, each in enumerate(offsets))
    if low > high:
        return None
    plus = max(low, min(0, high))
    common = gcd(slope, period, plus) if plus else gcd(slope, period)
    slope, period, plus = slope // common, period // common, plus // common
    times = name if slope == 1 else f"{slope} * {name}"
    above = f"{times} {_signed(plus)}" if plus else times
    if period == 1:
        return above if not plus else f"({above})"
    return f"floor(({above}) / {period})" if plus else f"floor({above} / {period})"


def _signed(number: int) -> str:
    return f"{'-' if number < 0 else '+'} {abs(number)}"

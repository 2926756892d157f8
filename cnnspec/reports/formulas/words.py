"""What is said of formulas: their axes by letters, for which sizes they hold, and on what that rests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.contract.sizing import Equal, Gates, Holds, Kept
from cnnspec.contract.symbols import AXES
from cnnspec.contract.values import dress
from cnnspec.ir.decisions import Decision
from cnnspec.ir.graph import Node
from cnnspec.passes.formulas.costs import Formulas, Step, Total
from cnnspec.passes.formulas.known import Bound, Cause
from cnnspec.passes.formulas.polynomial import Whole
from cnnspec.passes.formulas.size_class import Axis
from cnnspec.passes.sizes.forms import Variable
from cnnspec.reports.formulas.polynomial_text import ASCII_SIZES, BATCH, SIZES, Notation, Terms, of_sizes, written
from cnnspec.reports.look import Look, can_show
from cnnspec.reports.numbers import thousands
from cnnspec.reports.step import step

if TYPE_CHECKING:
    from cnnspec.api.formulas import Derived

LISTED = 3
"""So many sizes of a class are listed."""


class Said(NamedTuple):
    """A network's formulas with the letters of its axes: how each number is written is all that is left."""

    derived: Derived
    letters: Mapping[str, str]

    @property
    def formulas(self) -> Formulas:
        return self.derived.formulas

    @property
    def axes(self) -> Sequence[Axis]:
        return self.formulas.sizes.axes

    def terms(self, value: Whole) -> Terms:
        return of_sizes(value, self.axes, self.letters)

    def shape(self, sizes: Sequence[Whole], look: Look) -> str:
        """`64 x H/2 x W/2`"""
        notation = SIZES if has_signs(look) else ASCII_SIZES
        return " x ".join(written(self.terms(each), notation, bracket=True) for each in sizes)

    def total(self, total: Total, notation: Notation, of: str) -> str:
        """For a batch; with what follows no polynomial by name."""
        text = written(self.terms(total.known), notation, batch=True)
        if not total.untold:
            return text
        names = ", ".join(each.node.id for each in total.untold)
        more = f"{BATCH}{notation.times}{of}({names})"
        return more if text == "0" else f"{text} + {more}"


def said(derived: Derived) -> Said:
    return Said(derived, letters_of(derived))


def letters_of(derived: Derived) -> dict[str, str]:
    """By unknown: H and W; where several inputs have axes of their own, `H_left`."""
    axes, ranks = derived.formulas.sizes.axes, {id: len(shape) - 1 for id, shape in derived.inputs.items()}
    plain = {each.unknown: AXES[ranks[each.variables[0].input]][each.variables[0].axis - 1] for each in axes}
    if len(set(plain.values())) == len(plain):
        return plain
    return {each.unknown: f"{plain[each.unknown]}_{each.variables[0].input}" for each in axes}


def has_signs(look: Look) -> bool:
    """Whether formulas can be written with the signs of print."""
    return can_show("·−²³", look.encoding)


def input_shapes(told: Said) -> dict[str, Sequence[Whole]]:
    sizes = told.formulas.sizes.extents
    return {id: sizes.get(id, shape) for id, shape in told.derived.inputs.items()}


def output_shapes(told: Said) -> dict[str, Sequence[Whole]]:
    sizes: dict[str, Sequence[Whole]] = {each.node.id: each.shape for each in told.formulas.steps}
    return {name: sizes.get(id) or told.derived.inputs[id] for name, id in told.derived.graph.outputs.items()}


def notes(told: Said) -> list[str]:
    """For which sizes the formulas hold, what stays as it is, what follows no polynomial, and on what it rests."""
    lines = [f"{BATCH}: samples in a batch.", *_of_axes(told), *_of_left_out(told), *_of_bound(told)]
    lines += [_of_untold(each) for each in untold(told.formulas)]
    if told.axes:
        asked = " and ".join(map(dress, told.derived.inputs.values()))
        lines.append(f"That is the class of {asked}; `--input` asks about another one.")
        lines.append(PROVED)
    if told.derived.graph.aux and told.axes:
        lines.append(HEADS)
    return lines


HEADS = (
    "Auxiliary heads do not run at inference and were not asked: they may take fewer sizes, and have the parameters "
    "that they have for the input as it is."
)
PROVED = (
    "Proved for each of these sizes: on the class all sizes within the network are linear, and every layer was asked "
    "what it costs with such sizes in place of numbers."
)


def _of_axes(told: Said) -> list[str]:
    """`H and W: 32, 64, 96, … (32 n).`"""
    names: dict[str, list[str]] = {}
    for axis in told.axes:
        also = [_place(told, each) for each in axis.variables[1:]]
        name = f"{told.letters[axis.unknown]} (and {' and '.join(also)}, which is the same)" if also else ""
        names.setdefault(_class_of(axis), []).append(name or told.letters[axis.unknown])
    return [f"{_and(found)}: {text}." for text, found in names.items()]


def _of_left_out(told: Said) -> list[str]:
    """`H = 1 and W = 1 are left out: there `u` (`upsample 2 …`) costs otherwise.`"""
    by_steps: dict[tuple[str, ...], list[str]] = {}
    for axis in told.axes:
        if steps := told.formulas.later.get(axis.unknown):
            least = f"{told.letters[axis.unknown]} = {thousands(axis.least - axis.period)}"
            by_steps.setdefault(tuple(_called(each) for each in steps), []).append(least)
    return [
        f"{_listed(least)} {'are' if len(least) > 1 else 'is'} left out: there {_listed(steps)} "
        f"{'cost' if len(steps) > 1 else 'costs'} otherwise."
        for steps, least in by_steps.items()
    ]


def _called(node: Node) -> str:
    return f"`{node.id}` (`{step(node.layer, node.inputs)}`)"


def _listed(texts: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`, `a, b, c and 4 more`"""
    return _and([*texts[:LISTED], f"{len(texts) - LISTED} more"] if len(texts) > LISTED else texts)


def _and(texts: Sequence[str]) -> str:
    return " and ".join(each for each in (", ".join(texts[:-1]), texts[-1]) if each)


def _class_of(axis: Axis) -> str:
    """`32, 64, 96, … (32 n)`, `every size from 3 to 9`"""
    if axis.period == 1:
        end = "" if axis.most is None else f" to {thousands(axis.most)}"
        return f"every size from {thousands(axis.least)}{end or ' on'}"
    sizes = [axis.least + place * axis.period for place in range(LISTED)]
    listed = ", ".join(thousands(each) for each in sizes if axis.most is None or each <= axis.most)
    if axis.most is None:
        listed += ", …"
    elif axis.most > sizes[-1]:
        listed += f", … {thousands(axis.most)}"
    rest = axis.least % axis.period
    return f"{listed} ({thousands(axis.period)} n{f' + {rest:,}' if rest else ''})"


def _place(told: Said, variable: Variable) -> str:
    letter = AXES[len(told.derived.inputs[variable.input]) - 1][variable.axis - 1]
    return f"{letter} of `{variable.input}`" if len(told.derived.inputs) > 1 else letter


def _of_bound(told: Said) -> list[str]:
    """One line for each cause."""
    causes: dict[Cause, list[Bound]] = {}
    for each in told.formulas.sizes.bound:
        causes.setdefault(each.cause, []).append(each)
    lines = []
    for cause, found in causes.items():
        axes = " and ".join(f"{_place(told, each.variable)} = {each.written:,}" for each in found)
        lines.append(f"{axes} {'stays as it is' if len(found) == 1 else 'stay as they are'}: {_why(told, cause)}.")
    return lines


def _why(told: Said, cause: Cause) -> str:
    node, why = cause
    if isinstance(why, Decision):
        span = why.span
        return f"`{span.text}` ({span.source.name}:{span.line}) comes out otherwise at all others of the class"
    if isinstance(why, str):
        return f"there is no formula for the size of {told.derived.place(node)}: {why}" if node else why
    where, shape = told.derived.place(node), told.derived.entering(node)
    match why:
        case Kept():
            values = f"{shape[0]:,} values" if len(shape) == 1 else dress(shape)
            return f"{where} has weights for {values}"
        case Holds(values):
            return f"{where} takes {values:,} values, no more and no less"
        case Equal() | Gates():
            return f"what {where} joins is of one size here, but not all through the class (see `cnnspec sizes`)"
    return f"{where} takes no other size of this class"


def untold(formulas: Formulas) -> list[Step]:
    """The steps that are in no formula, once each."""
    found = {each.node.id: each for each in (*formulas.macs.untold, *formulas.ops.untold)}
    return list(found.values())


def _of_untold(each: Step) -> str:
    now = f"{thousands(each.now.ops)} other ops"
    now += f" and {thousands(each.now.macs)} MACs" if each.macs is None else ""
    return f"What {_called(each.node)} takes follows no polynomial here. For the input as it is: {now}."

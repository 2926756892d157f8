"""`cnnspec formulas` in a terminal: the totals as polynomials, for which sizes they hold, and why."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.passes.formulas.costs import Step
from cnnspec.passes.formulas.polynomial import Whole
from cnnspec.reports.aligned import aligned, width_of
from cnnspec.reports.formulas.polynomial_text import ASCII, PEOPLE, Notation, written
from cnnspec.reports.formulas.words import LISTED, Said, has_signs, input_shapes, notes, output_shapes, said
from cnnspec.reports.look import NARROWEST, Look, visible
from cnnspec.reports.network.columns import Column
from cnnspec.reports.network.totals import CONVENTION
from cnnspec.reports.numbers import thousands
from cnnspec.reports.step import step

if TYPE_CHECKING:
    from cnnspec.api.formulas import Derived

WIDEST = 100
"""A note is not made wider."""
HANGING = 2
KEPT = "\0"
"""A space at which no line is broken."""
ACTIVATIONS = "Activations are the numbers in the results of all steps."
PLANS = (
    "name what output macs ops activations",
    "name output macs ops activations",
    "name output macs ops",
    "name output macs",
    "name macs",
)
"""Which columns there are with a line for each step, from wide to narrow."""


def formulas_table(derived: Derived, look: Look, layers: bool = False) -> str:
    """The totals; with `layers` a line for each step before them."""
    told, notation = said(derived), PEOPLE if has_signs(look) else ASCII
    formulas = told.formulas
    rows = [
        ("Parameters", thousands(formulas.params)),
        ("MACs", told.total(formulas.macs, notation, "macs")),
        ("Other ops", told.total(formulas.ops, notation, "ops")),
        ("Activations", told.total(formulas.activations, notation, "activations")),
    ]
    width = max(len(name) for name, _ in rows)
    lines = [_head(told, look), ""]
    lines += [*_steps(told, look, notation), ""] if layers else []
    lines += [line for name, text in rows for line in _total(f"{name:<{width}}  ", visible(text, look.encoding), look)]
    lines += ["", *_wrapped(notes(told), look), ""]
    lines += [look.paint("dim", each) for each in (CONVENTION, ACTIVATIONS)]
    return "\n".join([*lines, ""])


def _total(name: str, text: str, look: Look) -> list[str]:
    """A formula that is too wide goes on below, with the next sign in front; what stands in brackets within stays
    together if it can."""
    room = max(look.width, NARROWEST) - len(name)
    signed = re.sub(r"(?<= [+−-]) ", KEPT, text)
    opening = 1 + text.find("(")
    whole = signed[:opening] + re.sub(r"\([^()]*\)", lambda found: found[0].replace(" ", KEPT), signed[opening:])
    lines = _broken(whole, room)
    if max(map(len, lines)) > room:
        lines = _broken(signed, room)
    first, *others = (look.paint("bold", each.replace(KEPT, " ").strip()) for each in lines)
    return [name + first, *(" " * (len(name) + HANGING) + each for each in others)]


def _broken(text: str, room: int) -> list[str]:
    from textwrap import wrap

    return wrap(text, room, subsequent_indent=" " * HANGING, break_long_words=False, break_on_hyphens=False)


def _wrapped(texts: Sequence[str], look: Look) -> list[str]:
    from textwrap import wrap

    room = max(min(look.width, WIDEST), NARROWEST)
    shown = (visible(text.replace("…", look.ellipsis), look.encoding) for text in texts)
    return [line for text in shown for line in wrap(text, room, subsequent_indent="  ")]


def _head(told: Said, look: Look) -> str:
    name, file = (visible(each, look.encoding) for each in (told.derived.graph.name, told.derived.file))
    sides = []
    for shapes, what in ((input_shapes(told), "inputs"), (output_shapes(told), "outputs")):
        named = ", ".join(told.shape(shape, look) for shape in shapes.values())
        sides.append(named if len(shapes) <= LISTED else f"{len(shapes)} {what}")
    return f"{look.paint('bold', name)}  {f' {look.arrow} '.join(sides)}  {look.paint('dim', file)}"


def _steps(told: Said, look: Look, notation: Notation) -> list[str]:
    steps = told.formulas.steps

    def column(title: str, texts: Sequence[str], style: str = "") -> Column:
        return Column(title, tuple(visible(each, look.encoding) for each in texts), False, style)

    def formula(each: Step, value: Whole | None, now: int) -> str:
        if value is None:
            return f"{thousands(now)} now, see below"
        return written(told.terms(value), notation) if value else ""

    columns = {
        "name": column("layer", [each.node.id for each in steps]),
        "what": column("step", [step(each.node.layer, each.node.inputs) for each in steps], "step"),
        "output": column("output", [told.shape(each.shape, look) for each in steps]),
        "macs": column("MACs", [formula(each, each.macs, each.now.macs) for each in steps]),
        "ops": column("other ops", [formula(each, each.ops, each.now.ops) for each in steps]),
        "activations": column("activations", [formula(each, each.activations, 0) for each in steps]),
    }
    for plan in PLANS:
        chosen = [columns[name] for name in plan.split()]
        if width_of(chosen) <= look.width:
            break
    return aligned(chosen, look)

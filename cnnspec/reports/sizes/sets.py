"""Which sizes a network takes, in words and as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.sizes.answer import BESIDE, Answer
from cnnspec.passes.sizes.conditions import Tie
from cnnspec.passes.sizes.form import Variable
from cnnspec.passes.sizes.joint import Product
from cnnspec.passes.sizes.runs import runs
from cnnspec.reports.filling import fill
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.numbers import size, thousands
from cnnspec.reports.sizes.limits import Reason, reasons
from cnnspec.reports.sizes.texts import axis_name, product_said
from cnnspec.reports.sizes.tied import formula, names_of

MOST_PRODUCTS = 16
"""So many products of sets are shown; JSON has all."""

PROVED = "proved: these sizes and no others, with the same weights"


def sizes_text(graph: Graph, answer: Answer, look: Look, written: Mapping[str, Shape]) -> str:
    """What `cnnspec sizes` prints; `written` are the inputs as the text has them."""
    lines = [look.paint("bold", visible(graph.name, look.encoding))]
    for id in graph.inputs:
        lines += _of_input(id, written[id], answer, look)
    lines += [line for each in _formulas(answer, look) for line in fill(f"and together {each}", look, 2, 6)]
    lines += ["", *_how(answer, look, _is_written(answer, written))]
    told = reasons(graph, answer, look)
    if told:
        lines += ["", look.paint("bold", "what limits it"), *_table(told, look)]
    return "\n".join(lines) + "\n"


def sizes_said(graph: Graph, answer: Answer, look: Look, most: int | None = None) -> str:
    """The same in one line, without reasons: `H ≥ 31; W likewise`; of each input at most so many products."""
    parts = []
    for id, node in graph.inputs.items():
        shape = node.layer.infer(())
        if len(shape) > 1:
            told = [product_said(each, len(shape) - 1, look) for each in in_order(answer, id)] or ["no size"]
            shown = told[:most]
            if len(shown) < len(told):
                shown.append(f"{look.ellipsis} ({len(told) - len(shown)} more)")
            whose = f"{id}: " if len(graph.inputs) > 1 else ""
            parts.append(whose + ", or ".join(shown))
    return "; ".join([*parts, *_formulas(answer, look)])


def _formulas(answer: Answer, look: Look) -> dict[str, Tie]:
    """The ties that no set says, each once, by what they say."""
    name = names_of(answer)
    return {formula(each, name, look): each for each in answer.ties}


def _is_written(answer: Answer, written: Mapping[str, Shape]) -> bool:
    return all(written[name.input][name.axis] == size for name, size in answer.written.items())


def _how(answer: Answer, look: Look, is_written: bool) -> list[str]:
    if not answer.written:
        return ["a vector has no height and no width: it is taken as it is written"]
    if answer.proved:
        return [look.paint("ok", "proved") + PROVED.removeprefix("proved")]
    tried = thousands(answer.searched or 0)
    one, others = ("the written one", "as written") if is_written else ("the nearest that works", "as there")
    return [
        f"{look.paint('warning', 'not proved')}: {visible(answer.why, look.encoding)}",
        f"tried were, of each axis, the sizes from 1 to {tried} and {BESIDE} beside {one},",
        f"with all others {others}; there may be more",
    ]


def _of_input(id: str, shape: Shape, answer: Answer, look: Look) -> list[str]:
    lines = [f"{visible(id, look.encoding)} {size(shape)}"]
    if len(shape) == 1:
        return [*lines, "  as it is"]
    products = in_order(answer, id)
    for place, each in enumerate(products[:MOST_PRODUCTS]):
        lines.append(f"  {'or ' if place else ''}{product_said(each, len(shape) - 1, look)}")
    if len(products) > MOST_PRODUCTS:
        lines.append(f"  {look.ellipsis} and {thousands(len(products) - MOST_PRODUCTS)} more (`--json` has them all)")
    return lines if products else [*lines, "  no size at all"]


def in_order(answer: Answer, input: str) -> list[Product]:
    """The products of an input, the one with the written size first."""

    def is_other(product: Product) -> bool:
        return not all(answer.written[name] in sizes for name, sizes in product.items())

    return sorted(answer.products.get(input, ()), key=is_other)


def _table(told: tuple[Reason, ...], look: Look) -> list[str]:
    """A reason a line: the bound, the step and why, the place; where it is narrow the place stands below."""
    rows = []
    for each in told:
        why = f"{each.node}: {each.why}" if each.node else each.why
        rows.append(tuple(visible(text, look.encoding) for text in (each.text, why, each.where)))
    first, second = (max(cells(row[place]) for row in rows) for place in (0, 1))
    wide = 2 + first + 2 + second + 2 + max(cells(row[2]) for row in rows) <= look.width
    lines = []
    for text, why, place in rows:
        if wide:
            lines.append(f"  {_padded(text, first)}  {_padded(why, second)}  {look.paint('dim', place)}")
        else:
            lines += [*fill(text, look, 2, 6), *fill(why, look, 4, 6), f"    {look.paint('dim', place)}"]
    return lines


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cells(text))


# -- as data ----------------------------------------------------------------------------------------------------------


def sizes_record(graph: Graph, answer: Answer) -> dict[str, Any]:
    """By docs/sizes.md."""
    look = Look()
    return {
        "model": graph.name,
        "sets": [each for id in graph.inputs for each in _sets(id, answer)],
        "ties": [
            {
                "axes": [{"input": each.input, "axis": _axis(each, answer)} for each in tie.variables],
                "formula": said,
            }
            for said, tie in _formulas(answer, look).items()
        ],
        "proved": answer.proved,
        "why": answer.why or None,
        "searched": answer.searched,
        "text": sizes_said(graph, answer, look),
        "limits": [each._asdict() for each in reasons(graph, answer, look)],
    }


def _sets(input: str, answer: Answer) -> list[dict[str, Any]]:
    """Every product of runs of the axes; of each axis one run."""
    found: list[dict[str, Any]] = []
    for each in in_order(answer, input):
        entries: list[dict[str, Any]] = [{"input": input}]
        for variable, sizes in each.items():
            told = [{**run._asdict(), "residues": list(run.residues)} for run in runs(sizes)]
            entries = [{**entry, _axis(variable, answer): run} for entry in entries for run in told]
        found += entries
    return found


def _axis(name: Variable, answer: Answer) -> str:
    return axis_name(name, sum(each.input == name.input for each in answer.written))

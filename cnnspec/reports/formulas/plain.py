"""Costs as formulas in JSON and in Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cnnspec.passes.formulas.costs import Step, Total
from cnnspec.passes.formulas.known import Bound
from cnnspec.passes.formulas.polynomial import Whole
from cnnspec.reports.findings.json import Json, file_name
from cnnspec.reports.formulas.polynomial_text import LATEX, PYTHON, Terms, for_batch, written
from cnnspec.reports.formulas.words import Said, input_shapes, notes, output_shapes, said
from cnnspec.reports.network.plain import escaped
from cnnspec.reports.numbers import thousands
from cnnspec.reports.step import step

if TYPE_CHECKING:
    from cnnspec.api.formulas import Derived

SCHEMA_VERSION = 1


def formulas_record(derived: Derived) -> Json:
    """By docs/formulas.md. A formula is an expression of whole numbers, and its terms."""
    told = said(derived)
    formulas = told.formulas
    return {
        "schema_version": SCHEMA_VERSION,
        "model": derived.graph.name,
        "file": file_name(derived.file),
        "inputs": [
            {"name": id, "shape": _shape(told, shape), "written": list(derived.inputs[id])}
            for id, shape in input_shapes(told).items()
        ],
        "outputs": [{"name": name, "shape": _shape(told, shape)} for name, shape in output_shapes(told).items()],
        "axes": [
            {
                "name": told.letters[each.unknown],
                "of": [{"input": place.input, "axis": place.axis} for place in each.variables],
                "written": each.written,
                "period": each.period,
                "residue": each.least % each.period,
                "least": each.least,
                "most": each.most,
            }
            for each in told.axes
        ],
        "bound": [
            {
                "input": each.variable.input,
                "axis": each.variable.axis,
                "size": each.written,
                "layer": each.cause.node or None,
            }
            for each in formulas.sizes.bound
        ],
        "params": formulas.params,
        "macs": _total(told, formulas.macs),
        "ops": _total(told, formulas.ops),
        "activations": _total(told, formulas.activations),
        "layers": [_step(told, each) for each in formulas.steps],
        "notes": notes(told),
    }


def _bound(bound: Bound) -> Json:
    input, axis = bound.variable
    return {"input": input, "axis": axis, "size": bound.written, "layer": bound.cause.node or None}


def _shape(told: Said, shape: Sequence[Whole]) -> list[int | str]:
    return [each if isinstance(each, int) else written(told.terms(each), PYTHON) for each in shape]


def _total(told: Said, total: Total) -> Json:
    terms = told.terms(total.known)
    return {
        "formula": written(terms, PYTHON, batch=True),
        "terms": _terms(for_batch(terms)),
        "untold": [each.node.id for each in total.untold],
    }


def _terms(terms: Terms) -> list[Json]:
    return [
        {
            "powers": {name: key.count(name) for name in dict.fromkeys(key)},
            "numerator": factor.numerator,
            "denominator": factor.denominator,
        }
        for key, factor in sorted(terms.items(), key=lambda each: (-len(each[0]), each[0]))
    ]


def _step(told: Said, each: Step) -> Json:
    """For one sample; null where it is no polynomial."""

    def formula(value: Whole | None) -> str | None:
        return None if value is None else written(told.terms(value), PYTHON)

    return {
        "name": each.node.id,
        "word": each.node.layer.word,
        "output": _shape(told, each.shape),
        "macs": formula(each.macs),
        "ops": formula(each.ops),
        "activations": formula(each.activations),
    }


def formulas_markdown(derived: Derived, layers: bool = False) -> str:
    """A table with LaTeX between dollar signs; with `layers` one more with a line for each step."""
    told = said(derived)
    formulas = told.formulas
    lines = [f"## {escaped(derived.graph.name)}", "", "| | for N samples |", "|:--|:--|"]
    lines.append(f"| Parameters | ${LATEX.number(formulas.params)}$ |")
    for name, total in (("MACs", formulas.macs), ("Other ops", formulas.ops), ("Activations", formulas.activations)):
        text = f"${written(told.terms(total.known), LATEX, batch=True)}$"
        text += "".join(f", and what `{each.node.id}` takes" for each in total.untold)
        lines.append(f"| {name} | {text} |")
    if layers:
        lines += ["", "| layer | step | output | MACs | other ops |", "|:--|:--|:--|:--|:--|"]
        lines += [_line(told, each) for each in formulas.steps]
    return "\n".join([*lines, "", *(f"- {_escaped_but_code(each)}" for each in notes(told)), ""])


def _line(told: Said, each: Step) -> str:
    def formula(value: Whole | None, now: int) -> str:
        if value is None:
            return f"{thousands(now)} as written"
        return f"${written(told.terms(value), LATEX)}$" if value else ""

    shape = r" \times ".join(written(told.terms(size), LATEX, bracket=True) for size in each.shape)
    cells = (formula(each.macs, each.now.macs), formula(each.ops, each.now.ops))
    return (
        f"| `{each.node.id}` | {escaped(step(each.node.layer, each.node.inputs))} | ${shape}$ | {' | '.join(cells)} |"
    )


def _escaped_but_code(text: str) -> str:
    """What stands between backticks stays."""
    return "`".join(part if place % 2 else escaped(part) for place, part in enumerate(text.split("`")))

"""The numbers of a network, ready to be shown."""

import json
from fractions import Fraction
from math import inf
from typing import Any

from cnnspec.passes.memory.precision import Precision
from cnnspec.passes.roofline.estimate import Device
from cnnspec.pipeline import Compiled
from cnnspec.reports.look import Look
from cnnspec.reports.network.asked import ALL, WIDTHS, Asked, fitting


class Report:
    """The numbers of a network, ready to be shown."""

    def __init__(self, compiled: Compiled, asked: Asked = ALL) -> None:
        self._compiled = compiled
        self._asked = fitting(asked)

    def __repr__(self) -> str:
        built, analysis = self._compiled.built, self._compiled.analysis
        assert built is not None
        totals = analysis.totals
        numbers = f"{totals.params:,} parameters, {totals.macs * self._asked.times:,} MACs"
        return f"<cnnspec.Report of {built.graph.name}: {len(built.graph.nodes):,} steps, {numbers}>"

    def to_dict(self) -> dict[str, Any]:
        """By the schema of docs/report-schema.md; it lists every step, whatever `levels` is."""
        from cnnspec.reports.network.json import report_record

        return report_record(self._compiled, self._asked)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_csv(self) -> str:
        from cnnspec.reports.network.plain import report_csv

        return report_csv(self._compiled, self._asked)

    def to_markdown(self) -> str:
        from cnnspec.reports.network.plain import report_markdown

        return report_markdown(self._compiled, self._asked)

    def to_html(self) -> str:
        """A page that needs nothing else, to be written to a file; `_repr_html_` is the table for a notebook."""
        from cnnspec.reports.page.page import report_page

        return report_page(self._compiled, self._asked)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, width: int = 120) -> str:
        """The table of `cnnspec report`, for so many columns."""
        from cnnspec.reports.network.table import report_table

        return report_table(self._compiled, Look(width=width), self._asked)

    def _repr_html_(self) -> str:
        from cnnspec.reports.network.notebook import report_html

        return report_html(self._compiled, self._asked)


def device_of(flops: float | Fraction, bytes: float | Fraction) -> Device:
    """A device by what it does in a second; ValueError unless both are numbers above 0."""
    for name, value in (("flops", flops), ("bytes", bytes)):
        if not 0 < value < inf:
            raise ValueError(f"a device's {name} are a number above 0, not {value}")
    return Device(Fraction(flops), Fraction(bytes))


def precision_of(name: str) -> Precision:
    """What a number takes; ValueError for what is none."""
    if name not in WIDTHS:
        raise ValueError(f"precision is one of {', '.join(WIDTHS)}, not {name!r}")
    return WIDTHS[name]

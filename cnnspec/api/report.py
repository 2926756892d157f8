"""The numbers of a network, ready to be shown."""

import json
from typing import Any

from cnnspec.pipeline import Compiled
from cnnspec.reports.asked import Asked
from cnnspec.reports.look import Look


class Report:
    """The numbers of a network, ready to be shown."""

    def __init__(self, compiled: Compiled, levels: int | None = None, batch: int | None = None) -> None:
        for name, value in (("levels", levels), ("batch", batch)):
            if value is not None and value < 1:
                raise ValueError(f"{name} is a whole number above 0, not {value}")
        self._compiled = compiled
        self._asked = Asked(levels, batch)

    def to_dict(self) -> dict[str, Any]:
        """By the schema of docs/report-schema.md; it lists every step, whatever `levels` is."""
        from cnnspec.reports.json import report_record

        return report_record(self._compiled, self._asked)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_csv(self) -> str:
        from cnnspec.reports.plain import report_csv

        return report_csv(self._compiled, self._asked)

    def to_markdown(self) -> str:
        from cnnspec.reports.plain import report_markdown

        return report_markdown(self._compiled, self._asked)

    def __str__(self) -> str:
        return self.to_text()

    def to_text(self, width: int = 120) -> str:
        """The table of `cnnspec report`, for so many columns."""
        from cnnspec.reports.table import report_table

        return report_table(self._compiled, Look(width=width), self._asked)

    def _repr_html_(self) -> str:
        from cnnspec.reports.html import report_html

        return report_html(self._compiled, self._asked)

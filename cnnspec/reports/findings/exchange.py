"""The forms in which `check` hands its findings to other programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled


def _concise(checked: Sequence[Compiled], look: Look) -> str:
    from cnnspec.reports.findings.concise import concise

    return "".join(concise(each.diagnostics, look) for each in checked)


def _json(checked: Sequence[Compiled], look: Look) -> str:
    from cnnspec.reports.findings.json import diagnostic_records

    return json.dumps([record for each in checked for record in diagnostic_records(each)], indent=2) + "\n"


def _github(checked: Sequence[Compiled], look: Look) -> str:
    from cnnspec.reports.findings.github import github

    return "".join(github(each.diagnostics) for each in checked)


def _sarif(checked: Sequence[Compiled], look: Look) -> str:
    from cnnspec.reports.findings.sarif import sarif

    return json.dumps(sarif(checked), indent=2) + "\n"


FORMATS: Mapping[str, Callable[[Sequence[Compiled], Look], str]] = {
    "concise": _concise,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
}

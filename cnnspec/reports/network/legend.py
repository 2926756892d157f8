"""What the columns of a report mean, for those who read them first."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from cnnspec.reports.network.figures import QUANTITIES
from cnnspec.reports.network.outline import Entry, Kind

FIELD = "field: the receptive field of one unit, in pixels of the input."
UNEVEN = "field, blank: no one size holds for all units; `cnnspec field` tells more."
BOUND = "bound by: what takes longer, computing or memory."
PARTS = "bound by, 64% compute: of several steps, computing bounds 64% of the time."
LEGEND = {
    "stride": "stride: pixels of the input from one unit to the next.",
    **{each.told: f"{each.told}: {each.said}" for each in QUANTITIES.values() if each.said},
}


def legend(titles: Collection[str], entries: Sequence[Entry]) -> list[str]:
    """A line for each column that needs one, in the order of the columns; what only some lines show is told where one
    of these does."""
    told = []
    for title in titles:
        if title == "field":
            uneven = any(each.field is None and _has_units(each) for each in entries)
            told += [FIELD, UNEVEN] if uneven else [FIELD]
        elif title == "bound by":
            parts = any(each.figures.computing not in (0, each.figures.seconds) for each in entries)
            told += [BOUND, PARTS] if parts else [BOUND]
        elif title in LEGEND:
            told.append(LEGEND[title])
    return told


def _has_units(entry: Entry) -> bool:
    """It stands for a map, whose units a field could be told of."""
    return entry.kind is not Kind.HEADING and entry.output is not None and len(entry.output) > 1

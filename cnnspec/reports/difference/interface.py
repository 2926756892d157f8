"""What differs in the interfaces of two networks, in words and as a record."""

from collections.abc import Sequence

from cnnspec.compare.interface import Change, Ends, What, told
from cnnspec.reports.findings.json import Json

TITLES = {Ends.INPUTS: "input", Ends.OUTPUTS: "output", Ends.AUX: "auxiliary head"}


def interface_words(changes: Sequence[Change], arrow: str) -> list[str]:
    """`inputs in another order: a b → b a`, a line each; shapes are told with the totals."""
    return [_words(each, arrow) for each in told(changes)]


def _words(each: Change, arrow: str) -> str:
    title = TITLES[each.ends]
    match each.what:
        case What.ORDER:
            assert isinstance(each.old, list)
            assert isinstance(each.new, list)
            return f"{title}s in another order: {' '.join(each.old)} {arrow} {' '.join(each.new)}"
        case What.NAME:
            return f"{title} under another name: {each.old} {arrow} {each.new}"
        case What.STEP if each.was and each.ends is Ends.INPUTS:
            return f"{title} {each.name} feeds what {each.was} fed"
        case What.STEP if each.was:
            return f"{title} {each.name} is what {each.was} was"
        case What.STEP if each.ends is Ends.INPUTS:
            return f"{title} {each.name} feeds other steps"
        case What.STEP:
            return f"{title} {each.name} is of another step: {each.old} {arrow} {each.new}"
        case What.WEIGHT:
            return f"{title} {each.name} has another weight: {each.old:g} {arrow} {each.new:g}"
    return f"{title} {each.what.value}: {each.name}"


def interface_record(each: Change) -> Json:
    """docs/diff.md says what the fields are."""
    old, new = (list(side) if isinstance(side, tuple) else side for side in (each.old, each.new))
    return {
        "ends": each.ends.value,
        "change": each.what.value,
        "name": each.name or None,
        "a": old,
        "b": new,
        "was": each.was,
    }

"""Another tool's total, and where it parts from ours: in a terminal, as JSON, CSV and Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cnnspec.passes.conventions.cross_walk import CrossWalk, Difference, Silence
from cnnspec.passes.conventions.rules import Tool
from cnnspec.reports.filling import fill
from cnnspec.reports.look import Look, visible
from cnnspec.reports.network.totals import Total
from cnnspec.reports.numbers import counted, thousands

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

Json = dict[str, Any]
GAP = "  "
NAMED = 3
"""So many layers are named one by one."""
ERRORS = "the network has errors, and no torch source"
UNDEFINED = "not defined"
IN_EVALUATION = "of the source that `cnnspec export --to torch` writes, in evaluation"
COLUMNS = ("number", "target", "how", "layers")


def convention_record(tool: Tool, walk: CrossWalk | None) -> Json:
    """`totals.convention` of the schema; without a cross-walk the network has errors."""
    return {
        "name": tool.name,
        "value": walk.value if walk else None,
        "reason": reason(walk),
        "unit": tool.unit,
        "counts": tool.counts,
        "complete": walk.complete if walk else False,
        "tool": f"{tool.package} {tool.version}",
        "call": tool.call,
        "batch": walk.batch if walk else 1,
        "macs": walk.ours if walk else None,
        "differences": [{**each._asdict(), "layers": list(each.layers)} for each in walk.differences] if walk else [],
        "unseen": _silences(walk.unseen) if walk else [],
        "short": _silences(walk.short) if walk else [],
        "undefined": _silences(walk.undefined) if walk else [],
    }


def _silences(found: Sequence[Silence]) -> list[Json]:
    return [{**each._asdict(), "layers": list(each.layers)} for each in found]


def reason(walk: CrossWalk | None) -> str | None:
    """Why there is no number; None where there is one."""
    if walk is None:
        return ERRORS
    return "; ".join(_told(each) for each in walk.undefined) or None


def convention_total(tool: Tool, walk: CrossWalk | None) -> Total:
    """The number as one of a report's totals."""
    if walk is None or walk.value is None:
        return Total(tool.name, UNDEFINED, reason(walk) or "")
    source = f"`{tool.call}` of {tool.package} {tool.version}"
    return Total(tool.name, thousands(walk.value), f"{tool.unit} for {_samples(walk)}, {_bound(walk)}: {source}")


def convention_lines(tool: Tool, walk: CrossWalk | None, look: Look) -> str:
    """What stands under a report: the number, what it is of, and whether it is all."""
    if walk is None or walk.value is None:
        number, remark = UNDEFINED, reason(walk) or ""
    else:
        number, remark = thousands(walk.value), f"{tool.unit} for {_samples(walk)}, {_bound(walk)}"
    head = f"{tool.name}{GAP}{number}{GAP}"
    lines = fill(remark, look, len(head))
    lines[0] = f"{tool.name}{GAP}{look.paint('bold', number)}{GAP}{lines[0].lstrip()}"
    indent = len(head) if len(head) + len(tool.call) + 2 <= look.width else len(GAP)  # a call is never divided
    lines += fill(f"`{tool.call}` of {tool.package} {tool.version}, {IN_EVALUATION}", look, indent)
    return "\n".join(["", *lines, ""])


def convention_item(tool: Tool, walk: CrossWalk | None) -> str:
    """The same as an item of the Markdown list of totals."""
    total = convention_total(tool, walk)
    return f"- {total.name}: **{total.number}** ({total.remark})\n"


def cross_walk_text(compiled: Compiled, tool: Tool, walk: CrossWalk | None, look: Look) -> str:
    """The sum that leads from our MACs to the tool's number, and what the number is."""
    about = [
        f"{tool.name}: `{tool.call}` of {tool.package} {tool.version}, {IN_EVALUATION}.",
        f"It counts {tool.counts}.",
    ]
    if walk is None or walk.value is None:
        silent = walk.undefined if walk else ()
        about.append("It is not defined for this network:" if silent else f"It is not defined: {ERRORS}.")
        lines = []
    else:
        silent = walk.unseen
        bound = "complete." if walk.complete else "a lower bound." + " Without a number there:" * bool(silent)
        about.append(f"In its own sense it is {bound}")
        lines = [*_sum(walk, look), ""]
    about += [f"{GAP}{_told(each)}" for each in silent]
    if walk is not None and walk.value is not None and walk.short:
        about += ["Counted for less than there is:", *(f"{GAP}{_told(each)}" for each in walk.short)]
    if tool.one_sample:
        about.append("It is for one sample, as the tool makes a batch of one by itself.")
    told = [line for text in about for line in fill(text.lstrip(), look, len(text) - len(text.lstrip()), 4)]
    return "\n".join([_title(compiled, tool, look), "", *lines, *told, ""])


def _title(compiled: Compiled, tool: Tool, look: Look) -> str:
    assert compiled.built is not None
    assert compiled.source is not None
    name, file = (visible(each, look.encoding) for each in (compiled.built.graph.name, compiled.source.name))
    return f"{look.paint('bold', name)}{GAP}as {tool.name} counts it{GAP}{look.paint('dim', file)}"


def _sum(walk: CrossWalk, look: Look) -> Iterator[str]:
    assert walk.value is not None
    parts = [(thousands(walk.ours), f"MACs of cnnspec for {_samples(walk)}")]
    parts += [(f"{each.number:+,}", f"{_where(each)}: {each.how}") for each in walk.differences]
    total = (thousands(walk.value), f"{walk.tool.unit} of {walk.tool.name}")
    width = max(len(number) for number, _ in (*parts, total))
    for number, text in parts:
        first, *more = fill(text, look, width + len(GAP))
        yield f"{number:>{width}}{GAP}{first.lstrip()}"
        yield from more
    yield ("─" if look.unicode else "-") * width
    yield f"{look.paint('bold', f'{total[0]:>{width}}')}{GAP}{total[1]}"


def cross_walk_csv(walk: CrossWalk) -> str:
    """RFC 4180: first our MACs, then what makes the tool's number of them; layers are separated by spaces."""
    to = io.StringIO()
    writer = csv.writer(to, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerow((walk.ours, "", "MACs of cnnspec", ""))
    for each in walk.differences:
        target = f"'{each.target}" if each.target in "+-" else each.target  # a spreadsheet would take it for a formula
        writer.writerow((each.number, target, each.how, " ".join(map(visible, each.layers))))
    return to.getvalue()


def cross_walk_markdown(compiled: Compiled, tool: Tool, walk: CrossWalk | None) -> str:
    assert compiled.built is not None
    lines = [f"## {visible(compiled.built.graph.name)} as {tool.name} counts it", ""]
    if walk is not None and walk.value is not None:
        lines += ["| number | torch | layers | how |", "|--:|:--|--:|:--|"]
        lines.append(f"| {thousands(walk.ours)} | | | MACs of cnnspec for {_samples(walk)} |")
        rows = (
            f"| {each.number:+,} | `{each.target}` | {len(each.layers)} | {each.how} |" for each in walk.differences
        )
        lines += [*rows, f"| **{thousands(walk.value)}** | | | {tool.unit} of {tool.name} |", ""]
        lines += [f"- not counted there: {_told(each, '`')}" for each in walk.unseen]
        lines += [f"- counted for less than there is: {_told(each, '`')}" for each in walk.short]
    return "\n".join([*lines, convention_item(tool, walk)])


def _samples(walk: CrossWalk) -> str:
    return "one sample" if walk.batch == 1 else f"a batch of {thousands(walk.batch)}"


def _bound(walk: CrossWalk) -> str:
    if walk.complete:
        return "complete"
    unseen, short = (sum(len(each.layers) for each in some) for some in (walk.unseen, walk.short))
    why = [f"has no rule for {counted(unseen, 'step')}"] if unseen else []
    why += [f"counts {counted(short, 'step')} for less than there is"] if short else []
    return f"a lower bound, as it {' and '.join(why)}"


def _told(each: Silence, mark: str = "") -> str:
    return f"{_where(each, mark)}: {each.why}" if each.target else each.why


def _where(each: Difference | Silence, mark: str = "") -> str:
    """`nn.BatchNorm2d in bn1`, `nn.BatchNorm2d in 20 layers, bn1 to layer4.1.bn2`."""
    names = [visible(name) for name in each.layers]
    places = ", ".join(names) if len(names) <= NAMED else f"{counted(len(names), 'layer')}, {names[0]} to {names[-1]}"
    return f"{mark}{each.target}{mark} in {places}"

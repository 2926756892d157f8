"""`cnnspec diff` in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from cnnspec.compare.difference import Difference
from cnnspec.compare.growth import Growth
from cnnspec.reports.difference.interface import interface_words
from cnnspec.reports.difference.lines import followers, lines
from cnnspec.reports.difference.table import change_table
from cnnspec.reports.difference.totals import (
    checkpoint,
    following,
    mistaken,
    names,
    parameters_said,
    remainder,
    renames,
    settled,
    told_growth,
    totals,
    unrelated,
    verdict,
)
from cnnspec.reports.look import Look, cells, visible
from cnnspec.reports.numbers import counted

GAP = 2
MOST_RENAMES = 20
TITLES = ("", "before", "after", "difference", "")


def difference_text(found: Difference, growth: Sequence[Growth], look: Look, every: bool = False) -> str:
    """Names and totals, what changed, what becomes of a checkpoint, and bounds on growth. `every` step and tensor is
    listed, else what is alike is told once."""
    parts = [_head(found, look, every), _totals(found, look)]
    if not found.is_identical:
        parts += [_interface(found, look), _changes(found, look, every), _tensors(found, look, every)]
    parts.append(_growth(growth, look))
    return "\n".join(filter(None, parts))


def _head(found: Difference, look: Look, every: bool) -> str:
    models = [each.built.graph.name for each in (found.a, found.b) if each.built]
    title = f" {look.arrow} ".join(look.paint("bold", visible(each, look.encoding)) for each in dict.fromkeys(models))
    files = [visible(each, look.encoding) for each in names(found)]
    told = [verdict(found), parameters_said(found, look.arrow)]
    said = "\n".join(wrap(visible("; ".join(filter(None, told)), look.encoding), look.width))
    if found.common.hardly_any:
        note = unrelated(found) + ("" if every else "; `--all` sets their steps side by side")
        said = "\n".join([said, *(look.paint("warning", each) for each in wrap(note, look.width))])
    return f"{title}  {look.paint('dim', f' {look.arrow} '.join(files))}\n{said}\n"


def _totals(found: Difference, look: Look) -> str:
    """Numbers in full, or of three digits where the stream is too narrow; then without what they differ by."""
    if found.is_identical:
        return ""
    for brief, places in ((False, range(5)), (True, range(5)), (True, (0, 1, 2, 4))):
        told = totals(found, brief)
        rows = [tuple(row[place] for place in places) for row in (TITLES, *told)]
        widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
        if sum(widths) + GAP * (len(widths) - 1) <= look.width:
            break
    drawn = []
    for place, (title, *numbers) in enumerate(rows):
        texts = [
            f"{title:<{widths[0]}}",
            *(f"{cell:>{width}}" for cell, width in zip(numbers, widths[1:], strict=True)),
        ]
        bold = not place or told[place - 1].differs
        drawn.append(look.paint("bold" if bold else "dim", (" " * GAP).join(texts).rstrip()))
    return "\n".join([*drawn, ""])


def _interface(found: Difference, look: Look) -> str:
    """What whoever calls the network has to know."""
    words = [visible(each, look.encoding) for each in interface_words(found.interface, look.arrow)]
    lines = [line for each in words for line in wrap(each, look.width, initial_indent="  ", subsequent_indent="    ")]
    return "\n".join([look.paint("bold", "Interface"), *lines, ""]) if lines else ""


def _changes(found: Difference, look: Look, every: bool) -> str:
    if found.common.hardly_any and not every:
        return ""
    listed = lines(found, look.arrow, every)
    drawn = change_table(listed, look) if listed else []
    left = [] if every else followers(found)
    if left:
        rest = remainder(found, listed)
        note = f"{following(len(left))}{f' (outside of what is listed: {rest})' if rest else ''}; `--all` lists them"
        drawn += [*([""] if drawn else []), *(look.paint("dim", each) for each in wrap(note, look.width))]
    return "\n".join([*drawn, ""]) if drawn else ""


def _tensors(found: Difference, look: Look, every: bool) -> str:
    """What becomes of an old checkpoint, and which names to change; nothing where all of it fits."""
    table = found.tensors
    caveat = settled(found, lambda name: f"`{visible(name, look.encoding)}`")
    if not (table.renamed or table.reshaped or table.left or table.fresh or caveat):
        return ""
    told = wrap(f"An old checkpoint: {', '.join([*checkpoint(table), *filter(None, [caveat])])}", look.width)
    told = [look.paint("warning", each) for each in told] if caveat else told
    if table.mistaken:
        told += [look.paint("warning", each) for each in wrap(mistaken(table), look.width)]
    folds = renames(table, every)
    shown = folds if every else folds[:MOST_RENAMES]
    left = max((cells(old) for old, _, _ in shown), default=0)
    for old, new, count in shown:
        more = f"  ({counted(count, 'tensor')})" if count > 1 else ""
        told.append(visible(f"  {old:<{left}} {look.arrow} {new}{more}", look.encoding))
    if len(folds) > len(shown):
        told.append(f"  {look.ellipsis} and {len(folds) - len(shown):,} more; `--all` lists them")
    return "\n".join([*told, ""])


def _growth(growth: Sequence[Growth], look: Look) -> str:
    if not growth:
        return ""
    told = []
    for each in growth:
        sign = look.paint("error", "over") if each.is_over else look.paint("ok", "ok")
        told.append(f"{sign}: {told_growth(each)}")
    return "\n".join([*told, ""])

"""An explanation in Markdown, its formulas in the LaTeX that GitHub renders between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from cnnspec.reports.explained.document import Document, Legend, Part, Sentence, Table, Worked, together
from cnnspec.reports.explained.notation import LATEX, steps, symbol
from cnnspec.reports.look import visible


def explained_markdown(document: Document) -> str:
    """A section of a page: a heading of the second level, those of its parts below it."""
    title = f"## `{visible(document.name)}`"
    lines = [title, ""]
    if document.step:
        lines += [f"`{visible(document.step)}`", ""]
    lines += [_plain(document.summary), ""]
    for section in document.sections:
        lines += [f"### {section.title}", ""]
        for part in section.parts:
            lines += [*_shown(part), ""]
    return "\n".join(_without_gaps(lines))


def _shown(part: Part) -> Iterator[str]:
    match part:
        case Sentence(text):
            yield _plain(text)
        case Worked():
            yield _worked(part)
        case Legend(_, primed, comma):
            # GitHub reads a dollar sign behind a blank alone.
            told = [_named(names, text) for names, text in together(part)]
            yield f"{comma.strip()} ".join([*told, *([_plain(primed)] if primed else [])])
        case Table():
            yield from _table(part)


def _named(names: Sequence[str], text: str) -> str:
    if [*names] == [text]:
        return _plain(text)
    return f"{', '.join(f'${symbol(each, LATEX)}$' for each in names)} {_plain(text)}"


def _worked(part: Worked) -> str:
    """In a line of its own, in a list behind its label, or before its remark."""
    names = part.name.split(" = ")
    pieces = steps(part.formula, LATEX, names[0])
    pieces[1:1] = [symbol(each, LATEX) for each in names[1:]]
    remark = f" ({_plain(part.remark)})" if part.remark else ""
    text = " = ".join(pieces)
    if part.label:
        return f"- {_plain(part.label)}: ${text}${remark}"
    if not remark:
        return f"$${text}$$"
    # In the line, where a formula set apart would leave its remark in a paragraph alone; `%` in LaTeX begins a comment.
    upright = text.replace(r"\frac", r"\dfrac")
    return f"${upright}${remark}"


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_plain, table.titles))} |"
    yield "|" + "|".join("--:" if each else ":--" for each in table.right) + "|"
    for row in table.rows:
        yield f"| {' | '.join(_cell(visible(cell)) for cell in row)} |"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|")


def _plain(text: str) -> str:
    """Nothing outside of backticks is Markdown, HTML or mathematics."""
    parts = re.split(r"(`[^`]*`)", visible(text))
    return "".join(each if each.startswith("`") else re.sub(r"([\\*_<\[$#])", r"\\\1", each) for each in parts)


def _without_gaps(lines: list[str]) -> Iterator[str]:
    """Entries of a list stand together, with a blank line before the first."""
    for place, line in enumerate(lines):
        inside = 0 < place < len(lines) - 1 and lines[place - 1].startswith("- ") and lines[place + 1].startswith("- ")
        if line or not inside:
            yield line

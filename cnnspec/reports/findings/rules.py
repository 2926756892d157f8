"""The catalogue of rules and the page of each: for a terminal, as Markdown, as data."""

from collections.abc import Callable, Sequence
from typing import Any

from cnnspec.reports.look import Look
from cnnspec.rules.page import Page, Program, Prose
from cnnspec.rules.rule import GROUPS, Rule

Said = Callable[[Program], str]
"""What `check` says of a program, as a terminal without colour shows it."""


def standing(rule: Rule) -> str:
    """`error · shapes`, `warning · pedantic · off by default · has fixes`"""
    parts = [rule.severity.value, rule.group]
    parts += [] if rule.on else ["off by default"]
    parts += ["has fixes"] if rule.fixes else []
    return " · ".join(parts)


def catalogue(pages: Sequence[Page], look: Look) -> str:
    """All rules by group, a line each."""
    wide = max(len(each.rule.id) for each in pages)
    lines: list[str] = []
    for group, about in GROUPS.items():
        members = [each for each in pages if each.rule.group == group]
        if members:
            lines += ["", look.paint("bold", group) + look.paint("dim", f"  {about}")]
        for page in members:
            severity = page.rule.severity.value
            name = look.paint(severity, f"{page.rule.id:<{wide}}")
            lines.append(f"  {name}  {_cut(_plain(page.summary), look.width - wide - 4, look)}".rstrip())
    told = ["", look.paint("dim", "`cnnspec rule ID` shows a rule: why it is there, what fails, what is right"), ""]
    return "\n".join([*lines[1:], *told])


def _plain(text: str) -> str:
    return text.rstrip(".")


def _cut(text: str, room: int, look: Look) -> str:
    if len(text) <= room:
        return text
    return text[: max(room - len(look.ellipsis), 0)].rstrip() + look.ellipsis


def page_text(page: Page, said: Said, look: Look) -> str:
    """One page for a terminal: prose filled to the width, programs indented, what is said of them behind a bar."""
    name = look.paint(page.rule.severity.value, page.rule.id)
    parts = [f"{name}  {look.paint('dim', _ascii(standing(page.rule), look))}", look.paint("bold", page.summary)]
    for block in page.blocks:
        if isinstance(block, Prose):
            parts.append(_filled(block.text, min(look.width, 100)))
            continue
        parts.append("\n".join([_title(block, look), *_indented(block.text)]))
        if block.language == "cnn" and block.fails:
            parts.append("\n".join(_indented(said(block))))
    return "\n\n".join(parts) + "\n"


def _ascii(text: str, look: Look) -> str:
    return text if look.unicode else text.replace("·", "-")


def _title(program: Program, look: Look) -> str:
    if program.beside is not None:
        return look.paint("bold", f"{program.beside}:")
    if program.language == "console":
        return look.paint("bold", "fails:")
    words = "fails" if program.fails else "right"
    with_options = f", with `{' '.join(program.options)}`" if program.options else ""
    return look.paint("error" if program.fails else "ok", words) + f"{with_options}:"


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.rstrip("\n").split("\n")]


def _filled(text: str, width: int) -> str:
    from textwrap import fill

    paragraphs = text.split("\n\n")
    return "\n\n".join(each if each.startswith(("- ", "    ")) else fill(each, width) for each in paragraphs)


def page_markdown(page: Page, said: Said, level: int = 1) -> str:
    """One page as Markdown, with what is said of each program that fails behind it."""
    parts = [f"{'#' * level} {page.rule.id}", f"*{standing(page.rule)}*", page.summary]
    for block in page.blocks:
        if isinstance(block, Prose):
            parts.append(block.text)
            continue
        heading = f"`{block.beside}`:" if block.beside else None
        if block.options:
            heading = f"With `{' '.join(block.options)}`:"
        parts += [heading] if heading else []
        parts.append(_fence(f"{block.language} fails" if block.fails else block.language, block.text))
        if block.language == "cnn" and block.fails:
            parts.append(_fence("text", said(block)))
    return "\n\n".join(parts) + "\n"


def _fence(kind: str, text: str) -> str:
    return f"```{kind}\n{text.rstrip()}\n```"


def catalogue_markdown(pages: Sequence[Page], said_of: Callable[[Page], Said]) -> str:
    """The whole catalogue: a table by group, then every page."""
    parts = []
    for group, about in GROUPS.items():
        rows = [page for page in pages if page.rule.group == group]
        if rows:
            parts.append(f"**{group}**: {about}")
            parts.append("\n".join(["| rule | | |", "|---|---|---|", *map(_row, rows)]))
    parts += [page_markdown(page, said_of(page), 2).rstrip() for page in pages]
    return "\n\n".join(parts) + "\n"


def _row(page: Page) -> str:
    summary = page.summary.replace("|", "\\|")
    return f"| [{page.rule.id}](#{page.rule.id}) | {page.rule.severity.value} | {summary} |"


def page_record(page: Page, said: Said) -> dict[str, Any]:
    """One rule as data."""
    return {**rule_record(page), "page": page_markdown(page, said)}


def rule_record(page: Page) -> dict[str, Any]:
    rule = page.rule
    return {
        "id": rule.id,
        "severity": rule.severity.value,
        "group": rule.group,
        "on": rule.on,
        "fixes": rule.fixes,
        "summary": page.summary,
    }

"""The words in Markdown: `cnnspec words --format markdown` is docs/words.md."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from cnnspec.manual.entries import Argument
from cnnspec.manual.worked import Page
from cnnspec.reports.look import Look
from cnnspec.reports.words.signature import default, notation, signature
from cnnspec.reports.words.torch_call import torch_lines
from cnnspec.reports.words.worked import in_and_out, numbers, onnx_operators

HEAD = """# Words

All words that make a step, by chapter. This page is made by `cnnspec words --format markdown > docs/words.md` of what
each word says of itself in `cnnspec/layers/`; the examples are worked out by the compiler. `cnnspec words conv` shows a
word in a terminal. How words are put together is in [language.md](language.md), what is counted in
[counting.md](counting.md).

In formulas x is what comes in and y what comes out; C, H and W are the channels, height and width of x, F is the
kernel, S the stride, P the padding and D the dilation on an axis. In what is written, capitals are replaced, and what
stands in brackets may be left out; it shows the default.
"""


def words_markdown(pages: Sequence[Page]) -> str:
    """The whole page: the words by chapter, then each with its section."""
    chapters = [(chapter, list(found)) for chapter, found in groupby(pages, lambda each: each.entry.chapter)]
    lines = [HEAD]
    for chapter, found in chapters:
        links = ", ".join(f"[`{each.entry.word}`](#{each.entry.word})" for each in found)
        lines.append(f"- {chapter}: {links}")
    for chapter, found in chapters:
        lines += ["", f"## {chapter.capitalize()}"]
        for each in found:
            lines += ["", word_markdown(each).rstrip("\n")]
    return "\n".join([*lines, ""])


def word_markdown(page: Page) -> str:
    """The section of one word."""
    entry, said, look = page.entry, page.entry.explained, Look()
    lines = [f"### {entry.word}", "", said.summary, "", *fenced([" ".join(signature(entry))]), *fenced(said.formula)]
    for paragraph in said.text:
        lines += [paragraph, ""]
    if entry.arguments:
        lines += ["| argument | default | what | takes |", "|:--|:--|:--|:--|"]
        lines += [*map(_row, entry.arguments), ""]
    lines += [f"**Shapes.** {said.shapes}", "", f"**Parameters.** {said.parameters}", ""]
    lines += [f"**Example.** {in_and_out(page.example, look)}", "", *fenced(_worked(page))]
    if page.more:
        lines += ["**More.**", "", *(f"- {in_and_out(each, look)}" for each in page.more), ""]
    lines += [f"**Source.** {said.source}", ""]
    if entry.also:
        lines += [f"**Elsewhere.** {', '.join(f'`{each}`' for each in entry.also)}", ""]
    return "\n".join(lines)


def _worked(page: Page) -> Iterator[str]:
    yield from page.example.arithmetic
    yield from numbers(page.example)
    for place, line in enumerate(torch_lines(page.example.torch, len(page.example.example.inputs))):
        yield f"{'' if place else 'torch':<6} {line}"
    if operators := onnx_operators(page.example):
        yield f"ONNX   {operators}"


def fenced(lines: Iterable[str]) -> list[str]:
    """Lines to be shown as they are; nothing for none."""
    found = list(lines)
    return ["```text", *found, "```", ""] if found else []


def _row(argument: Argument) -> str:
    field = argument.field
    given = "needed" if field.required else f"`{default(field)}`" if default(field) else ""
    return f"| `{notation(field)}` | {given} | {_cell(argument.text)} | {_cell(field.kind.expects)} |"


def _cell(text: str) -> str:
    """A bar would end the cell, in code too."""
    return text.replace("|", "\\|")

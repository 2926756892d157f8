"""`cnnspec words` in a terminal: the list of all words, and the page of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from cnnspec.manual.entries import Argument, Entry
from cnnspec.reports.filling import fill, flow, spelled
from cnnspec.reports.look import Look, lay
from cnnspec.reports.words.signature import default, notation, signature
from cnnspec.reports.words.torch_call import torch_lines
from cnnspec.reports.words.worked import in_and_out, numbers, onnx_operators

if TYPE_CHECKING:
    from cnnspec.manual.worked import Page

LABEL = 12
"""Cells before a fact of the page."""

LEAST_ROOM = 30
"""Cells for an explanation beside its argument; with fewer it goes below it."""


def word_list(entries: Iterable[Entry], look: Look) -> str:
    """A chapter after the other, a line a word."""
    found = list(entries)
    wide = max(len(each.word) for each in found)
    lines = []
    for chapter, words in groupby(found, lambda each: each.chapter):
        lines += [look.paint("bold", chapter), *(_in_list(each, wide, look) for each in words), ""]
    ask = "`cnnspec words conv` explains one: how it is written, its formula, an example worked out."
    return "\n".join([*lines, *(look.paint("dim", line) for line in fill(ask, look)), ""])


def _in_list(entry: Entry, wide: int, look: Look) -> str:
    summary = spelled(entry.explained.summary.removesuffix("."), look)
    told = lay(summary, 0, 0, max(look.width - wide - 4, 8), look).text
    return f"  {look.paint('step', entry.word)}{' ' * (wide - len(entry.word))}  {told}"


def word_page(page: Page, look: Look) -> str:
    """All that there is to say of a word: its first example worked out, and the others in a line each."""
    entry, said = page.entry, page.entry.explained
    first, *others = fill(f"{entry.word} {look.dash} {said.summary}", look, 0, 2)
    lines = [look.paint("bold", entry.word) + first[len(entry.word) :], *others, ""]
    lines += [look.paint("step", line) for line in flow(signature(entry), look, 2, 6)]
    lines += ["", *(f"    {spelled(line, look)}" for line in said.formula), ""]
    for paragraph in said.text:
        lines += [*fill(paragraph, look), ""]
    if entry.arguments:
        lines += [look.paint("bold", "Arguments"), *_arguments(entry.arguments, look), ""]
    facts = (
        ("Shapes", [said.shapes]),
        ("Parameters", [said.parameters]),
        ("Example", [in_and_out(page.example, look), *page.example.arithmetic, *numbers(page.example)]),
        ("In torch", torch_lines(page.example.torch, len(page.example.example.inputs))),
        ("In ONNX", [onnx_operators(page.example)]),
        ("More", [in_and_out(each, look) for each in page.more]),
        ("Source", [said.source]),
        ("Elsewhere", [", ".join(entry.also)]),
    )
    for label, told in facts:
        lines += _fact(label, [each for each in told if each], look)
    return "\n".join([*lines, ""])


def _arguments(arguments: Sequence[Argument], look: Look) -> Iterator[str]:
    """`/stride   1   pixels from one window to the next (a size …)`"""
    rows = [(notation(each.field), _given(each), each) for each in arguments]
    first, second = (max(len(row[place]) for row in rows) for place in (0, 1))
    at = 2 + first + 2 + second + 2
    for name, given, argument in rows:
        head = f"  {name:<{first}}  {look.paint('dim', given)}{' ' * (second - len(given))}"
        told = f"{argument.text} ({argument.field.kind.expects})"
        if look.width - at < LEAST_ROOM:
            yield from (head.rstrip(), *fill(told, look, 4))
        else:
            line, *others = fill(told, look, at)
            yield from (f"{head}  {line.lstrip()}", *others)


def _given(argument: Argument) -> str:
    return "needed" if argument.field.required else default(argument.field)


def _fact(label: str, told: Sequence[str], look: Look) -> Iterator[str]:
    for place, text in enumerate(told):
        first, *others = fill(text, look, LABEL, LABEL + 2 if place or len(told) > 1 else LABEL)
        head = look.paint("bold", label) + " " * (LABEL - len(label)) if place == 0 else " " * LABEL
        yield from (head + first[LABEL:], *others)

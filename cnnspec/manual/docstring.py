"""What the docstring of a word says, in parts. Every word is held to this form by the tests.

Name: what it does, in one line.

    the formula, line by line

Paragraphs.

Shapes: …
Arguments:
    name: what it means
Parameters: …
Source: …
"""

import re
from textwrap import dedent
from typing import NamedTuple

SECTIONS = ("Shapes", "Arguments", "Parameters", "Source")
INDENT = "    "

_SECTION = re.compile(rf"^({'|'.join(SECTIONS)}):(?: |$)", re.MULTILINE)
_ARGUMENT = re.compile(r"^(\w+): ", re.MULTILINE)


class Explained(NamedTuple):
    """`formula` are lines to be shown as they are, `text` paragraphs to be filled; `arguments` are in their order."""

    summary: str
    formula: tuple[str, ...]
    text: tuple[str, ...]
    shapes: str
    arguments: dict[str, str]
    parameters: str
    source: str


def explained(docstring: str) -> Explained:
    """The parts of a docstring; AssertionError if a section is missing, is there twice or stands out of order."""
    summary, _, rest = docstring.strip().partition("\n")
    body, *pieces = _SECTION.split(dedent(rest))
    names, texts = pieces[::2], pieces[1::2]
    assert tuple(names) == SECTIONS, f"the sections are {SECTIONS}, not {names}: {summary}"
    shapes, arguments, parameters, source = texts
    blocks = [each for each in re.split(r"\n\s*\n", body.strip("\n")) if each.strip()]
    return Explained(
        summary=summary,
        formula=tuple(line for each in blocks if _indented(each) for line in dedent(each).splitlines()),
        text=tuple(_filled(each) for each in blocks if not _indented(each)),
        shapes=_filled(shapes),
        arguments=_arguments(arguments),
        parameters=_filled(parameters),
        source=_filled(source),
    )


def _arguments(text: str) -> dict[str, str]:
    if text.strip() == "none.":
        return {}
    before, *pieces = _ARGUMENT.split(dedent(text))
    assert not before.strip(), f"`{before.strip()}` explains no argument"
    return {name: _filled(each) for name, each in zip(pieces[::2], pieces[1::2], strict=True)}


def _indented(block: str) -> bool:
    return block.startswith(INDENT)


def _filled(text: str) -> str:
    return " ".join(text.split())

"""The page of a keyword in a terminal."""

from cnnspec.manual.keywords import Keyword
from cnnspec.reports.filling import fill, spelled
from cnnspec.reports.look import Look


def keyword_page(keyword: Keyword, look: Look) -> str:
    """How it is written, what it does, and a file that uses it."""
    head = f" {look.dash} a keyword of the language"
    lines = [look.paint("bold", keyword.word) + look.paint("dim", head), ""]
    lines += [look.paint("step", f"  {spelled(each, look)}") for each in keyword.forms]
    lines += ["", *fill(keyword.text, look), ""]
    if keyword.example:
        lines += [
            look.paint("bold", "Example"),
            *(f"  {spelled(each, look)}".rstrip() for each in keyword.example.splitlines()),
            "",
        ]
    return "\n".join(
        [*lines, *(look.paint("dim", line) for line in fill("docs/language.md says all of it.", look)), ""]
    )

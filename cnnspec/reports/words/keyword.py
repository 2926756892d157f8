"""The page of a keyword: in a terminal, in Markdown, as data."""

from cnnspec.manual.keywords import Keyword
from cnnspec.reports.filling import fill, spelled
from cnnspec.reports.findings.json import Json
from cnnspec.reports.look import Look


def keyword_page(keyword: Keyword, look: Look) -> str:
    """How it is written, what it does, and a file that uses it."""
    head = f" {look.dash} a keyword of the language"
    lines = [look.paint("bold", keyword.word) + look.paint("dim", head), ""]
    lines += [look.paint("step", f"  {spelled(each, look)}") for each in keyword.forms]
    lines += ["", *fill(keyword.text, look), ""]
    for each in keyword.lines:
        lines += [look.paint("step", f"  {spelled(each.form, look)}"), *fill(each.text, look, 6)]
    lines += [""] * bool(keyword.lines)
    if keyword.example:
        lines += [
            look.paint("bold", "Example"),
            *(f"  {spelled(each, look)}".rstrip() for each in keyword.example.splitlines()),
            "",
        ]
    return "\n".join(
        [*lines, *(look.paint("dim", line) for line in fill("docs/language.md says all of it.", look)), ""]
    )


def keyword_markdown(keyword: Keyword) -> str:
    """The same as a section, like that of a word."""
    from cnnspec.reports.words.markdown import fenced

    lines = [f"### {keyword.word}", "", *fenced(keyword.forms), keyword.text, ""]
    lines += [f"- `{each.form}`: {each.text}" for each in keyword.lines] + [""] * bool(keyword.lines)
    if keyword.example:
        lines += ["**Example.**", "", *fenced(keyword.example.splitlines())]
    return "\n".join(lines)


def keyword_record(keyword: Keyword) -> Json:
    """The same as data; docs/cli.md says what each field is."""
    return {
        "keyword": keyword.word,
        "forms": list(keyword.forms),
        "text": keyword.text,
        "example": keyword.example or None,
        "lines": [each._asdict() for each in keyword.lines],
    }

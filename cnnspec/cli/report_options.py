"""The options that say what `cnnspec report` shows."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cnnspec.reports.asked import Asked

FORMATS = ("table", "json", "csv", "markdown")
ENDINGS = {".json": "json", ".csv": "csv", ".md": "markdown"}
"""What a file holds whose format is not said."""

Verb = Callable[..., int]


def report_options(function: Verb) -> Verb:
    """`--levels --batch`, which the verb gets together as `asked`."""

    @wraps(function)
    def with_asked(*, levels: int | None, batch: int | None, **others: Any) -> int:
        return function(asked=Asked(levels, batch), **others)

    verb: Verb = with_asked
    for option in (
        click.option(
            "--batch", type=click.IntRange(min=1), metavar="N", help="Shapes, MACs and ops for N samples at once."
        ),
        click.option(
            "--levels",
            "--depth",
            "levels",
            type=click.IntRange(min=1),
            metavar="N",
            help="Fold what is deeper than N levels into sums.",
        ),
    ):
        verb = option(verb)
    return verb


def format_options(function: Verb) -> Verb:
    """`--format --json --output`, which the verb gets as `form` and `output`; see `format_of`."""

    @wraps(function)
    def with_form(*, form: str | None, as_json: bool, output: str | None, **others: Any) -> int:
        return function(form=format_of(form, as_json, output), output=output, **others)

    verb: Verb = with_form
    for option in (
        click.option(
            "-o", "--output", type=click.Path(), metavar="PATH", help="Write it to a file; its ending says the format."
        ),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
        click.option(
            "--format",
            "form",
            type=click.Choice(FORMATS),
            help="What is printed, a table if not said; the fields of json are in docs/report-schema.md.",
        ),
    ):
        verb = option(verb)
    return verb


def format_of(form: str | None, as_json: bool, output: str | None) -> str:
    """The format that was said, else what the file's ending says, else a table."""
    if as_json or form is not None:
        return "json" if as_json else str(form)
    return ENDINGS.get(Path(output).suffix.lower(), "table") if output else "table"

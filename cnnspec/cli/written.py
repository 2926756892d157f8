"""`-o FILE`: what a verb prints goes to a file, whose ending says in which form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnnspec.cli.conventions import CLEAN
from cnnspec.cli.forms import form_flags
from cnnspec.cli.kinds import Choice
from cnnspec.cli.streams import say
from cnnspec.reports.look import visible

if TYPE_CHECKING:
    from cnnspec.reports.look import Look

ENDINGS = {
    ".csv": "csv",
    ".json": "json",
    ".md": "markdown",
    ".html": "html",
    ".txt": "table",
    ".markdown": "markdown",
    ".htm": "html",
}
"""What a file holds whose format is not said; the first of each form is told."""

STDOUT = "-"

Verb = Callable[..., int]


def format_options(what: str, page: str, forms: Sequence[str]) -> Callable[[Verb], Verb]:
    """`--format --json --csv --markdown --output`, which the verb gets as `form` and `output`; see `format_of`. `what`
    is written and `page` says what the fields of json are."""

    def with_options(function: Verb) -> Verb:
        @wraps(function)
        def with_form(*, form: str | None, output: str | None, **others: Any) -> int:
            return function(form=format_of(what, forms, form, output), output=output, **others)

        verb: Verb = click.option(
            "-o",
            "--output",
            type=click.Path(),
            metavar="PATH",
            help="Write it to a file, whose ending says the format; - is standard output.",
        )(with_form)
        verb = form_flags("json", "csv", "markdown")(verb)
        help = f"What is printed, a table if not said; the fields of json are in docs/{page}."
        return click.option("--format", "form", type=Choice(forms), help=help)(verb)

    return with_options


def format_of(what: str, forms: Sequence[str], form: str | None, output: str | None) -> str:
    """The format that was said, else what the file's ending says, else a table. A usage error where the ending is that
    of something else; a file without any is a table."""
    ending = Path(output).suffix.lower() if output else ""
    if form is not None or not ending:
        return form or "table"
    if ENDINGS.get(ending) not in forms:
        shown = {ENDINGS[each]: each for each in reversed(ENDINGS) if ENDINGS[each] in forms}
        listed = ", ".join(each for each in ENDINGS if each in shown.values())
        raise click.UsageError(
            f"a {what} is written as {listed}, by the file's ending; not as {visible(ending)}",
            click.get_current_context(silent=True),
        )
    return ENDINGS[ending]


def written(output: str, text: str, err: Look) -> int:
    """To a file, whole or not at all, and to standard output for `-`; gives the exit code."""
    if output == STDOUT:
        say(text)
        return CLEAN
    from cnnspec.cli.refusal import refuse
    from cnnspec.lower.atomic import write_together
    from cnnspec.lower.errors import ExportError
    from cnnspec.reports.numbers import memory

    data = text.encode("utf-8")
    try:
        write_together({Path(output): [data]})
    except ExportError as error:
        return refuse(error.message, error.hint, err)
    say(f"wrote {visible(output)}: {memory(len(data))}\n")
    return CLEAN

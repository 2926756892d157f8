"""`--json`, `--csv` and `--markdown`: what is printed, in a word."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

Verb = Callable[..., int]


def form_flags(function: Verb) -> Verb:
    """`--json --csv --markdown --md`, which the verb gets as its `form`, unless `--format` has said it. A usage error
    where two of them say different things."""

    @wraps(function)
    def with_form(*, form: str | None, as_json: bool, as_csv: bool, as_markdown: bool, **others: Any) -> int:
        flags = {"json": as_json, "csv": as_csv, "markdown": as_markdown}
        said = [(f"--{name}", name) for name, given in flags.items() if given]
        said += [(f"--format {form}", form)] if form is not None else []
        if len({name for _, name in said}) > 1:
            told = " and ".join(f"`{option}`" for option, _ in said[:2])
            raise click.UsageError(
                f"{told} are two answers to one question: give one", click.get_current_context(silent=True)
            )
        return function(form=said[0][1] if said else None, **others)

    verb: Verb = with_form
    for option in (
        click.option("--markdown", "--md", "as_markdown", is_flag=True, help="The same as --format markdown."),
        click.option("--csv", "as_csv", is_flag=True, help="The same as --format csv."),
        click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
    ):
        verb = option(verb)
    return verb

"""`--json`, `--csv` and `--markdown`: what is printed, in a word."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

Verb = Callable[..., int]
FLAGS = {"markdown": ("--markdown", "--md"), "csv": ("--csv",), "json": ("--json",)}
"""The short ways to say a form, the same for every verb that has it."""


def form_flags(*forms: str) -> Callable[[Verb], Verb]:
    """The flags of these forms, which the verb gets as its `form`, unless `--format` has said it. A usage error where
    two of them say different things."""
    taken = [form for form in FLAGS if form in forms]

    def with_flags(function: Verb) -> Verb:
        @wraps(function)
        def with_form(*, form: str | None, **others: Any) -> int:
            said = [(FLAGS[each][0], each) for each in reversed(taken) if others.pop(f"as_{each}")]
            said += [(f"--format {form}", form)] if form is not None else []
            if len({name for _, name in said}) > 1:
                told = " and ".join(f"`{option}`" for option, _ in said[:2])
                raise click.UsageError(
                    f"{told} are two answers to one question: give one", click.get_current_context(silent=True)
                )
            return function(form=said[0][1] if said else None, **others)

        verb: Verb = with_form
        for form in taken:
            help = f"The same as --format {form}."
            verb = click.option(*FLAGS[form], f"as_{form}", is_flag=True, help=help)(verb)
        return verb

    return with_flags

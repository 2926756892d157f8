"""The options that say what `cnnspec report` shows."""

from collections.abc import Callable
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import Any

import click

from cnnspec.cli import values
from cnnspec.cli.forms import form_flags
from cnnspec.passes.roofline.estimate import Device
from cnnspec.reports.look import visible
from cnnspec.reports.network.asked import Asked, fitting
from cnnspec.reports.network.figures import SORTS

FORMATS = ("table", "json", "csv", "markdown", "html")
SHOWN = {".csv": "csv", ".json": "json", ".md": "markdown", ".html": "html", ".txt": "table"}
ENDINGS = {**SHOWN, ".markdown": "markdown", ".htm": "html"}
"""What a file holds whose format is not said."""

Verb = Callable[..., int]


def report_options(function: Verb) -> Verb:
    """`--levels --batch --by --sort --top --device`, which the verb gets together as `asked`."""

    @wraps(function)
    def with_asked(**given: Any) -> int:
        device = given.pop("device")
        own = {name: given.pop(name) for name in Asked._fields if name != "device"}
        return function(asked=asked_of(device=device, **own), **given)

    verb: Verb = with_asked
    for option in reversed(OPTIONS):
        verb = option(verb)
    return verb


OPTIONS = (
    click.option(
        "--levels",
        "--depth",
        "levels",
        type=click.IntRange(min=1),
        metavar="N",
        help="Fold what is deeper than N levels into sums.",
    ),
    click.option("--by", type=click.Choice(["block", "word"]), help="Sums by kind of block, or by word."),
    click.option("--sort", type=click.Choice(SORTS), help="A flat list, the largest first."),
    click.option("--top", type=click.IntRange(min=1), metavar="N", help="The first N lines, and the rest as a sum."),
    click.option(
        "--batch", type=click.IntRange(min=1), metavar="N", help="Shapes, MACs and all that is computed for N samples."
    ),
    click.option(
        "--device", metavar="RATES", help="Estimate times for flops=10T,bytes=900G: what it does in a second."
    ),
)


def asked_of(device: str | None, **given: Any) -> Asked:
    """What the options say together; a usage error where they do not fit."""
    try:
        asked = Asked(**given, device=None if device is None else device_of(device))
        return fitting(asked)
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def device_of(text: str) -> Device:
    """`flops=10T,bytes=900G`, or with units, `flops=10TFLOPS,bytes=900GB/s`; ValueError says what is wrong."""
    example = "flops=10T,bytes=900G"
    rates: dict[str, Fraction] = {}
    for each in text.split(","):
        name, number = values.pair(each, example)
        if name not in Device._fields:
            raise ValueError(f"a device has `flops` and `bytes`, such as {example}; not `{name}`")
        if name in rates:
            raise ValueError(f"`{name}` is given twice in `{text}`")
        rates[name] = values.rate_of(number, name)
    if len(rates) < len(Device._fields):
        raise ValueError(f"a device is told by FLOPs and bytes a second, such as {example}; got `{text}`")
    return Device(**rates)


def format_options(function: Verb) -> Verb:
    """`--format --json --csv --markdown --output`, which the verb gets as `form` and `output`; see `format_of`."""

    @wraps(function)
    def with_form(*, form: str | None, output: str | None, **others: Any) -> int:
        return function(form=format_of(form, output), output=output, **others)

    verb: Verb = click.option(
        "-o", "--output", type=click.Path(), metavar="PATH", help="Write it to a file; its ending says the format."
    )(with_form)
    verb = form_flags(verb)
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        help="What is printed, a table if not said; the fields of json are in docs/report-schema.md.",
    )(verb)


def format_of(form: str | None, output: str | None) -> str:
    """The format that was said, else what the file's ending says, else a table. A usage error where the ending is that
    of something else; a file without any is a table."""
    ending = Path(output).suffix.lower() if output else ""
    if form is not None or not ending:
        return form or "table"
    if ending not in ENDINGS:
        raise click.UsageError(
            f"a report is written as {', '.join(SHOWN)}, by the file's ending; not as {visible(ending)}",
            click.get_current_context(silent=True),
        )
    return ENDINGS[ending]

"""The options that say what `cnnspec report` shows."""

from collections.abc import Callable
from fractions import Fraction
from functools import wraps
from typing import Any

import click

from cnnspec.cli import values
from cnnspec.cli.kinds import Choice, Whole
from cnnspec.passes.roofline.estimate import Device
from cnnspec.reports.look import visible
from cnnspec.reports.network.asked import WIDTHS, Asked, fitting
from cnnspec.reports.network.figures import SORTS
from cnnspec.reports.numbers import rate

FORMATS = ("table", "json", "csv", "markdown", "html")

Verb = Callable[..., int]


def report_options(function: Verb) -> Verb:
    """`--levels --batch --by --sort --top --precision --device`, which the verb gets together as `asked`."""

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
        type=Whole(min=1),
        metavar="N",
        help="Fold what is deeper than N levels into sums.",
    ),
    click.option("--by", type=Choice(["block", "word"]), help="Sums by kind of block, or by word."),
    click.option("--sort", type=Choice(SORTS), help="A flat list, the largest first."),
    click.option("--top", type=Whole(min=1), metavar="N", help="The first N lines, and the rest as a sum."),
    click.option(
        "--batch", type=Whole(min=1), metavar="N", help="Shapes, MACs and all that is computed for N samples."
    ),
    click.option(
        "--precision",
        type=Choice([*WIDTHS]),
        default="fp32",
        show_default=True,
        help="What a number of a weight or value takes, in bytes that are moved and kept.",
    ),
    click.option(
        "--device", metavar="RATES", help="Estimate times for flops=10T,bytes=900G: what it does in a second."
    ),
)


def asked_of(device: str | None, precision: str, **given: Any) -> Asked:
    """What the options say together; a usage error where they do not fit."""
    try:
        asked = Asked(**given, precision=WIDTHS[precision], device=None if device is None else device_of(device))
        return fitting(asked)
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def device_of(text: str) -> Device:
    """`flops=10T,bytes=900G`, or with units, `flops=10TFLOPS,bytes=900GB/s`; ValueError says what is wrong."""
    example = "flops=10T,bytes=900G"
    rates: dict[str, Fraction] = {}
    if "=" not in text:
        if meant := _rates_alone(text):
            raise ValueError(f"which rate is which is not said in `{visible(text)}`; did you mean `{meant}`?")
        raise ValueError(
            f"no device is known by name, as `{visible(text)}`; say what it computes and moves in a second: {example}"
        )
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


def _rates_alone(text: str) -> str | None:
    """`10T,900G` with the names of its rates; None where it is none."""
    numbers = [each.strip() for each in text.split(",")]
    if len(numbers) != len(Device._fields):
        return None
    try:
        for name, number in zip(Device._fields, numbers, strict=True):
            values.rate_of(number, name)
    except ValueError:
        return None
    return ",".join(f"{name}={number}" for name, number in zip(Device._fields, numbers, strict=True))


SLOW, UNPREFIXED = 10**6, 10**5
"""No device of today does less in a second, in FLOPs or bytes; and what is likely a number whose G was forgotten."""


def doubts(device: Device | None) -> list[str]:
    """What is said of a device that is slower than any."""
    if device is None:
        return []
    told = []
    for name, number, does in (
        ("flops", device.flops, f"computes {rate(device.flops, 'FLOP')}"),
        ("bytes", device.bytes, f"moves {rate(device.bytes, 'B')}"),
    ):
        if number < SLOW:
            meant = f"; did you mean `{name}={float(number):g}G`?" if number < UNPREFIXED else ""
            told.append(f"a device that {does} is slower than any of today{meant}")
    return told

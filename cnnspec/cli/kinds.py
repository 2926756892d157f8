"""What a value of an option may be, with what was likely meant by one that it is not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from cnnspec.source.nearest import nearest

if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:
    _Choice = click.Choice  # which older ones of click do not let be subscripted

ALSO = {
    "amp": "mixed",
    "autocast": "mixed",
    "half": "fp16",
    "float16": "fp16",
    "bfloat16": "bf16",
    "float32": "fp32",
    "full": "fp32",
    "single": "fp32",
    "md": "markdown",
    "txt": "table",
    "flops": "macs",
    "parameters": "params",
    "rf": "field",
}
"""What others call some of the choices."""


class Choice(_Choice):
    """One of some words, however it is written: `AdamW` is `adamw`."""

    def __init__(self, choices: Iterable[str]) -> None:
        super().__init__(list(choices), case_sensitive=False)

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            known = [str(each) for each in self.choices]
            meant = nearest(value.lower(), known) or ALSO.get(value.lower())
            if meant not in known:
                raise
            raise click.BadParameter(f"{error.message.rstrip('.')}; did you mean `{meant}`?", ctx, param) from error


class Whole(click.IntRange):
    """A whole number of at least so much."""

    name = "whole number"

    def __init__(self, min: int) -> None:
        super().__init__(min=min)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            return int(super().convert(value, param, ctx))
        except click.BadParameter as error:
            if "," in str(value) and param is not None:
                option = max(param.opts, key=len)
                several = f"; `cnnspec sweep --batch {value}` takes several" if option == "--batch" else ""
                raise click.BadParameter(f"{option} is one number, not {value}{several}", ctx, param) from error
            raise click.BadParameter(f"'{value}' is no whole number from {self.min} on", ctx, param) from error

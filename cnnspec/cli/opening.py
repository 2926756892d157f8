"""A network that a command names, at work: a text with its weights, or an ONNX model."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnspec.build.options import PLAIN, Options
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.api.deploy import Predictor

ONNX, MODEL = ".onnx", "model.onnx"


class Unfit(Exception):
    """The network has findings, which were told; `code` is what to exit with."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


def model_in(file: str) -> str:
    """A run's model, where its folder is named."""
    folder = Path(file)
    if (folder / MODEL).is_file():
        return str(folder / MODEL)
    runs = sorted(each.parent for each in folder.glob(f"*/{MODEL}")) if (folder / "run.json").is_file() else []
    if runs:
        message = f"{file} holds several runs: name one of them, such as {runs[0]}"
        raise click.UsageError(message, click.get_current_context())
    return file


def is_onnx(file: str) -> bool:
    return file.lower().endswith(ONNX)


def check_usage(file: str, options: Options, weights: str | None, seed: int | None) -> None:
    context = click.get_current_context()
    if is_onnx(file) and (weights is not None or seed is not None):
        raise click.UsageError(
            "an ONNX model holds its weights: `--weights` and `--seed` are for networks as text", context
        )
    if is_onnx(file) and options != PLAIN:
        raise click.UsageError("`--set`, `--model`, `--input` and `--limit` are for networks as text", context)


@contextmanager
def opened_model(
    file: str, options: Options, weights: str | None, seed: int | None, device: str, err: Look
) -> Iterator[Predictor]:
    from cnnspec.api.deploy import opened, opened_onnx

    if is_onnx(file):
        yield opened_onnx(file, device)
        return

    from cnnspec.cli.network import network
    from cnnspec.cli.verdict import answered, refused_work, tell_findings

    compiled = network(file, options, err)
    tell_findings(file, answered(compiled), err)
    if not compiled.ok:
        raise Unfit(refused_work(compiled, err))
    with opened(compiled, weights, seed, device) as predictor:
        yield predictor

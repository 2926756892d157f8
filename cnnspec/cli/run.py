"""`cnnspec run`"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from cnnspec.build.options import PLAIN, Options
from cnnspec.cli.conventions import CLEAN, USAGE
from cnnspec.cli.options import (
    check_weights,
    colour_option,
    complete_network,
    looks,
    network_options,
    network_options_of,
    weight_options,
)
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.streams import say
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.api.deploy import Predictor

ONNX = ".onnx"
HINT = "`--weights FILE` takes trained ones; `--seed 0` makes fresh ones, which say nothing about a picture"


class _Unfit(Exception):
    """The network has findings, which were told; `code` is what to exit with."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


@click.command()
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.argument("images", nargs=-1, required=True, type=click.Path(), metavar="IMAGE...")
@weight_options
@click.option("--top", type=click.IntRange(min=1), default=5, show_default=True, metavar="N", help="How many classes.")
@click.option(
    "--device", default="auto", show_default=True, metavar="auto|cpu|cuda[:N]", help="Where; auto is CUDA if it can."
)
@click.option("--json", "as_json", is_flag=True, help="Print a list with one record a picture as JSON.")
@network_options
@colour_option
def run(
    file: str,
    images: tuple[str, ...],
    weights: str | None,
    seed: int | None,
    top: int,
    device: str,
    as_json: bool,
    settings: tuple[str, ...],
    model: str | None,
    inputs: tuple[str, ...],
    limits: tuple[str, ...],
    colour: str,
) -> int:
    """Say what is on pictures.

    FILE is a network with its weights, or an ONNX model. IMAGE is a picture, a folder or a pattern. A picture that
    cannot be read does not stop the others; the exit code is 2 then.

    \b
    Examples:
      cnnspec run zoo:mobilenet_v2 --weights mobilenet_v2.pth dog.jpg
      cnnspec run model.onnx photos/ --top 3 --json
    """
    check_weights(weights, seed)
    options = network_options_of(settings, model, inputs, limits)
    _check_usage(file, options, weights, seed)
    out, err = looks(colour)

    from cnnspec.api.weights import NoWeights
    from cnnspec.lower.errors import ExportError, WeightsError
    from cnnspec.runtime.errors import RunError

    try:
        with _opened(file, options, weights, seed, device, err) as predictor:
            for each in predictor.notes:
                note(each, err)
            return _named(predictor, images, top, as_json, out)
    except _Unfit as unfit:
        return unfit.code
    except NoWeights as error:
        return refuse(str(error), HINT, err)
    except (ExportError, WeightsError, RunError) as error:
        return refuse(error.message, error.hint, err)


def _is_onnx(file: str) -> bool:
    return file.lower().endswith(ONNX)


def _check_usage(file: str, options: Options, weights: str | None, seed: int | None) -> None:
    context = click.get_current_context()
    if _is_onnx(file) and (weights is not None or seed is not None):
        raise click.UsageError(
            "an ONNX model holds its weights: `--weights` and `--seed` are for networks as text", context
        )
    if _is_onnx(file) and options != PLAIN:
        raise click.UsageError("`--set`, `--model`, `--input` and `--limit` are for networks as text", context)


@contextmanager
def _opened(
    file: str, options: Options, weights: str | None, seed: int | None, device: str, err: Look
) -> Iterator[Predictor]:
    from cnnspec.api.deploy import opened, opened_onnx

    if _is_onnx(file):
        yield opened_onnx(file, device)
        return

    from cnnspec.cli.verdict import answered, refusal, tell_findings
    from cnnspec.pipeline import compile_file

    compiled = compile_file(file, options)
    tell_findings(file, answered(compiled), err)
    if not compiled.ok:
        raise _Unfit(refusal(compiled))
    with opened(compiled, weights, seed, device) as predictor:
        yield predictor


def _named(predictor: Predictor, images: tuple[str, ...], top: int, as_json: bool, out: Look) -> int:
    """Prints each record as it comes (JSON as one list in the end)."""
    from cnnspec.reports.predictions import prediction_record, prediction_text
    from cnnspec.runtime.scores import Scores

    failed, records = False, []
    for place, each in enumerate(predictor.name(images, top)):
        failed = failed or each.error is not None
        if as_json:
            records.append(prediction_record(each))
        else:
            likely = predictor.reading.scores is not Scores.VALUE
            say(("\n" if place else "") + prediction_text(each, out, likely=likely))
    if as_json:
        import json

        say(json.dumps(records, indent=2) + "\n")
    return USAGE if failed else CLEAN

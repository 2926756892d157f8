"""`cnnspec run`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.conventions import CLEAN, USAGE
from cnnspec.cli.kinds import Whole
from cnnspec.cli.opening import Unfit, check_usage, model_in, opened_model
from cnnspec.cli.options import (
    check_weights,
    colour_option,
    complete_network,
    looks,
    network_options,
    weight_options,
)
from cnnspec.cli.refusal import note, refuse
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.api.deploy import Predictor

HINT = "`--weights FILE` takes trained ones; `--seed 0` makes fresh ones, which say nothing about a picture"


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.argument("images", nargs=-1, required=True, type=click.Path(), metavar="IMAGE...")
@weight_options
@click.option("--top", type=Whole(min=1), default=5, show_default=True, metavar="N", help="How many classes.")
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
    options: Options,
    colour: str,
) -> int:
    """Say what is on pictures.

    FILE is a network with its weights, an ONNX model, or the folder of a run. IMAGE is a picture, a folder or a
    pattern. A picture that cannot be read does not stop the others; the exit code is 2 then.

    \b
    Examples:
      cnnspec run zoo:mobilenet_v2 --weights mobilenet_v2.pth dog.jpg
      cnnspec run model.onnx photos/ --top 3 --json
    """
    check_weights(weights, seed)
    file = model_in(file)
    check_usage(file, options, weights, seed)
    out, err = looks(colour)

    from cnnspec.api.weights import NoWeights
    from cnnspec.lower.errors import ExportError, WeightsError
    from cnnspec.runtime.errors import RunError

    try:
        with opened_model(file, options, weights, seed, device, err) as predictor:
            for each in predictor.notes:
                note(each, err)
            return _named(predictor, images, top, as_json, out)
    except Unfit as unfit:
        return unfit.code
    except NoWeights as error:
        return refuse(str(error), HINT, err)
    except (ExportError, WeightsError, RunError) as error:
        return refuse(error.message, error.hint, err)


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

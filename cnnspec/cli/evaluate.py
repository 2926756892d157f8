"""`cnnspec eval`"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.conventions import CLEAN
from cnnspec.cli.kinds import Choice, Whole
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

if TYPE_CHECKING:
    from cnnspec.api.evaluate import Evaluated
    from cnnspec.reports.look import Look

HINT = "`--weights FILE` takes trained ones; a run's folder has its own"


@click.command("eval", cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option("--data", required=True, metavar="DATA", help="A folder, an .npz or .csv file, or `digits`.")
@click.option("--part", type=Choice(["test", "train"]), help="Of the set; else its test part, or all of it.")
@click.option("--top", type=Whole(min=1), metavar="K", help="How often the class is among the likeliest K; 5.")
@click.option("-o", "--out", type=click.Path(path_type=Path), metavar="FOLDER", help="For tables and plots of it.")
@weight_options
@click.option(
    "--device", default="auto", show_default=True, metavar="auto|cpu|cuda[:N]", help="Where; auto is CUDA if it can."
)
@click.option("--json", "as_json", is_flag=True, help="Print the numbers as JSON.")
@network_options
@colour_option
def evaluate(
    file: str,
    data: str,
    part: str | None,
    top: int | None,
    out: Path | None,
    weights: str | None,
    seed: int | None,
    device: str,
    as_json: bool,
    options: Options,
    colour: str,
) -> int:
    """Say how good a model is on a data set.

    FILE is the folder of a run, an ONNX model, or a network with its weights. Pictures are prepared as the model says.
    It needs no torch.

    \b
    Examples:
      cnnspec eval run --data mnist
      cnnspec eval zoo:mobilenet_v2 --weights mobilenet_v2.pth --data photos -o judged
    """
    check_weights(weights, seed)
    file = model_in(file)
    check_usage(file, options, weights, seed)
    look, err = looks(colour)

    from cnnspec.api.evaluate import evaluated
    from cnnspec.api.weights import NoWeights
    from cnnspec.lower.errors import ExportError, WeightsError
    from cnnspec.runtime.errors import RunError
    from cnnspec.training.errors import TrainError

    files: tuple[Path, ...] = ()
    try:
        with opened_model(file, options, weights, seed, device, err) as predictor:
            made = evaluated(predictor, data, part, top)
        if out is not None:
            made, files = _kept(made, out)
    except Unfit as unfit:
        return unfit.code
    except NoWeights as error:
        return refuse(str(error), HINT, err)
    except (ExportError, WeightsError, RunError, TrainError) as error:
        return refuse(error.message, error.hint, err)
    for each in made.notes:
        note(each, err)
    say(_shown(made, files, as_json, look))
    return CLEAN


def _kept(made: Evaluated, out: Path) -> tuple[Evaluated, tuple[Path, ...]]:
    """Tables and plots in a folder of their own. TrainError."""
    from cnnspec.api.plots import plotted
    from cnnspec.training import run_folder

    run_folder.begin(out)
    plots, more = plotted((), 0, made.metrics, f"{made.data} ({made.part})", made.classes)
    files = {**run_folder.judged(made.metrics, made.classes), **plots}
    run_folder.write(out, files)
    notes = (*made.notes, *run_folder.thinned(made.metrics), *more)
    return made._replace(notes=notes), tuple(out / name for name in files)


def _shown(made: Evaluated, files: tuple[Path, ...], as_json: bool, look: Look) -> str:
    import json

    from cnnspec.reports.training.text import evaluation, evaluation_record

    if as_json:
        return json.dumps(evaluation_record(made), indent=2) + "\n"
    wrote = "wrote " + ", ".join(map(str, files)) + "\n" if files else ""
    return evaluation(made, look) + wrote

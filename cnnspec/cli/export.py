"""`cnnspec export`"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import click

from cnnspec.build.options import Options
from cnnspec.cli.conventions import CLEAN, USAGE
from cnnspec.cli.kinds import Choice
from cnnspec.cli.network import network
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
from cnnspec.cli.verdict import answered, refused_work, tell_findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from cnnspec.api.deploy import Exported
    from cnnspec.api.torch_export import TorchExported
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.look import Look

    E = TypeVar("E", Exported, TorchExported)

HINT = "`--weights FILE` takes trained ones, `--seed 0` makes fresh ones"


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option(
    "-o", "--output", required=True, type=click.Path(), metavar="PATH", help="The file to write; for torch the folder."
)
@click.option("--to", "target", type=Choice(["onnx", "torch"]), default="onnx", show_default=True, help="The format.")
@weight_options
@click.option("--overwrite", is_flag=True, help="For torch: write train.py anew, also where it was changed.")
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@network_options
@colour_option
def export(
    file: str,
    output: str,
    target: str,
    weights: str | None,
    seed: int | None,
    overwrite: bool,
    as_json: bool,
    options: Options,
    colour: str,
) -> int:
    """Write a network as ONNX, for any batch, or as PyTorch source.

    ONNX of a network that has weights needs to be told which: --weights takes safetensors, npz or torch's .pth by
    their names, --seed makes fresh ones. --to torch writes model.py, which needs torch alone; beside it train.py, which
    trains it by the recipe of the text, and with weights or a seed weights.safetensors. Nothing is written if the
    network has errors.

    \b
    Examples:
      cnnspec export model.cnn -o model.onnx --weights model.safetensors
      cnnspec export zoo:resnet18 -o resnet18.onnx --seed 0
      cnnspec export zoo:resnet18 --to torch -o resnet18
    """
    check_weights(weights, seed)
    out, err = looks(colour)
    compiled = network(file, options, err)
    tell_findings(file, answered(compiled), err)
    if not compiled.ok:
        return refused_work(compiled, err)

    if target == "torch":
        return _torch(compiled, output, weights, seed, overwrite, as_json, out, err)
    if overwrite:
        refuse("--overwrite is about train.py, and ONNX has none", "`--to torch` writes it", err)
        return USAGE
    return _onnx(compiled, output, weights, seed, as_json, out, err)


def _onnx(
    compiled: Compiled, output: str, weights: str | None, seed: int | None, as_json: bool, out: Look, err: Look
) -> int:
    from cnnspec.api.deploy import export
    from cnnspec.reports.exported import exported_text

    exported = _written(export, compiled, output, weights, seed, err)
    if exported is None:
        return USAGE
    if not output.lower().endswith(".onnx"):
        note(f"`{output}` is an ONNX file, whatever its name: others look for the ending .onnx", err)
    if as_json:
        _say_json(exported, {"opset": exported.opset, "ir_version": exported.ir_version})
    else:
        say(exported_text(exported, out))
    return CLEAN


def _torch(
    compiled: Compiled,
    output: str,
    weights: str | None,
    seed: int | None,
    overwrite: bool,
    as_json: bool,
    out: Look,
    err: Look,
) -> int:
    from functools import partial

    from cnnspec.api.torch_export import export_torch
    from cnnspec.reports.exported import torch_exported_text

    exported = _written(partial(export_torch, overwrite=overwrite), compiled, output, weights, seed, err)
    if exported is None:
        return USAGE
    if as_json:
        _say_json(exported, {"aux": _shapes(exported.aux)})
    else:
        say(torch_exported_text(exported, out))
    return CLEAN


def _written(
    export: Callable[[Compiled, str, str | None, int | None], E],
    compiled: Compiled,
    output: str,
    weights: str | None,
    seed: int | None,
    err: Look,
) -> E | None:
    """What was written, with its notes told; None where it was refused, which is told too."""
    from cnnspec.api.weights import NoWeights
    from cnnspec.lower.errors import ExportError, WeightsError

    try:
        exported = export(compiled, output, weights, seed)
    except NoWeights as error:
        refuse(str(error), HINT, err)
        return None
    except (ExportError, WeightsError) as error:
        refuse(error.message, error.hint, err)
        return None
    for each in exported.notes:
        note(each, err)
    return exported


def _say_json(exported: Exported | TorchExported, more: dict[str, object]) -> None:
    import json

    from cnnspec.reports.findings.json import file_name

    record = {
        "files": [file_name(str(each)) for each in exported.files],
        "bytes": exported.bytes,
        **more,
        "inputs": _shapes(exported.inputs),
        "outputs": _shapes(exported.outputs),
        "notes": list(exported.notes),
    }
    say(json.dumps(record, indent=2) + "\n")


def _shapes(values: Mapping[str, Sequence[int | str]]) -> list[dict[str, object]]:
    return [{"name": name, "shape": list(shape)} for name, shape in values.items()]

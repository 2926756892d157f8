"""`cnnspec export`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.cli.conventions import CLEAN
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
from cnnspec.cli.verdict import answered, refusal, tell_findings

if TYPE_CHECKING:
    from cnnspec.api.deploy import Exported
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.look import Look

HINT = "`--weights FILE` takes trained ones, `--seed 0` makes fresh ones"


@click.command()
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option("-o", "--output", required=True, type=click.Path(), metavar="PATH", help="The file to write.")
@click.option("--to", "target", type=click.Choice(["onnx"]), default="onnx", show_default=True, help="The format.")
@weight_options
@click.option("--json", "as_json", is_flag=True, help="Print what was written as JSON.")
@network_options
@colour_option
def export(
    file: str,
    output: str,
    target: str,
    weights: str | None,
    seed: int | None,
    as_json: bool,
    settings: tuple[str, ...],
    model: str | None,
    inputs: tuple[str, ...],
    limits: tuple[str, ...],
    colour: str,
) -> int:
    """Write a network as ONNX, for any batch.

    A network that has weights needs to be told which: --weights takes safetensors, npz or torch's .pth by their
    names, --seed makes fresh ones. Nothing is written if the network has errors.

    \b
    Examples:
      cnnspec export model.cnn -o model.onnx --weights model.safetensors
      cnnspec export zoo:resnet18 -o resnet18.onnx --seed 0
    """
    from cnnspec.pipeline import compile_file

    check_weights(weights, seed)
    options = network_options_of(settings, model, inputs, limits)
    out, err = looks(colour)
    compiled = compile_file(file, options)
    tell_findings(file, answered(compiled), err)
    if not compiled.ok:
        return refusal(compiled)

    return _export(compiled, output, weights, seed, as_json, out, err)


def _export(
    compiled: Compiled, output: str, weights: str | None, seed: int | None, as_json: bool, out: Look, err: Look
) -> int:
    from cnnspec.api.deploy import NoWeights
    from cnnspec.api.deploy import export as write
    from cnnspec.lower.errors import ExportError, WeightsError

    try:
        exported = write(compiled, output, weights, seed)
    except NoWeights as error:
        return refuse(str(error), HINT, err)
    except (ExportError, WeightsError) as error:
        return refuse(error.message, error.hint, err)
    for each in exported.notes:
        note(each, err)
    if not output.lower().endswith(".onnx"):
        note(f"`{output}` is an ONNX file, whatever its name: others look for the ending .onnx", err)
    if as_json:
        import json

        say(json.dumps(_record(exported), indent=2) + "\n")
    else:
        from cnnspec.reports.exported import exported_text

        say(exported_text(exported, out))
    return CLEAN


def _record(exported: Exported) -> dict[str, object]:
    from cnnspec.reports.diagnostic_json import file_name

    return {
        "files": [file_name(str(each)) for each in exported.files],
        "bytes": exported.bytes,
        "opset": exported.opset,
        "ir_version": exported.ir_version,
        "inputs": [{"name": name, "shape": list(shape)} for name, shape in exported.inputs.items()],
        "outputs": [{"name": name, "shape": list(shape)} for name, shape in exported.outputs.items()],
        "notes": list(exported.notes),
    }

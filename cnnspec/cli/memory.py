"""`cnnspec memory`"""

from __future__ import annotations

import click

from cnnspec.build.options import Options
from cnnspec.cli import values
from cnnspec.cli.kinds import Choice, Whole
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, say_refusal, tell_findings, verdict
from cnnspec.contract.training.optimizers import named_optimizers
from cnnspec.passes.memory.precision import PRECISIONS


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option(
    "--batch",
    type=Whole(min=1),
    metavar="N",
    help="So many samples at once; unsaid it is 1, in training what the train section says.",
)
@click.option(
    "--optimizer",
    type=Choice([*named_optimizers()]),
    help="Whose state is kept; unsaid that of the train section, else adam.",
)
@click.option(
    "--precision",
    type=Choice([*PRECISIONS]),
    default="fp32",
    show_default=True,
    help="mixed: training by torch.autocast; fp16, bf16: that, and 16 bits at inference; int8: inference alone.",
)
@click.option("--memory", "size", metavar="SIZE", help="The largest batch that fits into it: 8GB, 24GiB, 512MB.")
@click.option("--levels", type=Whole(min=1), metavar="N", help="Blocks by the first N parts of their names.")
@click.option("--json", "as_json", is_flag=True, help="Print data; the fields are in docs/memory.md.")
@network_options
@colour_option
def memory(
    file: str,
    batch: int | None,
    optimizer: str | None,
    precision: str,
    size: str | None,
    levels: int | None,
    as_json: bool,
    options: Options,
    colour: str,
) -> int:
    """Memory of inference and of training, and the largest batch.

    FILE is a path, - for standard input, or zoo:NAME. Nothing is run: what torch keeps for backward is known of each
    step. The network must be free of errors.

    \b
    Examples:
      cnnspec memory zoo:resnet50 --batch 32
      cnnspec memory zoo:resnet50 --memory 8GB --optimizer adam
      cnnspec memory model.cnn --precision fp16 --memory 24GiB --json
    """
    from cnnspec.collector import collector_paused
    from cnnspec.reports.memory.figures import MemoryAsked, MemoryFigures

    asked = MemoryAsked(
        batch,
        named_optimizers()[optimizer] if optimizer else None,
        PRECISIONS[precision],
        None if size is None else _bytes(size),
        levels,
    )
    out, err = looks(colour)
    with collector_paused(to_the_end=True):
        compiled = answered(network(file, options, err))
        tell_findings(file, compiled, err)
        if not compiled.whole:
            if as_json:
                say_refusal(compiled)
            return refusal(compiled)
        figures = MemoryFigures(compiled, asked)
        if as_json:
            import json

            from cnnspec.reports.memory.json import memory_record

            say(json.dumps(memory_record(figures), indent=2) + "\n")
        else:
            from cnnspec.reports.memory.text import memory_text

            say(memory_text(figures, out))
    return verdict(compiled)


def _bytes(text: str) -> int:
    try:
        return values.bytes_of(text)
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context()) from error

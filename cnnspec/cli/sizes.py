"""`cnnspec sizes`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli import values
from cnnspec.cli.conventions import CLEAN, FINDINGS
from cnnspec.cli.network import network
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verb import Verb
from cnnspec.cli.verdict import answered, refusal, say_refusal, tell_findings, verdict
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cnnspec.api.sizes import Sizes
    from cnnspec.contract.values import Shape
    from cnnspec.pipeline import Compiled
    from cnnspec.source.diagnostic import Diagnostic


@click.command(cls=Verb)
@click.argument("file", shell_complete=complete_network, metavar="FILE")
@click.option(
    "--try",
    "tried",
    multiple=True,
    metavar="[NAME=]SHAPE",
    help="Does this size work? 3x300x300. Exits with 1 if not, and says why.",
)
@click.option("--json", "as_json", is_flag=True, help="As data; the fields are in docs/sizes.md.")
@network_options
@colour_option
def sizes(
    file: str,
    tried: tuple[str, ...],
    as_json: bool,
    options: Options,
    colour: str,
) -> int:
    """Which input sizes a network takes, exactly.

    With the same weights, that is. FILE is a path, - for standard input, or zoo:NAME. What is told is proved, or it is
    said that it is not. A text that does not compile at its own size is asked at others; then the exit code is 1.

    \b
    Examples:
      cnnspec sizes zoo:unet
      cnnspec sizes model.cnn --try 3x300x300
      cnnspec sizes zoo:siamese --try left=1x120x120 --try right=1x110x110
      cnnspec sizes model.cnn --json
    """
    from cnnspec.collector import collector_paused

    out, err = looks(colour)
    with collector_paused(to_the_end=True):
        compiled = network(file, options, err)
        if not compiled.whole:
            tell_findings(file, answered(compiled), err)
            return _beside(compiled, tried, as_json, out, err)
        if not compiled.ok:
            tell_findings(file, compiled, err)
        from cnnspec.api.sizes import Sizes

        found = Sizes(compiled)
        if tried:
            return max(_trial(found, _shapes(found.written, tried), as_json, out, err), verdict(compiled))
        if as_json:
            _say_json(found.to_dict())
        else:
            say(found.to_text(out))
    return verdict(compiled)


def _shapes(written: Mapping[str, Shape], tried: tuple[str, ...]) -> dict[str, Shape]:
    """The shapes of all inputs; a usage error where they are none of the network's."""
    from cnnspec.api.sizes import asked_of

    try:
        shapes: dict[str, Shape] = {}
        for each in tried:
            name, text = values.pair(each, "left=3x300x300") if "=" in each else (None, each)
            if name is None and len(written) > 1:
                raise ValueError(f"the model has several inputs: `--try {next(iter(written))}={text}`")
            shapes[name or next(iter(written))] = values.shape(text)
        return asked_of(written, shapes)
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def _trial(found: Sizes, shapes: dict[str, Shape], as_json: bool, out: Look, err: Look) -> int:
    from cnnspec.reports.sizes.trial import trial_record, trial_text

    tried = found.trial(shapes)
    if as_json:
        from cnnspec.reports.findings.json import diagnostic_record

        _say_json(trial_record(tried, [diagnostic_record(each) for each in tried.because]))
    else:
        _tell(tried.because, err)
        say(trial_text(tried, found.answer, out))
    return FINDINGS if tried.because else CLEAN


def _beside(compiled: Compiled, tried: tuple[str, ...], as_json: bool, out: Look, err: Look) -> int:
    """Of a text with errors: the sizes at which it has none, if there are such, or of the size that is asked about."""
    from cnnspec.api.sizes_beside import sizes_beside
    from cnnspec.pipeline import written_shapes
    from cnnspec.reports.sizes.trial import trial_text

    shapes = _shapes(written_shapes(compiled), tried) if tried and compiled.built else None
    found = sizes_beside(compiled, shapes)
    if found is None:
        if as_json:
            say_refusal(compiled)
        return refusal(compiled)
    if shapes is None:
        if as_json:
            _say_json(found.to_dict())
        else:
            tell("\n")
            say(found.to_text(out))
        return refusal(compiled)
    trial = found.trial(shapes)
    if as_json:
        _say_json(found.trial_dict(trial))
    else:
        tell("\n")
        _tell(trial.because if shapes != found.searched.written else (), err)
        say(trial_text(trial, found.sizes.answer if found.sizes else None, out))
        say("" if found.sizes else found.none_text(out))
    return FINDINGS if trial.because else CLEAN


def _tell(because: tuple[Diagnostic, ...], err: Look) -> None:
    from cnnspec.reports.findings.text import render_all

    if because:
        tell(render_all(because, err) + "\n")


def _say_json(record: object) -> None:
    import json

    say(json.dumps(record, indent=2) + "\n")

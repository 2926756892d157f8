"""`cnnspec check`"""

import click

from cnnspec.build.options import Options
from cnnspec.cli.conventions import CLEAN
from cnnspec.cli.options import colour_option, complete_network, looks, network_options, network_options_of
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verdict import verdict

FULL = "full"
FORMS = (FULL, "concise", "json", "github", "sarif")


@click.command()
@click.argument("files", nargs=-1, required=True, shell_complete=complete_network, metavar="FILE...")
@click.option("--strict/--no-strict", help="Exit with 1 on warnings too.")
@click.option("--format", "form", type=click.Choice(FORMS), default=FULL, help="How findings are shown.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@network_options
@colour_option
def check(
    files: tuple[str, ...],
    strict: bool,
    form: str,
    as_json: bool,
    settings: tuple[str, ...],
    model: str | None,
    inputs: tuple[str, ...],
    limits: tuple[str, ...],
    colour: str,
) -> int:
    """Say what is wrong with a network, and where.

    FILE is a path, - for standard input, or zoo:NAME. Exits with 0 if all is well, 1 if there are errors.

    \b
    Examples:
      cnnspec check model.cnn
      cnnspec check zoo:mobilenet_v2 --set width=0.5 --input 3x160x160
      cnnspec check *.cnn --format sarif > findings.sarif
    """
    options = network_options_of(settings, model, inputs, limits)
    form = "json" if as_json else form
    return _as_text(files, options, strict, colour) if form == FULL else _as_data(files, options, strict, form, colour)


def _as_text(files: tuple[str, ...], options: Options, strict: bool, colour: str) -> int:
    from cnnspec.pipeline import compile_each
    from cnnspec.reports.summary import all_files, is_passed_over, one_file

    out, err = looks(colour)
    codes = dict.fromkeys(files, CLEAN)
    models = ((name, one) for name in files for one in compile_each(name, options))
    for place, (name, compiled) in enumerate(models):
        codes[name] = max(codes[name], verdict(compiled, strict))
        if is_passed_over(compiled):
            say(one_file(name, compiled, out))
            continue
        if compiled.diagnostics:
            from cnnspec.reports.diagnostics import render_all

            tell(("\n" if place else "") + render_all(compiled.diagnostics, err) + "\n")
        if compiled.ok:
            say(one_file(name, compiled, out))
        else:
            tell(one_file(name, compiled, err))
    if len(codes) > 1 and any(codes.values()):
        tell("\n" + all_files(list(codes.values()), err))
    return max(codes.values())


def _as_data(files: tuple[str, ...], options: Options, strict: bool, form: str, colour: str) -> int:
    """Everything that was found on standard output, in a form that other programs read."""
    from cnnspec.pipeline import compile_each
    from cnnspec.reports.exchange import FORMATS

    found = [one for name in files for one in compile_each(name, options)]
    say(FORMATS[form](found, looks(colour)[0]))
    return max(verdict(each, strict) for each in found)

"""`cnnspec check`"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cnnspec.build.options import Options
from cnnspec.cli.configuration import Configured
from cnnspec.cli.conventions import CLEAN, FORMS, FULL
from cnnspec.cli.kinds import Choice
from cnnspec.cli.options import colour_option, complete_network, looks, network_options
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verdict import verdict
from cnnspec.files import texts_of
from cnnspec.source.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from cnnspec.files import Library
    from cnnspec.pipeline import Compiled
    from cnnspec.reports.look import Look
    from cnnspec.rules.selection import Selection


@click.command(cls=Configured)
@click.argument("files", nargs=-1, required=True, shell_complete=complete_network, metavar="FILE...")
@click.option("--strict/--no-strict", help="Exit with 1 on warnings too.")
@click.option("--format", "form", type=Choice(FORMS), default=FULL, help="How findings are shown.")
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--select", multiple=True, metavar="RULES", help="Only these lints or groups: lost-border,perf.")
@click.option("--ignore", multiple=True, metavar="RULES", help="Not these lints or groups.")
@click.option("--fix", is_flag=True, help="Make the fixes that change no number of the network; tell what is left.")
@click.option("--unsafe-fixes", "unsafe", is_flag=True, help="With --fix or --diff: those that change some, too.")
@click.option("--diff", is_flag=True, help="Write nothing; show what --fix would change, and exit with 1.")
@click.option("--pedantic/--no-pedantic", help="Tell what could be tidier, too.")
@click.option("--perf/--no-perf", help="Tell what makes a network slow, too.")
@network_options
@colour_option
def check(
    files: tuple[str, ...],
    strict: bool,
    form: str,
    as_json: bool,
    select: tuple[str, ...],
    ignore: tuple[str, ...],
    fix: bool,
    unsafe: bool,
    diff: bool,
    pedantic: bool,
    perf: bool,
    options: Options,
    colour: str,
) -> int:
    """Say what is wrong with a network, and where.

    FILE is a path, a folder (all .cnn files below it), - for standard input, or zoo:NAME. Exits with 0 if all is well,
    1 if there are errors.

    \b
    Examples:
      cnnspec check model.cnn
      cnnspec check .
      cnnspec check zoo:mobilenet_v2 --set width=0.5 --input 3x160x160
      cnnspec check *.cnn --format sarif > findings.sarif
      cnnspec check model.cnn --fix --unsafe-fixes
    """
    given = tuple(texts_of(files))
    chosen = selection_of(select, ignore, pedantic, perf)
    form = "json" if as_json else form
    if fix or diff or unsafe:
        from cnnspec.cli.fix import Mending, mended

        how = Mending(options, chosen, unsafe, strict, form, colour)
        return mended(given, how, shows=diff, writes=fix)
    found = (one for each in given for one in checked(each, options, chosen, alone=len(given) == 1))
    return shown(found, strict, form, colour)


def selection_of(select: tuple[str, ...], ignore: tuple[str, ...], pedantic: bool, perf: bool) -> Selection:
    """Which lints speak; a usage error where a name is none of theirs."""
    from cnnspec.rules.selection import selection

    try:
        return selection(select, ignore, pedantic, perf)
    except ValueError as error:
        raise click.UsageError(str(error), click.get_current_context(silent=True)) from error


def checked(
    name: str | Diagnostic, options: Options, chosen: Selection, *, alone: bool = False
) -> list[tuple[str, Compiled]]:
    """Every model of a file with all that is to be said of it, and the file's name; of what was no file, why. `alone`
    says that there is no other file."""
    from cnnspec.collector import collector_paused
    from cnnspec.pipeline import Compiled, compile_each

    if isinstance(name, Diagnostic):
        return [(name.file or "", Compiled(None, None, (name,)))]
    with collector_paused(to_the_end=alone):
        return [(name, one) for one in all_said(compile_each(name, options), options, chosen)]


def all_said(
    found: tuple[Compiled, ...], options: Options, chosen: Selection, library: Library | None = None
) -> tuple[Compiled, ...]:
    """The models of a text with the fixes for their errors or, where there are none, what the lints say."""
    if any(each.is_error for one in found for each in one.diagnostics):
        from cnnspec.fixes.solve import solved

        return solved(found, options, looks_turned="channels-last" in chosen.active())
    from cnnspec.rules.review import reviewed

    return reviewed(found, chosen, library)


def shown(
    found: Iterable[tuple[str, Compiled]],
    strict: bool,
    form: str,
    colour: str,
    *,
    aside: bool = False,
) -> int:
    """Shows what was found in a form, and gives the exit code; all of it `aside` on standard error if standard output
    is taken."""
    if form != FULL:
        return _as_data(found, strict, form, colour)
    return _as_text(found, strict, colour, aside)


def _as_text(found: Iterable[tuple[str, Compiled]], strict: bool, colour: str, aside: bool) -> int:
    from cnnspec.reports.summary import all_files, is_passed_over, one_file

    out, err = looks(colour)
    codes: dict[str, int] = {}
    for place, (name, compiled) in enumerate(found):
        codes[name] = max(codes.get(name, CLEAN), verdict(compiled, strict))
        passed = is_passed_over(compiled)
        told = [each for each in compiled.diagnostics if not (passed and each.severity is Severity.HINT)]
        if told:
            from cnnspec.reports.findings.text import render_all

            tell(("\n" if place else "") + render_all(told, err) + "\n")
        if (compiled.ok or passed) and not aside:
            say(one_file(name, compiled, out))
        else:
            tell(_hint(compiled, err) + one_file(name, compiled, err))
    if len(codes) > 1 and any(codes.values()):
        tell("\n" + all_files(list(codes.values()), err))
    return max(codes.values())


def _hint(compiled: Compiled, look: Look) -> str:
    """The nearest size that works, where the written one is what is wrong."""
    from cnnspec.fixes.other_sizes import MAY_BE_OF_SIZES

    ids = {each.id for each in compiled.diagnostics}
    if compiled.built is None or not ids & MAY_BE_OF_SIZES or "channels-last" in ids:
        return ""
    from cnnspec.api.sizes_beside import sizes_hint

    found = sizes_hint(compiled, look)
    return found + "\n" if found else ""


def _as_data(found: Iterable[tuple[str, Compiled]], strict: bool, form: str, colour: str) -> int:
    """Everything that was found on standard output, in a form that other programs read."""
    from cnnspec.reports.findings.exchange import FORMATS

    models = [one for _, one in found]
    say(FORMATS[form](models, looks(colour)[0]))
    return max(verdict(each, strict) for each in models)

"""`cnnspec check --fix` and `--diff`: what can be mended is mended, or shown as a diff, and what is left is told."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from cnnspec.build.options import Options
from cnnspec.cli.check import all_said, shown
from cnnspec.cli.conventions import CLEAN, FINDINGS, FULL, USAGE
from cnnspec.cli.options import looks
from cnnspec.cli.refusal import refuse
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verdict import is_misfit
from cnnspec.files import STDIN, Library, read_source
from cnnspec.fixes import apply
from cnnspec.fixes.apply import Mended, Wanted
from cnnspec.fixes.bench import Program, compiled_with
from cnnspec.lower.atomic import write_together
from cnnspec.lower.errors import ExportError
from cnnspec.pipeline import Compiled
from cnnspec.reports.findings.reformatted import difference
from cnnspec.reports.findings.text import render
from cnnspec.reports.look import Look, visible
from cnnspec.reports.summary import tally
from cnnspec.resources import GIT, ZOO
from cnnspec.rules.selection import Selection
from cnnspec.source.diagnostic import Diagnostic, Severity
from cnnspec.source.text import Source

BOM = b"\xef\xbb\xbf"


class Mending(NamedTuple):
    """The options of `check` that say what is mended and how the rest is shown."""

    options: Options
    chosen: Selection
    unsafe: bool
    strict: bool
    form: str
    colour: str


class Result(NamedTuple):
    """What was made of the files: what is left of each program, and why some files could not be read."""

    made: Mended
    programs: tuple[Program, ...]
    unread: Mapping[str, Diagnostic]

    def found(self, files: Sequence[str]) -> list[tuple[str, Compiled]]:
        """What is left to say, in the order in which the files were given."""
        left = {program.source.name: found for program, found in zip(self.programs, self.made.left, strict=True)}
        unread = {name: (Compiled(None, None, (each,)),) for name, each in self.unread.items()}
        return [(name, one) for name in files for one in (left.get(name) or unread[name])]


def mended(given: tuple[str | Diagnostic, ...], how: Mending, *, shows: bool, writes: bool) -> int:
    """Mends the files that are named, and no others, or shows what would be changed; gives the exit code. In place of a
    file stands why there is none.

    A fix shall hold for every file that is named, and for their own numbers besides those of `--set` and `--input`.
    """
    files = {each if isinstance(each, str) else each.file or "": each for each in given}
    _usage(tuple(files), how, shows, writes)
    out, err = looks(how.colour)
    result = _result(files, how)
    found = result.found(tuple(files))
    if misfits := [each for each in found if is_misfit(each[1].diagnostics)]:  # what was asked for is another network
        return shown(misfits, how.strict, how.form, how.colour, aside=True)
    if shows:
        return _show(result, how, out, err)
    try:
        _write(result)
    except ExportError as error:
        return refuse(error.message, error.hint, err)
    code = shown(found, how.strict, how.form, how.colour, aside=STDIN in files)
    tell(summary(result, err, "fixed", how.unsafe))
    return code


def _usage(files: tuple[str, ...], how: Mending, shows: bool, writes: bool) -> None:
    """A usage error for what does not go together, or cannot be written to."""
    context = click.get_current_context(silent=True)
    if not (shows or writes):
        raise click.UsageError("`--unsafe-fixes` says which fixes are made: it goes with `--fix` or `--diff`", context)
    if how.form != FULL and (shows or STDIN in files):
        what = "a diff goes" if shows else "the mended text goes"
        raise click.UsageError(f"{what} to standard output, where `--format {how.form}` would go, too", context)
    past = next((name for name in files if name.startswith(GIT)), None)
    if past and not shows:
        raise click.UsageError(f"`{past}` is in git's history, which is not changed", context)
    shipped = next((name for name in files if name.startswith(ZOO)), None)
    if shipped and not shows:
        copy = f"`cnnspec zoo {shipped.removeprefix(ZOO)} > my_net.cnn` makes a copy that is yours"
        raise click.UsageError(f"`{shipped}` ships with cnnspec and is not changed; {copy}", context)


def _result(files: Mapping[str, str | Diagnostic], how: Mending) -> Result:
    limits = how.options.limits
    sources = {name: read_source(name, limits) if each == name else each for name, each in files.items()}
    unread = {name: each for name, each in sources.items() if isinstance(each, Diagnostic)}
    programs = tuple(Program(each, how.options) for each in sources.values() if isinstance(each, Source))

    def answer(program: Program, texts: Mapping[str, str]) -> tuple[Compiled, ...]:
        library = Library(program.source.name, program.options.limits, texts)
        return all_said(compiled_with(program, texts), program.options, how.chosen, library)

    wanted = Wanted(frozenset(each.source.name for each in programs), how.unsafe)
    own = how.options._replace(parameters={}, inputs={})
    guards = [each._replace(options=own) for each in programs] if own != how.options else []
    return Result(apply.mended(programs, answer, wanted, guards), programs, unread)


def _write(result: Result) -> None:
    """The new texts to their files, written beside and then renamed; that of standard input to standard output."""
    for program in result.programs:
        name = program.source.name
        if name == STDIN:
            say(result.made.texts.get(name, program.source.text))
        elif name in result.made.texts:
            path = Path(os.path.realpath(name))
            with path.open("rb") as file:
                mark = BOM if file.read(len(BOM)) == BOM else b""
            write_together({path: [mark, result.made.texts[name].encode("utf-8")]})


def _show(result: Result, how: Mending, out: Look, err: Look) -> int:
    """The changes as a diff; 1 if there are any, 2 if a file could not be read, else 0."""
    for program in result.programs:
        name, text = program.source.name, program.source.text
        if name in result.made.texts:
            say(difference(name, text, result.made.texts[name], out))
    for each in result.unread.values():
        tell(render(each, err))
    tell(summary(result, err, "would fix", how.unsafe))
    return USAGE if result.unread else FINDINGS if result.made.texts else CLEAN


def summary(result: Result, look: Look, verb: str, unsafe: bool) -> str:
    """`fixed 3 errors, 1 left`, and what else could be done; nothing where nothing was found."""
    found = (each for one in result.made.left for model in one for each in model.diagnostics)
    left = [each for each in dict.fromkeys(found) if each.severity is not Severity.HINT]
    if not result.made.made and not left:
        return ""
    said = f"{verb} {tally(result.made.made) or 'nothing'}; {tally(left) or 'nothing'} left\n"
    named = {program.source.name for program in result.programs}
    fixes = [each.fix for each in left if each.fix]
    waiting = sum(not fix.safe for fix in fixes if {edit.span.source.name for edit in fix.edits} <= named)
    if waiting and not unsafe:
        them = "it" if len(left) == 1 else f"{waiting} of them"
        said += f"`--unsafe-fixes` tries the fix of {them}, too, which may change the network\n"
    for name in sorted({edit.span.source.name for fix in fixes for edit in fix.edits} - named):
        said += f"a fix lies in {visible(name, look.encoding)}: name that file, too\n"
    return said

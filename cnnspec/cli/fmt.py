"""`cnnspec fmt`"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from cnnspec.cli.conventions import CLEAN, FINDINGS, USAGE
from cnnspec.cli.options import colour_option, complete_network, limit_option, limits_of, looks
from cnnspec.cli.refusal import refuse
from cnnspec.cli.streams import say, tell
from cnnspec.cli.verb import Verb
from cnnspec.files import STDIN
from cnnspec.reports.look import Look, visible

if TYPE_CHECKING:
    from cnnspec.api.format import Layout
    from cnnspec.build.options import Limits


@click.command(cls=Verb)
@click.argument("files", nargs=-1, required=True, shell_complete=complete_network, metavar="FILE...")
@click.option("--check", is_flag=True, help="Write nothing; name the files that would change, and exit with 1.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, and exit with 1.")
@limit_option
@colour_option
def fmt(files: tuple[str, ...], check: bool, diff: bool, limits: tuple[str, ...], colour: str) -> int:
    """Lay texts out in the one way: blanks, line ends, columns.

    FILE is a path, a folder (all .cnn files below it), or - for standard input, which goes to standard output. What a
    text says is never changed, and no comment is lost: the new text is read again and compared. A file with syntax
    errors is left as it is, and the exit code is 1.

    \b
    Examples:
      cnnspec fmt model.cnn
      cnnspec fmt --check examples/
      cnnspec fmt --diff *.cnn
      cnnspec fmt - < model.cnn
    """
    out, err = looks(colour)
    done: list[tuple[Layout, int]] = []
    if not (check or diff):
        _check_writable(files)
    for each in _layouts(files, limits_of(limits)):
        code = _shown(each, check, diff, out, err) if check or diff or each.name == STDIN else _written(each, err)
        done.append((each, code))
    _summary(done, not (check or diff), err)
    for fault in (each.fault for each, _ in done if each.fault):
        raise fault  # the exit code is that of a fault, and a report is written
    return max(code for _, code in done)


def _check_writable(names: tuple[str, ...]) -> None:
    """A usage error for a network that ships, and for what is past."""
    from cnnspec.files import path_of
    from cnnspec.resources import GIT, ZOO

    for name in names:
        if name.startswith(GIT):
            raise click.UsageError(f"`{name}` is in git's history, which is not rewritten")
        if name.startswith(ZOO) and isinstance(path_of(name), str):
            copy = f"`cnnspec zoo {name.removeprefix(ZOO)} > my_net.cnn` makes a copy that is yours"
            raise click.UsageError(f"`{name}` ships with cnnspec and is not rewritten; {copy}")


def _layouts(names: tuple[str, ...], limits: Limits) -> Iterator[Layout]:
    from cnnspec.api.format import Layout, layout
    from cnnspec.files import texts_of

    for each in texts_of(names):
        yield layout(each, limits) if isinstance(each, str) else Layout(each.file or "", diagnostics=(each,))


def _written(each: Layout, err: Look) -> int:
    """Rewrites a file."""
    from cnnspec.api.format import write_back
    from cnnspec.lower.errors import ExportError

    if each.after is None:
        return _refused(each, err)
    try:
        if each.changes:
            write_back(each)
    except ExportError as error:
        return refuse(error.message, error.hint, err)
    return CLEAN


def _shown(each: Layout, check: bool, diff: bool, out: Look, err: Look) -> int:
    """Writes to standard output: the text that was read from standard input, or what would change."""
    from cnnspec.reports.findings.reformatted import difference, would_change

    if each.after is None:
        return _refused(each, err)
    if not (check or diff):
        say(each.after)
        return CLEAN
    if each.changes:  # a byte order mark alone is no difference that a diff could show
        shown = difference(each.name, each.before, each.after, out) if diff else ""
        say(shown or would_change(each.name, out))
    return FINDINGS if each.changes else CLEAN


def _refused(each: Layout, err: Look) -> int:
    """Says why a text is left as it is."""
    if each.fault:
        return refuse(f"`{each.name}` is left as it is: {each.fault}", None, err)
    from cnnspec.reports.findings.text import render_all
    from cnnspec.reports.summary import tally

    unread = all(found.label is None for found in each.diagnostics)
    last = "" if unread else f"{err.paint('error', tally(each.diagnostics))} in {visible(each.name, err.encoding)}\n"
    tell(render_all(each.diagnostics, err) + "\n" + last)
    return USAGE if unread else FINDINGS


def _summary(done: Sequence[tuple[Layout, int]], written: bool, err: Look) -> None:
    """One line on what became of the files, if there were any."""
    from cnnspec.reports.findings.reformatted import summary

    files = [(each, code) for each, code in done if each.name != STDIN]
    stands = [each for each, code in files if each.after is not None and not (written and code)]
    changed = sum(each.changes for each in stands)
    if files:
        tell(summary(changed, len(stands) - changed, len(files) - len(stands), written=written) + "\n")

"""The network that a command is about: the one place where every verb compiles a file with what was asked of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.cli.verdict import answered, is_misfit
from cnnspec.reports.look import Look

if TYPE_CHECKING:
    from cnnspec.build.options import Options
    from cnnspec.pipeline import Compiled


def network(file: str, options: Options, err: Look) -> Compiled:
    """The network under a name given on the command line, if what the options ask for is there; see `fitting`."""
    from cnnspec.pipeline import compile_file

    return fitting(file, compile_file(file, options), err)


def fitting(file: str, compiled: Compiled, err: Look) -> Compiled:
    """The same. Where an option fits nothing in the file (`--set widht=8`) there is no network, as if the file could
    not be read: what was compiled is the file's own, and its numbers would pass for those that were asked for."""
    if not is_misfit(compiled.diagnostics):
        return compiled
    from cnnspec.pipeline import Compiled

    return Compiled(compiled.source, None, answered(compiled).diagnostics, compiled.options)

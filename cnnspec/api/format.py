"""Texts in the one layout: what `cnnspec fmt` does, and the same from Python."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cnnspec.build.options import Limits, bounded
from cnnspec.files import STDIN, read_source
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from cnnspec.syntax.format import LayoutFault, formatted


class Layout(NamedTuple):
    """One text and what becomes of it. `after` is None where it is left as it is: it cannot be read or its syntax is
    wrong, then the diagnostics say why; or by a fault of ours. `changes`: the file would be another one, if only by
    its byte order mark."""

    name: str
    before: str = ""
    after: str | None = None
    changes: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    fault: LayoutFault | None = None


def format_text(text: str, /, *, name: str = "<text>", limits: Mapping[str, int] | None = None) -> str:
    """The text in the one layout; SpecError if its syntax is wrong. Whether the network is right is not asked."""
    result = formatted(Source(name, text), bounded(limits or {}).syntax)
    if result.text is None:
        from cnnspec.api.load import SpecError  # which brings the whole compiler

        raise SpecError(result.diagnostics)
    return result.text


def layout(name: str, limits: Limits) -> Layout:
    """What becomes of a file, or of standard input (`-`). Nothing is written."""
    source = read_source(name, limits)
    if isinstance(source, Diagnostic):
        return Layout(name, diagnostics=(source,))
    try:
        after, diagnostics = formatted(source, limits.syntax)
    except LayoutFault as fault:
        return Layout(name, source.text, fault=fault)
    changes = after is not None and (after != source.text or _begins_with_mark(name))
    return Layout(name, source.text, after, changes, diagnostics)


def write_back(layout: Layout) -> None:
    """Puts the new text in the file's place, once it is complete; ExportError names the file and the cause. A link
    stays a link, and the file keeps its permissions."""
    from cnnspec.lower.atomic import write_together

    assert layout.after is not None, "there is no text to write"
    write_together({Path(os.path.realpath(layout.name)): [layout.after.encode("utf-8")]})


def _begins_with_mark(name: str) -> bool:
    """Whether a file that was just read begins with a byte order mark, which is no part of its text."""
    if name == STDIN:
        return False
    try:
        with open(name, "rb") as file:
            return file.read(3) == b"\xef\xbb\xbf"
    except OSError:  # it was there a moment ago; whoever writes it will be told
        return False

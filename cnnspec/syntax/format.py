"""The formatter: text to text, and the proof that the new text says what the old one said."""

from typing import NamedTuple

from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import DEFAULT_LIMITS, parse
from cnnspec.syntax.printer.printer import printed
from cnnspec.syntax.printer.proof import difference


class Formatted(NamedTuple):
    """A text in the one layout; or None, where the syntax is wrong, and what is wrong with it."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...]


class LayoutFault(AssertionError):
    """The formatter would have changed what a text says: a fault of ours, and the text is left as it is."""


def formatted(source: Source, limits: SyntaxLimits = DEFAULT_LIMITS) -> Formatted:
    """The text in the one layout: line ends are LF, the last line has one, there is no byte order mark.

    LayoutFault where the new text would not say the same as the old one, or would itself be laid out otherwise.
    """
    file, diagnostics = parse(source, limits)
    if any(each.is_error for each in diagnostics):
        return Formatted(None, diagnostics)
    text = printed(file)
    if len(text.encode("utf-8", "surrogatepass")) > limits.file_bytes:
        place = Span(source, 0, 0)
        found = complaints.limit_exceeded("file_bytes", limits.file_bytes, "bytes once laid out", place)
        return Formatted(None, (found,))
    if text != source.text:
        again, errors = parse(Source(source.name, text), limits)
        fault = "it is no longer read" if errors else difference(file, again)
        if fault is None and printed(again) != text:
            fault = "its layout changes the second time"
        if fault is not None:
            raise LayoutFault(fault)
    return Formatted(text, diagnostics)

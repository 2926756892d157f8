"""Text to tree: the one door into this room."""

from typing import Any

from cnnspec.collector import collector_paused
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints, tree
from cnnspec.syntax.actions import Actions
from cnnspec.syntax.engine import Parser
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.foreign_comments import without_foreign_comments
from cnnspec.syntax.layout import lay_out
from cnnspec.syntax.lexer import lex
from cnnspec.syntax.limits import SyntaxLimits, allow_recursion
from cnnspec.syntax.trouble import Trouble

LONGEST_CHECKED = 2_000
"""Characters of a line up to which a proposed fix is tried."""

DEFAULT_LIMITS = SyntaxLimits()

allow_recursion(DEFAULT_LIMITS)  # at once: Hypothesis warns of what a test that it runs does to it


def parse(source: Source, limits: SyntaxLimits = DEFAULT_LIMITS) -> tuple[tree.File, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with its syntax, in order of place. No text makes it raise.

    A line that cannot be read is a `tree.Broken`; a text beyond a limit is one `Broken` as a whole.
    """
    allow_recursion(limits)
    findings = Findings()
    with collector_paused():
        file = _file(source, limits, findings, _checked)
    return file, findings.close()


def _file(source: Source, limits: SyntaxLimits, findings: Findings, check: Any) -> tree.File:
    text = source.text
    everything = Span(source, 0, len(text))
    refused = tree.File(None, (tree.Broken(everything),), (), everything)
    if len(text) > limits.file_bytes or len(text.encode("utf-8", "surrogatepass")) > limits.file_bytes:
        findings.add(complaints.limit_exceeded("file_bytes", limits.file_bytes, "bytes", Span(source, 0, 0)))
        return refused
    lexed = lex(source, limits.tokens)
    if lexed.overflow is not None:
        span = Span(source, lexed.overflow.start, lexed.overflow.end)
        findings.add(complaints.limit_exceeded("tokens", limits.tokens, "words and signs", span))
        return refused
    tokens = without_foreign_comments(source, lexed.tokens, findings)
    layout = lay_out(source, tokens, limits, findings)
    if layout.too_deep is not None:
        span = Span(source, layout.too_deep.start, layout.too_deep.end)
        findings.add(complaints.limit_exceeded("nesting", limits.nesting, "brackets one in another", span))
        return refused
    actions = Actions(source, findings)
    version, items = Parser(source, layout, actions, findings, check).run()
    return tree.File(version, items, lexed.comments, everything)


def _checked(diagnostic: Diagnostic, trouble: Trouble) -> Diagnostic:
    """The diagnostic without its fix where the line, mended so, would not be read any further than to its end."""
    fix = diagnostic.fix
    if fix is None:
        return diagnostic
    first, last = trouble.tokens[trouble.first].start, trouble.tokens[trouble.end - 1].end
    if last - first > LONGEST_CHECKED:
        return diagnostic._replace(fix=None)
    line, at = [], first
    for edit in sorted(fix.edits, key=lambda each: each.span.start):
        line += [trouble.source.text[at : edit.span.start], edit.replacement]
        at = edit.span.end
    mended = "".join(line) + trouble.source.text[at:last]
    head = "" if trouble.in_file else "block B {\n"
    again = Findings()
    _file(Source("", f"{head}{mended}\n}}" if head else mended), DEFAULT_LIMITS, again, lambda found, _: found)
    behind = len(head) + len("".join(line))
    is_read = all(each.label is not None and each.label.span.start >= behind for each in again.diagnostics)
    return diagnostic if is_read else diagnostic._replace(fix=None)

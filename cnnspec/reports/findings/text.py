"""Diagnostics as a terminal shows them. Without rich, which costs more to import than a whole check."""

from collections.abc import Sequence

from cnnspec.reports.findings.snippet import Gutter, fixed, last_line, snippet
from cnnspec.reports.look import Look, visible
from cnnspec.reports.summary import tally
from cnnspec.source.diagnostic import Diagnostic, Fix, Frame, Label
from cnnspec.source.text import Source, Span

MOST_SHOWN = 50
MOST_FRAMES = 4
LONGEST_STEP = 48


def render_all(diagnostics: Sequence[Diagnostic], look: Look) -> str:
    """At most 50, errors before all else, in their order, an empty line between; then how many are not shown."""
    chosen = set(sorted(range(len(diagnostics)), key=lambda i: (not diagnostics[i].is_error, i))[:MOST_SHOWN])
    parts = [render(each, look) for i, each in enumerate(diagnostics) if i in chosen]
    left = [each for i, each in enumerate(diagnostics) if i not in chosen]
    if left:
        parts.append(f"{look.ellipsis} and {tally(left)} more\n")
    return "\n".join(parts)


def render(diagnostic: Diagnostic, look: Look) -> str:
    """One diagnostic, ending with a line break."""
    severity = diagnostic.severity.value
    head = look.paint(severity, f"{severity}[{diagnostic.id}]")
    lines = [f"{head}{look.paint('bold', ': ' + visible(diagnostic.message, look.encoding))}"]
    gutter = Gutter(_digits(diagnostic), look)
    if diagnostic.label:
        lines += _places(diagnostic.label, diagnostic, gutter)
    elif diagnostic.file is not None:
        lines.append(gutter.arrow(visible(diagnostic.file, look.encoding)))
    for note in diagnostic.notes:
        lines += gutter.remark("note", _said(note, look))
    if diagnostic.trace:
        lines += gutter.remark("note", _trace(diagnostic, look))
    return "\n".join([*lines, *_help(diagnostic, gutter)]) + "\n"


def _said(text: str, look: Look) -> str:
    """Notes and help may have several lines."""
    return "\n".join(visible(each, look.encoding) for each in text.split("\n"))


def _digits(diagnostic: Diagnostic) -> int:
    labels = [diagnostic.label, *diagnostic.secondary]
    numbers = [last_line(label) for label in labels if label]
    for fix in (diagnostic.fix, *diagnostic.alternatives) if diagnostic.fix else ():
        written = sum(edit.replacement.count("\n") for edit in fix.edits)
        numbers += [edit.span.source.position(edit.span.end)[0] + written for edit in fix.edits]
    return len(str(max(numbers, default=1)))


def _places(primary: Label, diagnostic: Diagnostic, gutter: Gutter) -> list[str]:
    """The snippet of the primary label's file, then one for each other file that a secondary label stands in."""
    by_source: dict[Source, list[tuple[Label, str, str]]] = {}
    by_source[primary.span.source] = [(primary, "^", diagnostic.severity.value)]
    for label in diagnostic.secondary:
        by_source.setdefault(label.span.source, []).append((label, "-", "second"))
    lines = []
    for source, labels in by_source.items():
        sign = "-->" if source is primary.span.source else ":::"
        lines += [gutter.arrow(place(labels[0][0].span, gutter.look), sign), gutter.row()]
        lines += snippet(source, labels, gutter)
    return lines


def place(span: Span, look: Look) -> str:
    """`resnet.cnn:4:3`"""
    return f"{visible(span.source.name, look.encoding)}:{span.line}:{span.column}"


def _trace(diagnostic: Diagnostic, look: Look) -> str:
    """The way out of the block, the innermost step first."""
    frames = list(reversed(diagnostic.trace))
    told = frames if len(frames) <= MOST_FRAMES else [*frames[: MOST_FRAMES - 1], frames[-1]]
    home = diagnostic.label.span.source if diagnostic.label else None
    lines = [_frame(each, home, look) for each in told]
    if len(told) < len(frames):
        lines.insert(-1, f"{look.ellipsis} {len(frames) - len(told)} more")
    return "\n".join(lines)


def _frame(frame: Frame, home: Source | None, look: Look) -> str:
    step = visible(frame.span.text.split("\n")[0].strip(), look.encoding)
    if len(step) > LONGEST_STEP:
        step = step[:LONGEST_STEP].rstrip() + look.ellipsis
    same = frame.span.source is home
    where = (
        f"at line {frame.span.line}"
        if same
        else f"at {visible(frame.span.source.name, look.encoding)}:{frame.span.line}"
    )
    return f"in {visible(frame.path, look.encoding)}, from `{step}` {where}"


def _help(diagnostic: Diagnostic, gutter: Gutter) -> list[str]:
    fix, look = diagnostic.fix, gutter.look
    text = diagnostic.help or (fix.title if fix else None)
    if text is None:
        return []
    first, *more = _said(text, look).split("\n")
    lines = [f"{look.paint('bold', 'help:')} {first}", *(f"      {each}" for each in more)]
    if fix:
        lines += fixed(fix, _remark(fix, text, look), gutter)
    for other in diagnostic.alternatives:
        lines.append(f"{look.paint('bold', 'help:')} or {visible(other.title, look.encoding)}")
        lines += fixed(other, _remark(other, other.title, look), gutter)
    return lines


def _remark(fix: Fix, help: str, look: Look) -> str:
    """`unsafe fix: adds 8,448 parameters`; the title where the help above says something else."""
    said = (fix.title if fix.title != help else "", fix.cost)
    return visible(": ".join(("safe fix" if fix.safe else "unsafe fix", *filter(None, said))), look.encoding)

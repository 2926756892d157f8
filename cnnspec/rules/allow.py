"""`# cnnspec: allow lost-border`: a lint that is meant to be quiet at one place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cnnspec.rules.lints.bad_allow import RULE as BAD
from cnnspec.rules.lints.unused_allow import RULE as UNUSED
from cnnspec.rules.selection import why_no_lint
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.source.text import Source, Span
from cnnspec.syntax.allowing import allowing, comments_of, line_of

_WITHOUT_COLON = re.compile(r"#\s*cnnspec(?=\s+allow\b)")


class Allowance(NamedTuple):
    """One id in one comment, and the line that it holds for."""

    id: str
    span: Span
    comment: Span
    line: int


class Allowances:
    """All of them, in all texts of a network; which have silenced something is kept."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self.found: list[Allowance] = []
        self.bad: list[Diagnostic] = []
        for source in sources:
            for comment in comments_of(source):
                self._read(comment)
        self._by_place = {(each.span.source, each.line, each.id): each for each in self.found}
        self._served: set[Allowance] = set()

    def _read(self, comment: Span) -> None:
        bare = _WITHOUT_COLON.search(comment.text)
        if bare is not None:
            end = comment.start + bare.end()
            at = Span(comment.source, comment.start + bare.start(), end)
            fix = Fix("", (Edit(Span(comment.source, end, end), ":"),), safe=True)
            self.bad.append(BAD.found("a colon is missing behind `cnnspec`", at, help="write `cnnspec:`", fix=fix))
            return
        form = allowing(comment)
        if form is None:
            return
        if not form.ids:
            at = Span(comment.source, form.start, comment.end)
            message = "behind `cnnspec:` stands `allow` and a rule"
            self.bad.append(BAD.found(message, at, help="`# cnnspec: allow lost-border`"))
            return
        for span in form.ids:
            why = why_no_lint(span.text)
            if why is None:
                self.found.append(Allowance(span.text, span, comment, line_of(comment)))
            else:
                self.bad.append(_bad(span.text, why, span))

    def silence(self, found: Diagnostic) -> bool:
        """Whether a finding is allowed, at its own line or where a block on the way to it is used."""
        if found.label is None or not self._by_place:
            return False
        spans = (found.label.span, *(frame.span for frame in found.trace))
        places = ((span.source, span.line, found.id) for span in spans)
        allowed = next((self._by_place[each] for each in places if each in self._by_place), None)
        if allowed is not None:
            self._served.add(allowed)
        return allowed is not None

    def unused(self, source: Source, active: Sequence[str]) -> Iterator[Diagnostic]:
        """Those of one text that silenced nothing although their rule was awake."""
        for each in self.found:
            if each.span.source is source and each.id in active and each not in self._served:
                yield UNUSED.found(
                    f"`{each.id}` does not speak here", each.span, help="delete the comment", fix=_without(each)
                )


def _bad(name: str, why: str, span: Span) -> Diagnostic:
    message, _, help = why.partition("; ")
    near = help.partition("`")[2].partition("`")[0] if help.startswith("did you mean") else None
    fix = Fix("", (Edit(span, near),), safe=True) if near else None
    return BAD.found(message, span, help=help or "mend it: without that there is no network", fix=fix)


def _without(allowance: Allowance) -> Fix | None:
    """The comment taken out, if it says nothing else."""
    comment = allowance.comment
    text = comment.source.text
    start = len(text[: comment.start].rstrip(" \t"))
    if comment.text.split("allow", 1)[1].strip() != allowance.id:
        return None
    return Fix("", (Edit(Span(comment.source, start, comment.end), ""),), safe=True)

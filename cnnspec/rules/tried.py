"""Fixes of lints, tried before they are shown: the text compiles as before, and the finding is gone."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic, Edit
from cnnspec.source.text import Source

MOST = 20
"""Fixes that are tried one by one, where all of them together do not go well; what is not tried is not shown."""

Look = Callable[[Source], Sequence[Diagnostic] | None]
"""What the lints find in a text; None where it has errors."""


def with_tried_fixes(found: Sequence[Diagnostic], source: Source, look: Look) -> list[Diagnostic]:
    """The findings, each without its fix if that does not hold."""
    fixed = [each for each in found if each.fix is not None]
    if not fixed or _hold(fixed, found, source, look):
        return list(found)
    sure = [each for each in fixed[:MOST] if _hold([each], found, source, look)]
    return [each if each.fix is None or each in sure else _without_fix(each) for each in found]


def _without_fix(found: Diagnostic) -> Diagnostic:
    title = found.fix.title if found.fix else ""
    return found._replace(fix=None, help=found.help or title or None)


def _hold(fixed: Sequence[Diagnostic], found: Sequence[Diagnostic], source: Source, look: Look) -> bool:
    """Whether with these fixes made the text compiles, and of each rule so many findings fewer are there."""
    text = mended(source, (edit for each in fixed if each.fix for edit in each.fix.edits))
    left = look(Source(source.name, text)) if text is not None else None
    if left is None:
        return False
    before, after = Counter(each.id for each in found), Counter(each.id for each in left)
    return all(after[id] <= before[id] - number for id, number in Counter(each.id for each in fixed).items())


def mended(source: Source, edits: Iterable[Edit]) -> str | None:
    """The text with the edits made; None where one touches another or stands in another text."""
    change = Change(dict.fromkeys(edits))  # two findings may take the same line out
    texts = {} if change.overlaps else change.texts()
    return texts.get(source.name) if set(texts) == {source.name} else None

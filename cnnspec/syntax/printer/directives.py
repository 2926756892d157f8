"""Comments that are about a row: `# cnnspec: allow lost-border`."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.syntax.tree import Comment

_FORM = re.compile(r"#\s*cnnspec:")


class Meant(NamedTuple):
    """The row that one is about, from its first token (or the line's begin) to its end. `behind`: the comment stands
    behind the row, and not above it."""

    start: int
    end: int
    behind: bool


def meant_rows(text: str, comments: Sequence[Comment], starts: Sequence[int]) -> list[Meant]:
    """All of them in order; `starts` are where the tokens begin."""
    found = set()
    for _, span in (each for each in comments if _FORM.match(each.text)):
        begun = text.rfind("\n", 0, span.start) + 1
        if text[begun : span.start].strip():
            found.add(Meant(begun, span.start, True))
        elif (index := bisect_left(starts, span.start)) < len(starts):
            end = text.find("\n", starts[index])
            found.add(Meant(starts[index], len(text) if end < 0 else end, False))
    return sorted(found)

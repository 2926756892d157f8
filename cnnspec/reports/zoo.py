"""The networks that come with cnnspec, each with the first words of its own text and the work that it comes from."""

import re
from collections.abc import Iterable

from cnnspec.reports.look import Look, cells, lay, visible

GAP = 2
_WORK = re.compile(r"\b([A-Z][\w'-]+(?: et al\.| and [A-Z][\w'-]+)?), [^,][^#]*?\b((?:19|20)\d\d)\b")
"""How a text names its source: `He et al., Deep Residual Learning for Image Recognition, 2016`."""


def zoo_list(networks: Iterable[tuple[str, str]], look: Look) -> str:
    """A line each: the name as it is typed, then the first comment of its text, cut at the width; and where there is
    room for all of it, whose work it is."""
    rows = [(visible(name, look.encoding), *_told(text)) for name, text in networks]
    name_width, title_width, source_width = (max((cells(row[i]) for row in rows), default=0) for i in range(3))
    room = max(look.width - name_width - GAP, 8)
    spacious = title_width + GAP + source_width <= room
    lines = []
    for name, title, source in rows:
        told = lay(title, 0, 0, room, look).text
        if spacious:
            told = f"{told}{' ' * (title_width + GAP - cells(told))}{source}"
        gap = " " * (name_width + GAP - cells(name))
        lines.append(f"{look.paint('bold', name)}{gap}{look.paint('dim', told.rstrip())}")
    return "\n".join([*lines, ""])


def _told(text: str) -> tuple[str, str]:
    """The first comment, and author and year of the source that those below it name."""
    comments = [line.strip("# ") for line in text.splitlines() if line.startswith("#")]
    work = _WORK.search(" ".join(comments[1:]))
    return (comments[0].rstrip(".;,") if comments else "", f"{work[1]} {work[2]}" if work else "")

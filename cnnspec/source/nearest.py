"""Did you mean: the known name that is nearest to a mistyped one."""

from collections.abc import Iterable
from functools import lru_cache

LEAST = 3
"""Letters that say what a name begins with."""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that begins so, if that is one and three letters say it; else the one within a third of the
    length in edits (a swap of neighbours is one edit), or None."""
    return _nearest(name, tuple(sorted(known)))


@lru_cache(maxsize=1024)
def _nearest(name: str, known: tuple[str, ...]) -> str | None:
    """One slip made a thousand times is looked up once."""
    begun = [each for each in known if len(name) >= LEAST < len(each) and each.lower().startswith(name.lower())]
    if len(begun) == 1 and len(begun[0]) > len(name):
        return begun[0]
    best: tuple[int, str] | None = None
    for each in known:
        if each == name:
            continue
        bound = max(1, max(len(name), len(each)) // 3)
        if abs(len(name) - len(each)) > bound:
            continue
        distance = edits(name.lower(), each.lower())
        if distance <= bound and (best is None or distance < best[0]):
            best = (distance, each)
    return best[1] if best else None


def edits(a: str, b: str) -> int:
    """Optimal string alignment distance: insertions, deletions, substitutions, swaps of neighbours."""
    before: list[int] = []
    last = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        row = [i]
        for j, y in enumerate(b, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]

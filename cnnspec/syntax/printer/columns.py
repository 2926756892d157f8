"""Columns: what neighbouring rows have in common stands one below the other, as in the table of a paper."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from cnnspec.syntax.printer.rows import GAP, WIDTH, Row

COMMENT_GAP = 2
FARTHEST = 88
"""A row that ends beyond this column moves no other row's `=>` or comment."""

SPREAD = 16
"""By how many columns the steps may differ whose arrows are brought into one column."""


def laid_out(rows: Sequence[Row]) -> str:
    """The text of the rows, a line end behind each."""
    lines: list[str] = []
    for group in _groups(rows):
        if group[0].air:
            lines.append("")
        lines += _aligned(group)
    return "".join(f"{line}\n" for line in lines)


def _groups(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Neighbouring rows of one depth; an empty line or a line that is all comment parts them."""
    group: list[Row] = []
    for row in rows:
        if group and (row.air or row.indent != group[-1].indent or not row.tokens or not group[-1].tokens):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _aligned(group: Sequence[Row]) -> list[str]:
    cut = [row.cut() for row in group]
    table = _Table(group, [code for code, _ in cut]).lines()
    codes = [" " * row.indent + code for row, code in zip(group, table, strict=True)]
    lines = _beside(codes, [expect for _, expect in cut], GAP)
    return _beside(lines, [row.comment or "" for row in group], COMMENT_GAP)


def _beside(lines: Sequence[str], notes: Sequence[str], gap: int) -> list[str]:
    """Each line with its note behind it, the notes in one column; lines without a note do not count."""
    column = max(
        (len(line) for line, note in zip(lines, notes, strict=True) if note and len(line) <= FARTHEST), default=0
    )
    result = []
    for line, note in zip(lines, notes, strict=True):
        room = max(column, len(line)) + gap if line.strip() else len(line)
        result.append(line.ljust(room) + note if note else line)
    return result


class _Table:
    """The rows of a group cut at their arrows, so that those of neighbouring rows can be brought into one column."""

    def __init__(self, group: Sequence[Row], codes: Sequence[str]) -> None:
        self.cells = [_cells(row, code) for row, code in zip(group, codes, strict=True)]
        self.words = [row.words() for row in group]
        self.room = [WIDTH - GAP - row.end for row in group]

    def lines(self) -> list[str]:
        self.align(range(len(self.cells)), 0)
        return ["".join(cells) for cells in self.cells]

    def align(self, rows: Iterable[int], column: int) -> None:
        """Aligns the arrows behind a column's step, then the next ones, wherever the words up to there are the same."""
        for _, same in groupby(rows, lambda row: self.words[row][: column + 1] if self.goes_on(row, column) else row):
            for run in self.even(same, column):
                if len(run) > 1:
                    self.pad(run, column)
                    self.align(run, column + 1)

    def goes_on(self, row: int, column: int) -> bool:
        return len(self.words[row]) > column + 1

    def even(self, rows: Iterable[int], column: int) -> Iterator[list[int]]:
        """Rows whose arrows can be aligned: none is far from the others, and no row becomes too long."""
        run: list[int] = []
        narrowest = widest = farthest = 0
        for row in rows:
            width = len(self.cells[row][column])
            if run:
                narrowest, widest = min(narrowest, width), max(widest, width)
                farthest = min(farthest, width + self.room[row])
                if widest - narrowest > SPREAD or widest > farthest:
                    yield run
                    run = []
            if not run:
                narrowest, widest, farthest = width, width, width + self.room[row]
            run.append(row)
        yield run

    def pad(self, run: Sequence[int], column: int) -> None:
        widest = max(len(self.cells[row][column]) for row in run)
        for row in run:
            cells = self.cells[row]
            self.room[row] -= widest - len(cells[column])
            cells[column] = cells[column].ljust(widest)


def _cells(row: Row, code: str) -> list[str]:
    bounds = [0, *(each for each in row.arrows if each), len(code)]
    return [code[start:end] for start, end in pairwise(bounds)]

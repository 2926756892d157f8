"""Columns: what neighbouring rows have in common stands one below the other, as in the table of a paper."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from cnnspec.syntax.printer.rows import GAP, WIDTH, Row

COMMENT_GAP = 2
FARTHEST = 92
"""A row that ends beyond this column moves no other row's `=>` or comment."""

SPREAD = 16
"""By how many columns the steps may differ whose arrows are brought into one column."""


def laid_out(rows: Sequence[Row]) -> str:
    """The text of the rows, a line end behind each."""
    groups = list(_groups(rows))
    cut = [_cut(group) for group in groups]
    columns: dict[int, int] = {}  # of the `=>` in each body
    for group, lines in zip(groups, cut, strict=True):
        body = group[0].body
        columns[body] = max(columns.get(body, 0), _column(code for code, shape in lines if shape))
    parts = []
    for group, lines in zip(groups, cut, strict=True):
        parts += ["\n"] if group[0].air else []
        parts += [f"{line}\n" for line in _noted(group, lines, columns[group[0].body])]
    return "".join(parts)


def _groups(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Neighbouring rows of one body, no empty line between them."""
    group: list[Row] = []
    for row in rows:
        if group and (row.air or row.body != group[-1].body):
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def _cut(group: Sequence[Row]) -> list[tuple[str, str]]:
    """Of each row its code with its indentation, the arrows aligned, and the `=> 64x56x56` at its end."""
    parts = [row.cut() for row in group]
    codes = _Table(group, [code for code, _ in parts]).lines()
    return [(" " * row.indent + code, shape) for row, code, (_, shape) in zip(group, codes, parts, strict=True)]


def _noted(group: Sequence[Row], lines: Sequence[tuple[str, str]], column: int) -> Iterator[str]:
    """The lines of a group. Comments stand in one column, that of `=>` where the body has one and their rows have
    none; those behind a `=>` in another."""
    wide = [_wide(code, shape, column) for code, shape in lines]
    noted = [(code, line, row) for (code, _), line, row in zip(lines, wide, group, strict=True) if row.tokens]
    plain = max(
        column + GAP if column else 0,
        _column(line for code, line, row in noted if row.comment and line == code) + COMMENT_GAP,
    )
    behind = _column(line for code, line, row in noted if row.comment and line != code) + COMMENT_GAP
    for (code, _), line, row in zip(lines, wide, group, strict=True):
        if row.comment is None:
            yield line
        elif row.tokens:
            room = max(plain if line == code else behind, len(line) + COMMENT_GAP)
            yield line.ljust(room) + row.comment
        else:
            yield line + row.comment


def _wide(code: str, shape: str, column: int) -> str:
    return code.ljust(max(column, len(code)) + GAP) + shape if shape else code


def _column(lines: Iterable[str]) -> int:
    """Where the longest line ends of those that count."""
    return max((len(line) for line in lines if len(line) <= FARTHEST), default=0)


class _Table:
    """The rows of a group cut at their arrows, so that those of neighbouring rows can be brought into one column."""

    def __init__(self, group: Sequence[Row], codes: Sequence[str]) -> None:
        self.cells = [_cells(row, code) for row, code in zip(group, codes, strict=True)]
        self.words = [row.words() for row in group]
        self.said = [
            index for index, row in enumerate(group) if row.tokens
        ]  # a line that is all comment parts no table
        self.room = [WIDTH - GAP - row.end for row in group]

    def lines(self) -> list[str]:
        self.align(self.said, 0)
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

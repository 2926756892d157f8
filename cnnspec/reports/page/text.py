"""The texts of a network on its page: numbered, coloured, and beside each line what its steps cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cnnspec.editor.roles import Role, parts
from cnnspec.reports.network.figures import Figures
from cnnspec.reports.numbers import percent, short
from cnnspec.reports.page.cells import safe
from cnnspec.source.text import Source

CLASSES = {
    **dict.fromkeys((Role.COMMENT, Role.DIRECTIVE), "c"),
    Role.WORD: "w",
    Role.BLOCK: "b",
    **dict.fromkeys((Role.DEFINITION, Role.KEYWORD, Role.LOGIC), "k"),
    **dict.fromkeys((Role.WHOLE, Role.REAL, Role.QUANTITY, Role.DIMENSION, Role.FLAG), "n"),
    **dict.fromkeys((Role.TEXT, Role.LABEL, Role.REFERENCE), "t"),
    Role.EXPECTED: "c",
}


def texts(sources: Sequence[Source], costs: Mapping[str, Figures], macs: int) -> str:
    """Each text as a part that folds, the first one open; `costs` are by number of the text and line, `0:12`."""
    return "\n".join(_text(number, source, costs, macs) for number, source in enumerate(sources))


def _text(number: int, source: Source, costs: Mapping[str, Figures], macs: int) -> str:
    lines = [
        f"<details{' open' if not number else ''}><summary><code>{safe(source.name)}</code></summary>",
        '<div class="text" tabindex="0" role="region" aria-label="text of the network"><table>',
    ]
    for line, code in enumerate(_coloured(source.text), start=1):
        place = f"{number}:{line}"
        cost = costs.get(place)
        at = f'<a href="#layers" data-line="{place}" title="the steps of this line">{line}</a>' if cost else str(line)
        told = f'<td class="code">{code}</td><td class="cost">{_told(cost, macs)}</td>'
        lines.append(f'<tr id="t{number}-{line}"><td class="number">{at}</td>{told}</tr>')
    return "\n".join([*lines, "</table></div></details>"])


def _told(cost: Figures | None, macs: int) -> str:
    """What a line costs, in short."""
    if cost is None or not (cost.params or cost.macs):
        return ""
    told = [f"{short(cost.params)} params"] if cost.params else []
    told += [f"{short(cost.macs)} MACs ({safe(percent(cost.macs, macs))})"] if cost.macs and macs else []
    return ", ".join(told)


def _coloured(text: str) -> Iterator[str]:
    """The lines of a text as HTML."""
    drawn: list[str] = []
    for part in parts(text):
        for place, piece in enumerate(text[part.start : part.end].split("\n")):
            if place:
                yield "".join(drawn)
                drawn.clear()
            if not piece.strip("\r"):
                drawn.append(piece.strip("\r"))
            elif part.role in CLASSES:
                drawn.append(f'<span class="{CLASSES[part.role]}">{safe(piece)}</span>')
            else:
                drawn.append(safe(piece))
    if drawn:
        yield "".join(drawn)

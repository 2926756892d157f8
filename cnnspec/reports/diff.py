"""Two texts as a unified diff, as others read it."""

from difflib import unified_diff

from cnnspec.reports.look import Look, visible

_STYLES = {"---": "bold", "+++": "bold", "@@ ": "hint"}
_SIGNS = {"-": "gone", "+": "fix"}


def difference(name: str, before: str, after: str, look: Look) -> str:
    """A unified diff; colour where the look has it. It is empty where the texts are equal."""
    shown = visible(name, look.encoding)
    lines = unified_diff(_lines(before), _lines(after), shown, shown, lineterm="")
    return "".join(f"{_painted(part, line[:3], look)}\n" for line in lines for part in line.split("\n"))


def _lines(text: str) -> list[str]:
    *lines, last = text.split("\n")
    return [*lines, f"{last}\n\\ No newline at end of file"] if last else lines


def _painted(line: str, sign: str, look: Look) -> str:
    style = _STYLES.get(sign) or _SIGNS.get(sign[:1])
    shown = "\t".join(visible(part, look.encoding) for part in line.split("\t"))
    return look.paint(style, shown) if style else shown

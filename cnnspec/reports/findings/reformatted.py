"""What `cnnspec fmt` did, or would do: a summary, and the difference as others read it."""

from difflib import unified_diff

from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import thousands

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


def would_change(name: str, look: Look) -> str:
    return f"{look.paint('bold', visible(name, look.encoding))}: would be reformatted\n"


def summary(changed: int, same: int, refused: int, *, written: bool) -> str:
    """`2 files reformatted, 3 left as they are`; of nothing, nothing."""
    would = "" if written else "would be "
    each = "as it is" if same == 1 else "as they are"
    parts = [(changed, f"{would}reformatted"), (same, f"{would}left {each}"), (refused, "not touched")]
    said = [f"{thousands(number)} {what}" for number, what in parts if number]
    if said:
        number, _, what = said[0].partition(" ")
        said[0] = f"{number} file{'' if number == '1' else 's'} {what}"
    return ", ".join(said)

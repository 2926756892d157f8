"""How a word is written: `conv KERNEL CHANNELS [/STRIDE] [pad=0]`, and its arguments one by one."""

from cnnspec.contract.fields import Field
from cnnspec.manual.entries import Entry
from cnnspec.reports.step import said


def signature(entry: Entry) -> list[str]:
    """The word and its arguments in pieces: what must be replaced in capitals, what may be left out in brackets."""
    pieces = [_piece(each.field) for each in entry.arguments]
    return [entry.word, *pieces, *(["{ BRANCH | BRANCH | … }"] if entry.branches else [])]


def _piece(field: Field) -> str:
    if field.positional:
        name = field.name.upper() + (" …" if field.kind.many else "")
        return name if field.required else f"[{name}]"
    if field.slash:
        return f"[/{field.name.upper()}]"
    return f"[{field.name}={default(field) or '…'}]"


def notation(field: Field) -> str:
    """What an argument is called where it is explained: `kernel`, `/stride`."""
    return f"/{field.name}" if field.slash else field.name


def default(field: Field) -> str:
    """The default as the language writes it; nothing for an argument that is needed, or has none."""
    return "" if field.required or field.default is None else said(field.default)

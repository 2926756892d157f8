"""The networks that come with cnnspec, each with the first words of its own text."""

from collections.abc import Iterable

from cnnspec.reports.look import Look, cells, lay, visible


def zoo_list(networks: Iterable[tuple[str, str]], look: Look) -> str:
    """A line each: the name as it is typed, then the first comment of its text, cut at the width."""
    found = [(visible(name, look.encoding), text) for name, text in networks]
    wide = max((cells(name) for name, _ in found), default=0)
    lines = []
    for name, text in found:
        comment = next((line.strip("# ").rstrip(";,") for line in text.splitlines() if line.startswith("#")), "")
        room = max(look.width - wide - 2, 8)
        told = look.paint("dim", lay(comment, 0, 0, room, look).text)
        lines.append(f"{look.paint('bold', name)}{' ' * (wide - cells(name))}  {told}".rstrip())
    return "\n".join([*lines, ""])

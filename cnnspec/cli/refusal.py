"""What stops a command that is no finding in a network: a file, weights, a device."""

from cnnspec.cli.conventions import USAGE
from cnnspec.cli.streams import tell
from cnnspec.reports.look import Look, visible


def refuse(message: str, hint: str | None, look: Look) -> int:
    """Says it as diagnostics are said, to standard error; gives the exit code."""
    first, *more = (visible(line, look.encoding) for line in message.split("\n"))
    lines = [look.paint("error", "error") + look.paint("bold", f": {first}"), *(f"  {line}" for line in more)]
    if hint:
        lines.append(look.paint("bold", "help:") + f" {visible(hint, look.encoding)}")
    tell("\n".join([*lines, ""]))
    return USAGE


def note(text: str, look: Look) -> None:
    tell(f"{look.paint('bold', 'note:')} {visible(text, look.encoding)}\n")

"""What `cnnspec new` wrote, and what to try with it."""

import os
from pathlib import Path
from shlex import quote

from cnnspec.reports.look import Look, visible

NEXT = (("check", "what is wrong, and where"), ("report", "every shape, parameter and multiply-add"))


def created_text(path: Path, template: str, look: Look) -> str:
    """`wrote model.cnn, a classifier`, then the next two commands as they can be typed."""
    shown = visible(str(path), look.encoding)
    commands = [(f"cnnspec {verb} {visible(_argument(path), look.encoding)}", what) for verb, what in NEXT]
    wide = max(len(command) for command, _ in commands)
    lines = [f"wrote {look.paint('bold', shown)}, template {template}; next:"]
    lines += [f"  {look.paint('step', command)}{' ' * (wide - len(command))}  {what}" for command, what in commands]
    return "\n".join([*lines, ""])


def _argument(path: Path) -> str:
    """The path as a shell takes it, and never for an option."""
    written = str(path)
    return quote(os.path.join(os.curdir, written) if written.startswith("-") else written)

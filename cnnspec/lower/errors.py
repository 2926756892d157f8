"""What goes wrong with weights and files, said once and in words; the commands print `message` and then `hint`."""


class WeightsError(Exception):
    """A file of weights that cannot be used. `message` names the file and the cause, `hint` what would be right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ExportError(Exception):
    """A model that cannot be written. `message` names the file or the value and the cause, `hint` the way out."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


SHORTER = "shorten the labels that most steps stand in"
"""The way out where all names together are too long for a file."""


def shown(name: str) -> str:
    """A name out of a file, safe to print: no control characters, no more than 200 characters."""
    safe = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in name[:201])
    return safe if len(name) <= 200 else safe[:200] + "…"

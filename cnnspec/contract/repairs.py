"""What a layer proposes where it cannot be: changes to its step or to what enters it, in the language's own text.

A layer knows best what it lacks, so that nobody else has to name layers. A proposal is a guess: `fixes/` writes it into
the text, has the whole file checked again, and shows it only if it holds. `title` says in a few words what it is or
what it is for; where there is none the text speaks for itself.
"""

from typing import NamedTuple


class Given(NamedTuple):
    """The argument `field` would be `value`."""

    field: str
    value: str
    title: str = ""


class Before(NamedTuple):
    """Steps that would stand between an operand and this step: `gap -> flatten`. A `{size}` in them stands for the
    extents of the operand `extents_of`."""

    steps: str
    operand: int = 0
    title: str = ""
    extents_of: int | None = None


class Instead(NamedTuple):
    """Another step in this one's place, arguments and all."""

    step: str
    title: str = ""


class Entering(NamedTuple):
    """The first operand would have that many channels."""

    channels: int


class Unflattened(NamedTuple):
    """The first operand would still be a map: the step that made it a vector stands too early."""


Repair = Given | Before | Instead | Entering | Unflattened

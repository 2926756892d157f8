"""What a layer says when it cannot be: it names a field or an operand, never a place in the text."""

from cnnspec.contract.repairs import Repair


class LayerError(Exception):
    """`about` is the name of the field that is to blame, the index of an operand, or None for the step as a whole.

    `id` is the diagnostic's kebab-case id, `notes` the arithmetic worked, `hint` what would be right; `repairs`
    are what could be written for it, the likeliest first.
    """

    def __init__(
        self,
        message: str,
        *,
        id: str = "shape-mismatch",
        about: str | int | None = None,
        label: str = "",
        notes: tuple[str, ...] = (),
        hint: str | None = None,
        repairs: tuple[Repair, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.id = id
        self.about = about
        self.label = label
        self.notes = notes
        self.hint = hint
        self.repairs = repairs


class ArgumentError(LayerError):
    """A value that a field cannot take; raised by a field's kind. `instead` is what may have been meant, as text."""

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        about: str | None = None,
        id: str = "bad-argument",
        instead: str | None = None,
    ) -> None:
        super().__init__(message, id=id, about=about, hint=hint)
        self.instead = instead

"""What stops training: data that does not fit, a loss that is no number, a checkpoint that is damaged."""


class TrainError(Exception):
    """`message` stands alone, lower case, without a full stop; `hint` says what would be right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class DataError(TrainError):
    """A data set that cannot be read, or that does not fit the network; nothing has been trained."""


class Diverged(TrainError):
    """A loss or outputs that are no numbers."""

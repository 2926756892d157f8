"""What can go wrong outside the network's text: a picture, a model file, a device, a list of labels."""


class RunError(Exception):
    """`message` stands alone, lower case, without a full stop; `hint` says what would be right."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ImageError(RunError):
    """A picture that cannot be read or prepared; the others go on."""


class DeviceError(RunError):
    """No onnxruntime, or not the device that was asked for."""


class ModelError(RunError):
    """A model that cannot be loaded, or that names no classes."""


class LabelError(RunError):
    """A list of labels that cannot be read, or that is not as long as the output."""

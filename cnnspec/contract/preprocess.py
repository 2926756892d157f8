"""How a picture becomes the input of a network, as plain data; runtime/preprocess.py does it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.sections import CHANNELS, Crop, Image, Normalize, Resize
from cnnspec.contract.settings import Setting
from cnnspec.contract.values import Dim, Shape, Sizes, Value, Values


def short_side(height: int, width: int, size: int) -> tuple[int, int]:
    """Height and width when the short side becomes `size`; the long side is cut to a whole number, as torchvision
    does."""
    if height <= width:
        return size, int(size * width / height)
    return int(size * height / width), size


class Preprocess(NamedTuple):
    """How a picture becomes the input: Image's steps in order, and its channels (None: as the input has them).

    Its JSON travels in the ONNX metadata under `cnnspec.preprocess`:
    `{"version": 1, "channels": "rgb", "steps": [{"step": "resize", "size": 256, …}, …]}`.
    """

    steps: tuple[Setting, ...]
    channels: str | None = None

    @classmethod
    def from_steps(cls, steps: Iterable[tuple[str, Mapping[str, Any]]], channels: str | None = None) -> Preprocess:
        """From plain words and arguments, bound or as JSON has them; LayerError on what an `image` section refuses."""
        if channels is not None:
            channels = Image.fields["channels"].kind.make(channels)
        return cls(tuple(_bind(word, arguments) for word, arguments in steps), channels)

    @classmethod
    def from_json(cls, text: str) -> Preprocess:
        """What `to_json` wrote; ValueError if it is something else."""
        try:
            data = json.loads(text)
            if data["version"] != 1:
                raise ValueError(f"version {data['version']!r} is not known here")
            steps = [(str(each["step"]), {k: v for k, v in each.items() if k != "step"}) for each in data["steps"]]
            return cls.from_steps(steps, data.get("channels"))
        except LayerError as problem:
            raise ValueError(problem.message) from problem
        except (TypeError, KeyError, AttributeError, OverflowError, RecursionError) as problem:
            raise ValueError("it is not a list of preprocessing steps") from problem

    def to_json(self) -> str:
        steps = [{"step": each.word, **each.arguments} for each in self.steps]
        return json.dumps({"version": 1, "channels": self.channels, "steps": steps}, separators=(",", ":"))

    def fitted(self, shape: Sequence[int | None]) -> Preprocess:
        """The same with its channels said, for an input of this shape (without the batch; None takes any size).

        A vector is filled row by row and must have its channels said. LayerError where no picture could come out so;
        its `about` is the index of the step to blame, or `channels`.
        """
        channels = self.channels or ("grey" if len(shape) == 3 and shape[0] == 1 else "rgb")
        count = CHANNELS[channels]
        if len(shape) not in (1, 3) or (len(shape) == 3 and shape[0] not in (None, count)):
            plural = "" if count == 1 else "s"
            raise LayerError(
                f"a picture in {channels} has {count} channel{plural}, but the input is {show(shape)}",
                about="channels",
                hint="`channels=` takes rgb, bgr or grey",
            )
        for index, step in enumerate(self.steps):
            if isinstance(step, Normalize) and step.channels not in (1, count):
                message = f"numbers for {step.channels} channels, but a picture in {channels} has {count}"
                raise LayerError(message, about=index)
        made, blamed = self._size()
        if made is not None and not fits((count, *made), shape):
            message = f"pictures come out as {show((count, *made))}, but the input is {show(shape)}"
            raise LayerError(message, about=blamed)
        return self._replace(channels=channels)

    def _size(self) -> tuple[tuple[int, int] | None, int | None]:
        """Height and width that every picture comes out with, if they do not depend on it, and the step to blame."""
        made: tuple[int, int] | None = None
        blamed: int | None = None
        for index, step in enumerate(self.steps):
            if isinstance(step, Resize) and isinstance(step.size, int):
                if made is not None:
                    made, blamed = short_side(*made, step.size), index
            elif isinstance(step, (Resize, Crop)):
                made, blamed = pair(step.size), index
        return made, blamed


def fits(made: Shape, wanted: Sequence[int | None]) -> bool:
    """Whether a picture of this shape can be the input; None there takes any size."""
    if len(wanted) == 1:
        return wanted[0] in (None, made[0] * made[1] * made[2])
    return len(made) == len(wanted) and all(want in (None, got) for got, want in zip(made, wanted, strict=True))


def show(shape: Sequence[int | None]) -> str:
    """The shape as the language writes it, `?` for any size."""
    return "x".join("?" if each is None else str(each) for each in shape)


def pair(size: Sizes) -> tuple[int, int]:
    """Height and width of a size that may be one number for both."""
    return (size, size) if isinstance(size, int) else (size[0], size[1])


def _bind(word: str, arguments: Mapping[str, Any]) -> Setting:
    kind = Image.steps.get(word)
    if kind is None:
        raise ArgumentError(f"`image` has no step `{word}`", hint=f"its steps are {', '.join(Image.steps)}")
    strange = sorted(set(arguments) - set(kind.fields))
    missing = [name for name, field in kind.fields.items() if field.required and name not in arguments]
    if strange or missing:
        what = f"has no argument `{strange[0]}`" if strange else f"needs `{missing[0]}=`"
        raise ArgumentError(f"`{word}` {what}", about=(strange or missing)[0])
    return kind(**{name: kind.fields[name].kind.make(_value(name, value)) for name, value in arguments.items()})


def _value(name: str, value: Any) -> Value:
    """A bound or JSON value as the text would have given it."""
    if isinstance(value, float):
        return Fraction(value)
    if isinstance(value, (list, tuple)):
        return Dim(value) if name == "size" else Values(_value(name, each) for each in value)
    if not isinstance(value, (int, str, bool, Fraction)):
        raise ArgumentError(f"{value!r} is no value of `{name}`")
    return value

"""Random lines, chains and steps, with the shapes that come of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from cnnspec.contract.register import words
from cnnspec.contract.values import Shape, Word
from tests.judges.random_draw import Draw
from tests.judges.random_spots import File, Known, Spot, number, step_text, written
from tests.judges.random_values import plain_values
from tests.judges.random_words import drawn, fitted, words_for


class Made(NamedTuple):
    """A step as it is written and what it gives.

    `label`: it may, must or never bears one; `listed` puts `[]` behind it. `again`: it can be applied again under its
    label. `ends`: with a label no step may follow.
    """

    text: str
    shape: Shape
    inside: Mapping[str, Known] = {}
    label: str = "may"
    listed: bool = False
    again: bool = False
    ends: bool = False


Maker = Callable[[Spot, Shape], Made | None]


class Steps:
    """What is written so far, and how many steps are left to write."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.left = 12
        self.careless = False
        self.main = File("model.cnn")
        self._names = 0

    def ask(self, spot: Spot, shape: Shape, text: str) -> Shape | None:
        """What the compiler says comes of a step at this place (given by Blocks)."""
        raise NotImplementedError

    def requirement(self, spot: Spot) -> str:
        """A line of `require` (given by Forms)."""
        raise NotImplementedError

    def makers(self, spot: Spot, shape: Shape) -> list[Maker]:
        """The forms of a step that may be written here (given by Forms)."""
        raise NotImplementedError

    def name(self, stem: str) -> str:
        """A name that is nowhere else in the text."""
        self._names += 1
        return f"{stem}{self._names}"

    # -- lines and chains ---------------------------------------------------------------------------------------------

    def lines(self, spot: Spot, shape: Shape, most: int, percent: int = 50) -> tuple[list[str], Shape]:
        lines: list[str] = []
        for _ in self.draw.several(most, percent):
            if self.draw.chance(8):
                lines += self.preamble(spot)
            text, shape = self.draw.part(partial(self.chain, spot, shape, 3))
            lines.append(text)
            if self.left <= 0:
                break
        return lines, shape

    def chain(self, spot: Spot, shape: Shape, most: int) -> tuple[str, Shape]:
        """Steps joined by arrows, on one line or several."""
        texts: list[str] = []
        more = True
        while more:
            more = len(texts) + 1 < most and self.draw.chance(50)
            text, shape = self.draw.part(partial(self.step, spot, shape, last=not more))
            texts.append(text)
        return ("\n    -> " if self.draw.chance(10) else " -> ").join(texts), shape

    def step(self, spot: Spot, shape: Shape, *, last: bool) -> tuple[str, Shape]:
        """One step with its label, repeat and expectation."""
        self.left -= 1
        times = self.draw.one((1, 2, 3, 0)) if self.draw.chance(15) else None
        place = spot if times is None else spot.copied()
        maker = self.draw.one(self.makers(spot, shape))
        made = maker(place, shape) or self.word(place, shape)
        text, result, inside, again = made.text, made.shape, made.inside, made.again
        repeated = None if times is None else self._repeated(spot, shape, made, times)
        if repeated is not None:
            text, result = repeated
            inside, again = {"0": Known(made.shape, made.inside)} if times else {}, True
        may = made.label == "may" and (last or not made.ends) and spot.loops is not None
        if made.label == "must" or (may and self.draw.chance(25)):
            label = self.label(spot)
            text = f"{label}{'[]' if made.listed else ''}: {text}"
            spot.labels[label] = Known(result, inside, shape if again else None)
        if spot.exact and not self.careless and self.draw.chance(8):
            text += f" => {'x'.join('?' if self.draw.chance(20) else str(each) for each in result)}"
        return text, result

    def label(self, spot: Spot) -> str:
        name = self.name(self.draw.one(("e", "skip", "Stage", "low-", "part")))
        name += "".join(f"-{{{loop}}}" for loop in spot.loops or ())
        return f"{name}.{self.draw.number(0, 9)}.conv" if self.draw.chance(6) else name

    def _repeated(self, spot: Spot, shape: Shape, made: Made, count: int) -> tuple[str, Shape] | None:
        """The step a few times, if it can follow itself."""
        times = number(self.draw, spot, count)
        text = f"{made.text} x{times}" if times.isdigit() else f"{made.text} x({times})"
        names = [name for name, each in spot.numbers().items() if each == count and name.isidentifier()]
        if names and self.draw.chance(40):
            text = f"{made.text} x {self.draw.one(names)}"
        if count <= 1 or made.shape == shape:
            return text, shape if count == 0 else made.shape
        result = self.ask(spot, shape, text)
        return None if result is None else (text, result)

    # -- words --------------------------------------------------------------------------------------------------------

    def word(self, spot: Spot, shape: Shape) -> Made:
        """Any word of the register that takes this shape; the value itself where none was found."""
        handed = self._handed(spot, shape) if self.draw.chance(25) else None
        if handed is not None:
            return handed
        cls = self.draw.one(words_for(len(shape) - 1))
        tensors = {name: known.shape for name, known in spot.reach().items()}
        numbers = sorted(set(spot.numbers().values()))
        settings = spot.settings.get(cls.word, {})
        fit = drawn(self.draw, cls, shape, settings, tensors, numbers, careless=self.careless)
        if fit is None:
            return Made("id", shape, ends=True)
        return Made(step_text(self.draw, spot, cls, fit.given, fit.tensor), fit.shape, again=True)

    def _handed(self, spot: Spot, shape: Shape) -> Made | None:
        """A word that a name stands for (`act`)."""
        names = [name for name, each in spot.env.items() if type(each) is Word]
        if not names:
            return None
        name = self.draw.one(names)
        word = str(spot.env[name])
        if word == "id":
            return Made(name, shape, label="never")
        fit = fitted(words()[word], {}, (shape,), spot.settings.get(word, {}))
        return fit and Made(name, fit.shape, again=True)

    # -- names and settings -------------------------------------------------------------------------------------------

    def preamble(self, spot: Spot) -> list[str]:
        """Lines of `let`, `set` and `require`."""
        lines = []
        kinds = (self.let, self.let, self.set_line, self.set_line, *([self.requirement] if spot.depth else []))
        for _ in self.draw.several(2, 50, least=0):
            lines.append(self.draw.part(partial(self.draw.one(kinds), spot)))
        return lines

    def let(self, spot: Spot) -> str:
        name = self.name("v")
        value = Word(self.draw.one(("relu", "tanh", "id"))) if self.draw.chance(15) else self.draw.number(1, 8)
        line = f"let {name} = {written(self.draw, spot, value)}"
        spot.env[name] = value
        return line

    def set_line(self, spot: Spot) -> str:
        """A default for a word or two, of a sort that holds for maps of any rank."""
        choices = [
            (cls.word, field)
            for cls in words().values()
            for field in cls.fields.values()
            if not (field.required or field.kind.many or field.kind.tensor)
        ]
        word, field = self.draw.one(choices)
        value = self.draw.one(plain_values(field))
        sisters = [each for each, other in choices if other.name == field.name and each != word]
        named = [word, *([self.draw.one(sisters)] if sisters and self.draw.chance(30) else [])]
        named = [each for each in named if value in plain_values(words()[each].fields[field.name])]
        line = f"set {', '.join(named)} {field.name}={written(self.draw, spot, value)}"
        for each in named:
            spot.apply_set(each, field.name, words()[each].fields[field.name].kind.make(value))
        spot.sets.append(line)
        return line

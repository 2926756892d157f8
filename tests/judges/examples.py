"""The layers' own examples as cases: every word, every example, at its own size and at two larger ones."""

from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Weight
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import words
from cnnspec.contract.values import Dim, Shape, Shapes, Value, Values, Word, dress

Arrays = dict[str, np.ndarray]
LARGER = (lambda extent: extent, lambda extent: extent + 1, lambda extent: 2 * extent + 1)


class Case(NamedTuple):
    """A layer and the shapes it is given; `size` is 0 for the example's own, 1 and 2 for the larger ones."""

    text: str
    layer: Layer
    inputs: Shapes
    size: int

    @property
    def name(self) -> str:
        return f"{self.text} on {' '.join(map(dress, self.inputs))}"

    @property
    def result(self) -> Shape:
        return self.layer.infer(self.inputs)


@cache
def cases() -> tuple[Case, ...]:
    """Every example at every size that its `infer` takes; an example's own size has to be taken."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for word, cls in words().items():
        for example in cls.examples:
            layer = bind(example.text)
            assert layer.word == word, f"{word} gives an example of {layer.word}"
            for size in range(len(LARGER)):
                case = Case(example.text, layer, larger(example.inputs, size), size)
                if size == 0 or accepts(case):
                    yield case


def accepts(case: Case) -> bool:
    try:
        case.layer.infer(case.inputs)
    except LayerError:
        return False
    return True


def larger(inputs: Shapes, size: int) -> Shapes:
    """The same operands with larger maps, or longer vectors. Beside other operands an extent of 1 stays: it is
    what is repeated."""
    grow = LARGER[size]

    def grown(shape: Shape) -> Shape:
        if len(shape) == 1:
            return (grow(shape[0]),)
        return (shape[0], *(each if each == 1 and len(inputs) > 1 else grow(each) for each in shape[1:]))

    return tuple(map(grown, inputs))


def bind(text: str) -> Layer:
    """The layer of a step; a merge's body only names its operands in order and is left out. A tensor argument is
    written as the place of its operand, `like=@x1`."""
    word, *arguments = text.partition("{")[0].split()
    cls = words()[word]
    by_place = [field for field in cls.fields.values() if field.positional]
    values: dict[str, Any] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if equals:
            field = cls.fields[name]
        elif argument.startswith("/"):
            field, value = next(each for each in cls.fields.values() if each.slash), argument[1:]
        else:
            field, value = (by_place[0] if by_place[0].kind.many else by_place.pop(0)), argument
        made = field.kind.make(read(value))
        values[field.name] = (*values.get(field.name, ()), made) if field.kind.many else made
    missing = [name for name, field in cls.fields.items() if field.required and name not in values]
    assert not missing, f"{text} lacks {missing}"
    return cls(**values)


def read(text: str) -> Value:
    """A number, a size, a list, yes or no, a word, or the place of an operand."""
    if text.startswith("@x"):
        return int(text[2:])
    if "," in text:
        return Values(map(read, text.split(",")))
    if text in ("yes", "no"):
        return text == "yes"
    if text[0].isdigit() and "x" in text:
        return Dim(map(int, text.split("x")))
    if text[0].isdigit() or text[0] == "-":
        number = Fraction(text)
        return int(number) if number.denominator == 1 else number
    return Word(text)


def operands(case: Case, batch: int, seed: int = 0) -> list[np.ndarray]:
    """Random float32 operands, batch first, large enough for relu6 to cut."""
    random = np.random.default_rng(seed)
    return [random.normal(0, 3, (batch, *shape)).astype(np.float32) for shape in case.inputs]


def weights(case: Case, seed: int = 1) -> Arrays:
    """Random weights; what is no parameter is a statistic and positive."""
    random = np.random.default_rng(seed)
    return {each.name: _drawn(each, random) for each in case.layer.weights(case.inputs)}


def _drawn(weight: Weight, random: np.random.Generator) -> np.ndarray:
    if weight.dtype != "float32":
        return np.zeros(weight.shape, weight.dtype)
    if not weight.trainable:
        return random.uniform(0.5, 1.5, weight.shape).astype(np.float32)
    return random.normal(0, 1, weight.shape).astype(np.float32)


def evaluated(case: Case, arrays: list[np.ndarray], values: Arrays) -> np.ndarray:
    """The layer's own NumPy, in double precision."""
    return case.layer.evaluate([each.astype(np.float64) for each in arrays], doubled(values))


def doubled(values: Arrays) -> Arrays:
    return {name: each.astype(np.float64) if each.dtype == np.float32 else each for name, each in values.items()}


def scaled_error(found: np.ndarray, expected: np.ndarray) -> float:
    """The largest difference, as a share of the largest expected value."""
    assert found.shape == expected.shape, f"{found.shape} is not {expected.shape}"
    scale = float(np.abs(expected).max()) or 1.0
    return float(np.abs(found - expected).max()) / scale

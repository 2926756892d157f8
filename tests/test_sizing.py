"""What layers say of all sizes, before `infer` and the weights at thousands of them."""

import random
from collections.abc import Iterator
from itertools import product

import pytest

from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes
from tests.judges.examples import Case, bind, cases
from tests.judges.sized import done, said

FARTHEST = 40


def written() -> list[Case]:
    return [each for each in cases() if each.size == 0]


def with_axis(shape: Shape, axis: int, size: int) -> Shape:
    return (*shape[:axis], size, *shape[axis + 1 :])


def varied(inputs: Shapes, chance: random.Random) -> Iterator[Shapes]:
    """One axis of one operand, then of all together, at every size to 40; and everything at once, at random."""
    for place, shape in enumerate(inputs):
        for axis, size in product(range(len(shape)), range(1, FARTHEST)):
            yield (*inputs[:place], with_axis(shape, axis, size), *inputs[place + 1 :])
    for axis, size in product(range(len(inputs[0])), range(1, FARTHEST)):
        yield tuple(with_axis(each, axis, size) for each in inputs)
    for _ in range(200):
        first = tuple(chance.randint(1, 12) for _ in inputs[0])
        yield tuple(tuple(chance.choice((each, chance.randint(1, 12), 1)) for each in first) for _ in inputs)
        yield tuple((shape[0], *first[1:]) for shape in inputs)


def agrees(layer: Layer, given: Shapes, others: Iterator[Shapes], what: str) -> int:
    """How many of these are taken; each as `infer` and the weights have it."""
    sizing, taken = layer.sizing(given), 0
    assert sizing is not None, f"{what} follows no rule"
    for inputs in others:
        told, made = said(sizing, given, inputs), done(layer, given, inputs)
        assert told == made, f"{what} written for {given}: of {inputs} it makes {made}, and says {told}"
        taken += made is not None
    return taken


@pytest.mark.parametrize("case", written(), ids=lambda case: case.name)
def test_a_layer_says_what_it_does(case: Case) -> None:
    """At every size of its operands, channels included: what it takes, what it makes of it, and where its weights are
    no longer the same."""
    assert agrees(case.layer, case.inputs, varied(case.inputs, random.Random(case.name)), case.name)


def windows() -> Iterator[str]:
    """Windows of all kinds along one axis."""
    plain = ("", " pad=1", " pad=0,2", " pad=2,1", " pad=same_upper", " pad=same_lower")
    for word, f, s, pad, d in product(("conv", "maxpool", "avgpool"), (1, 2, 3, 5), (1, 2, 3, 4), plain, (1, 2, 5)):
        more = {"conv": " 4", "maxpool": "", "avgpool": " count_pad=no"}[word]
        dilated = f" dilation={d}" if word != "avgpool" else ""
        for ceil in ("", " ceil_mode=yes") if word != "conv" else ("",):
            yield f"{word} {f}{more} /{s}{pad}{dilated}{ceil}"
            if word == "avgpool":
                yield f"avgpool {f} /{s}{pad}{ceil}"
    for f, s, pad, o, d in product((1, 2, 3, 4), (1, 2, 3), plain, (0, 1), (1, 3)):
        yield f"conv_transpose {f} 4 /{s}{pad} output_pad={o} dilation={d}"


def test_windows_say_what_they_do() -> None:
    """Every stride, padding, dilation and rounding, at every size to 40."""
    tried = taken = 0
    for text in dict.fromkeys(windows()):
        layer = bind(text)
        first = next((size for size in range(1, 60) if done(layer, ((3, 1),), ((3, size),)) is not None), None)
        if first is None:
            continue
        tried += 1
        taken += agrees(layer, ((3, first),), (((3, size),) for size in range(1, FARTHEST)), text)
    assert tried > 700
    assert taken > 20_000

"""The arithmetic that layers state comes to what they infer, own and cost: each word with each of its examples."""

from collections.abc import Iterator
from fractions import Fraction

import pytest

from cnnspec.contract.facts import Formula
from cnnspec.contract.formula import in_ascii, names, read, value, whole
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import words
from cnnspec.contract.symbols import extents
from cnnspec.contract.values import Shape, Shapes
from cnnspec.manual.worked import program
from cnnspec.passes.fold import known
from cnnspec.passes.parameters import elements
from tests.texts import good


def examples() -> Iterator[tuple[str, Layer, Shapes, Shape]]:
    """Every example of every word: how it is written, the layer, what comes in, what comes out."""
    for word, cls in words().items():
        for each in cls.examples:
            built = good(program(each)).built
            assert built is not None
            for node, operands in known(built.graph, built.shapes):
                if node.layer.word == word:
                    shape = built.shapes[node.id]
                    assert shape is not None
                    yield each.text, node.layer, operands, shape


EXAMPLES = list(examples())
IDS = [f"{text} on {operands}" for text, _, operands, _ in EXAMPLES]


def formulas(layer: Layer, operands: Shapes) -> list[Formula]:
    return [
        *(each.formula for each in layer.equations(operands)),
        *layer.counts(operands).values(),
        *(each.formula for each in layer.work(operands)),
        *layer.instead(operands).values(),
    ]


def test_every_word_is_tried() -> None:
    assert {layer.word for _, layer, _, _ in EXAMPLES} == set(words())


@pytest.mark.parametrize(("text", "layer", "operands", "shape"), EXAMPLES, ids=IDS)
def test_a_layer_states_what_it_does(text: str, layer: Layer, operands: Shapes, shape: Shape) -> None:
    after = extents(shape, "'")
    for each in layer.equations(operands):
        if set(names([Formula(each.name)])) <= set(after):
            assert value(each.formula) == value(Formula(each.name, after)), each
    told = {name for each in layer.equations(operands) for name in names([Formula(each.name)])}
    changed = {name for name, extent in after.items() if extents(operands[0]).get(name[:-1]) != extent}
    if len(set(operands)) == 1:
        assert changed <= told, f"{text} does not say how {changed - told} comes about"
    counts = layer.counts(operands)
    for weight in layer.weights(operands):
        assert whole(counts[weight.name]) == elements(weight), weight
    macs, ops = layer.cost(operands)
    shares = layer.work(operands)
    assert sum(whole(each.formula) for each in shares if each.kind == "mac") == macs
    assert sum(whole(each.formula) for each in shares if each.kind != "mac") == ops


@pytest.mark.parametrize(("text", "layer", "operands", "shape"), EXAMPLES, ids=IDS)
def test_a_formula_needs_no_name_that_it_has_no_number_for(
    text: str, layer: Layer, operands: Shapes, shape: Shape
) -> None:
    for each in formulas(layer, operands):
        assert set(names([each])) <= set(each.values), each
        value(each)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2 + 3*4", 14),
        ("(2 + 3)*4", 20),
        ("7 - 2 - 1", 4),
        ("24 / 4 / 2", 3),
        ("2*3^2", 18),
        ("1 / 3", Fraction(1, 3)),
        ("floor(7 / 2) + ceil(7 / 2)", 7),
        ("max(3 - 5, 0)", 0),
        ("floor((H - F + 2*P) / S) + 1", 112),
        ("H'*C_1", 15),
    ],
)
def test_formulas_come_to(text: str, expected: int | Fraction) -> None:
    values = {"H": 224, "F": 7, "P": 3, "S": 2, "H'": 5, "C_1": 3}
    assert value(Formula(text, values)) == expected


@pytest.mark.parametrize("text", ["", "2 +", "(2", "2)", "2 3", "*2", "floor(2", "2 % 3"])
def test_what_is_no_formula_is_refused(text: str) -> None:
    with pytest.raises(AssertionError):
        read(text)


def test_a_formula_is_written_as_it_was_laid_out() -> None:
    values = {"H": 224, "F": 7, "P": 3, "S": 2}
    assert in_ascii(Formula("floor((H - F + 2*P) / S) + 1", values)) == "floor((224 - 7 + 2*3) / 2) + 1 = 112"
    assert in_ascii(Formula("H + P", {"H": 3, "P": -1})) == "3 + (-1) = 2"

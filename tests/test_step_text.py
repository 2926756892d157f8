"""A step as the language writes it, in full and briefly (reports/step.py)."""

import pytest

from cnnspec.contract.register import words
from cnnspec.manual.worked import program
from cnnspec.passes.analysis import Row
from cnnspec.passes.fold import operands
from cnnspec.pipeline import Compiled
from cnnspec.reports.step import briefly, step
from tests.networks import network
from tests.texts import good

NEEDED = {"count_pad"}
"""Must be said with a padding, and changes no shape."""

STEPS = [
    (each.text, made, row)
    for word, cls in words().items()
    for each in cls.examples
    for made in [good(program(each))]
    for row in made.analysis.rows
    if row.node.layer.word == word
]


@pytest.mark.parametrize(("made", "row"), [each[1:] for each in STEPS], ids=[each[0] for each in STEPS])
def test_what_is_written_briefly_makes_the_same_shape(made: Compiled, row: Row) -> None:
    """What is left out may change values and weights, but no shape: the sizes beside a brief step follow from it."""
    assert made.built is not None
    layer = row.node.layer
    text = briefly(layer, row.node.inputs)
    told = {
        name: value
        for name, value in layer.arguments.items()
        if layer.fields[name].positional or layer.fields[name].slash or f"{name}=" in text or name in NEEDED
    }
    assert type(layer)(**told).infer(operands(row.node, made.built.shapes)) == row.shape


def test_a_brief_step_tells_its_padding() -> None:
    made = network("resnet18")
    layer = next(row.node.layer for row in made.analysis.rows if row.node.id == "conv1")
    assert step(layer) == "conv 7x7 64 /2 pad=same bias=no"
    assert briefly(layer) == "conv 7x7 64 /2 pad=same"
    assert step(layer, options=False) == "conv 7x7 64 /2"

"""Sizes as exact forms, before `infer` at every size."""

from itertools import product

import pytest

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.sizes.form import Form, Sum, Variable, extent_at
from cnnspec.passes.sizes.forms import behind, forms
from cnnspec.pipeline import compile_file
from cnnspec.resources import ZOO, zoo_names
from tests.judges.brute import resized, shapes_at
from tests.texts import steps

H, W = Variable("input", 1), Variable("input", 2)


def compared(graph: Graph, shapes: ShapeTable, inputs: dict[str, Shape]) -> bool:
    """Whether the network takes the size; if so, every form gives what `infer` does there."""
    made = shapes_at(graph, shapes, inputs)
    if made is None:
        return False
    sizes = {Variable(id, axis): each for id, shape in inputs.items() for axis, each in enumerate(shape) if axis}
    for id, extents in forms(graph, shapes).extents.items():
        assert id not in made or tuple(extent_at(each, sizes) for each in extents) == made[id], (id, inputs)
    return True


@pytest.mark.parametrize("name", zoo_names())
def test_a_form_is_what_infer_gives(name: str) -> None:
    built = compile_file(ZOO + name).built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    assert not forms(graph, shapes).untold
    written = {id: shape for id in graph.inputs if (shape := shapes[id]) is not None}
    assert compared(graph, shapes, written)
    height = max(each[1] for each in written.values() if len(each) > 1) if name != "mlp" else 1
    for more, wider in product((0, 1, 2, 3, 5, 8, 16, 31, 64, 1000), (0, 1)):
        compared(graph, shapes, resized(graph, height + more, height + more + wider))


def test_the_forms_of_a_few_windows() -> None:
    """As they would be written down: floor(H / 2), and one for each parity."""
    result = steps("a: conv 3x3 4 /2 pad=1\n b: maxpool 2x2\n c: upsample 2\n d: flatten", "3x20x20")
    assert result.built is not None
    table = forms(result.built.graph, result.built.shapes).extents
    _, height, _ = table["a"]
    assert isinstance(height, Form)
    assert (height.variable, height.period, height.slope, height.offsets) == (H, 2, 1, (0, 1))
    _, height, width = table["c"]
    assert isinstance(height, Form)
    assert isinstance(width, Form)
    assert (height.slope, height.offsets, width.variable) == (2, (0, 0, 0, 2), W)
    assert height.on(8, 7) == (4, 4)
    (length,) = table["d"]
    assert isinstance(length, Sum)
    assert length.terms == {(height, width): 4}


def test_equal_forms_are_known_by_what_they_give() -> None:
    """Whatever period they are written with."""
    half = behind(Form(H, 1, (0,)), over=2)
    assert isinstance(half, Form)
    twice = behind(half, times=2)
    again = Form(H, 4, (0, 0, 2, 2))
    assert isinstance(twice, Form)
    assert twice.same(again)
    assert not twice.same(half)
    assert not twice.same(Form(W, 4, (0, 0, 2, 2)))


def test_too_many_classes_are_told() -> None:
    """Not looked at, one by one, for ever."""
    for last, told in ((67, {}), (71, {"maxpool2": "it has 4,331 residue classes, and 4,096 at most are looked at"})):
        result = steps(f"maxpool 1x1 /61 -> maxpool 1x1 /{last} -> relu", "3x9000x9000")
        assert result.built is not None
        assert forms(result.built.graph, result.built.shapes).untold == told

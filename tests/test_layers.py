"""Every word, by its own examples: before onnx's checker and shape inference, onnxruntime, and its own NumPy.

A new layer is judged here by existing. The judges that need torch are in test_layers_torch.py.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.register import words
from cnnspec.contract.values import dress
from cnnspec.pipeline import compile_source
from cnnspec.source.text import Source
from tests.judges import examples, onnx_model
from tests.judges.examples import Case, bind, cases

DOCS = Path(__file__).parents[1] / "docs"
every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
every_word = pytest.mark.parametrize("word", words())


@every_word
def test_a_word_has_examples_at_three_sizes(word: str) -> None:
    judged = [case for case in cases() if case.layer.word == word]
    assert len(words()[word].examples) >= 3
    assert {case.size for case in judged} == {0, 1, 2}


@every_word
def test_a_word_is_explained(word: str) -> None:
    """Its page says shapes, parameters and source, and every argument by name."""
    page = words()[word].__doc__ or ""
    for part in ("Shapes:", "Arguments:", "Parameters:", "Source:"):
        assert part in page
    arguments = page.partition("Arguments:")[2].partition("Parameters:")[0]
    for name in words()[word].fields:
        assert re.search(rf"\b{name}\b", arguments), f"{name} is not explained"


@pytest.mark.parametrize("case", [case for case in cases() if case.size == 0], ids=lambda case: case.name)
def test_an_example_is_a_program(case: Case) -> None:
    """By the whole road an example is the same layer with the same result, and nothing is found wrong."""
    inputs = "".join(f"input x{place}: {dress(shape)}\n" for place, shape in enumerate(case.inputs))
    start = "" if "@x0" in case.text else "@x0 -> "
    compiled = compile_source(Source("example.cnn", f"cnn 1\nmodel Example {{\n{inputs}{start}{case.text}\n}}\n"))
    assert compiled.ok, compiled.diagnostics
    assert compiled.built is not None
    made = [node for node in compiled.built.graph if node.layer.word == case.layer.word]
    if "|" in case.text or "@" not in case.text:  # a merge of one branch is that branch, and no step
        assert [node.layer for node in made] == [case.layer]
    (output,) = compiled.built.graph.outputs.values()
    assert compiled.built.shapes[output] == case.result


@every_case
def test_onnx_accepts_and_infers_the_same_shape(case: Case) -> None:
    made = onnx_model.model(case, examples.weights(case))
    onnx.checker.check_model(made, full_check=True)
    assert onnx_model.inferred(made) == ("N", *case.result)


@every_case
def test_onnxruntime_computes_what_numpy_does(case: Case) -> None:
    pytest.importorskip("onnxruntime")
    values = examples.weights(case)
    running = onnx_model.session(onnx_model.model(case, values))
    for batch in (1, 3):
        arrays = examples.operands(case, batch)
        found, expected = onnx_model.run(running, arrays), examples.evaluated(case, arrays, values)
        assert expected.shape == (batch, *case.result)
        assert examples.scaled_error(found, expected) <= 1e-4


@pytest.mark.parametrize(
    ("text", "one", "other"),
    [
        ("flatten", (3, 4, 5), (3, 9, 8)),
        ("gap", (3, 4, 5), (3, 9, 8)),
        ("adaptive_avgpool 1x1", (3, 4, 5), (3, 9, 8)),
        ("padc 7 side=both", (3, 4, 5), (3, 9, 8)),
        ("lrn 3", (3, 4), (3, 9)),
        ("conv 3x3 8 /2 pad=1", (3, 4, 5), (3, 9, 8)),
        ("maxpool 3x3 /2 pad=1", (3, 4, 5), (3, 9, 8)),
    ],
)
def test_onnx_holds_no_size_of_the_map(text: str, one: tuple[int, ...], other: tuple[int, ...]) -> None:
    assert bind(text).onnx((one,)) == bind(text).onnx((other,))


@pytest.mark.parametrize(
    ("text", "before", "behind"),
    [("padc 8", 0, 5), ("padc 8 side=end", 0, 5), ("padc 8 side=both", 2, 3), ("padc 9 side=both", 3, 3)],
)
def test_padc_puts_zeros_where_it_says(text: str, before: int, behind: int) -> None:
    x = np.ones((1, 3, 2, 2))
    padded = bind(text).evaluate([x], {})
    assert padded[0, :, 0, 0].tolist() == [0] * before + [1] * 3 + [0] * behind


def test_pools_of_the_whole_map_are_the_same_window() -> None:
    shape = ((4, 6, 9),)
    windows = {bind(text).window(shape) for text in ("gap", "adaptive_avgpool 1", "avgpool 6x9")}
    assert len(windows) == 1


@pytest.mark.parametrize(
    ("text", "inputs", "about", "message", "hint"),
    [
        ("avgpool 40x40", [(3, 32, 32)], "kernel", "the 40x40 kernel is larger than the 32x32 input", "`gap`"),
        ("maxpool 2x2", [(3, 1, 1)], "kernel", "the 2x2 kernel is larger than the 1x1 input", "1x1 fits"),
        ("conv 7x7 8 pad=1", [(3, 4, 8)], "kernel", "the 7x7 kernel is larger than the 6x10 padded input", "6x10"),
        ("conv 5 8", [(3, 4)], "kernel", "the kernel of 5 is larger than the input of 4", "4"),
        ("conv 3x3 8 dilation=2", [(3, 4, 9)], "kernel", "the 3x3 kernel, dilated to 5x5, is larger than", "2x5"),
        ("conv 3x3 64 groups=2", [(3, 8, 8)], "groups", "groups=2 does not divide 3 input channels", "3 and 64: 1"),
        ("conv 3x3 6 groups=4", [(8, 8, 8)], "groups", "groups=4 does not divide 6 output channels", "8 and 6: 1, 2"),
        ("conv 4x4 8 pad=same", [(3, 8, 8)], "pad", "no symmetric `same` padding", "`pad=1`"),
        ("conv 3x3 8", [(3, 8)], "kernel", "`kernel` has 2 numbers (3x3), but the input has 1 spatial axis", "`3`"),
        ("conv 3x3 8 pad=1,1", [(3, 8, 8)], "pad", "`pad` lists 2 numbers", "top, left, bottom, right"),
        ("conv 3x3 8", [(3072,)], None, "got a vector of 3072", "`flatten` behind"),
        ("maxpool 2x2 pad=2", [(3, 8, 8)], "pad", "padding of 2 is not smaller than the kernel of 2", "`pad=1`"),
        ("maxpool 2 pad=1 dilation=5", [(3, 4)], "dilation", "a dilation of 5 steps over", ""),
        ("avgpool 3x3 pad=1", [(3, 8, 8)], "pad", "must say whether the padding counts", "`count_pad=no`"),
        (
            "linear 10",
            [(8, 32, 32)],
            None,
            "`linear` takes a vector, got 8x32x32",
            "(90 parameters) or `flatten` (81,930)",
        ),
        ("add", [(64, 16, 16), (3, 32, 32)], 1, "of different shapes: 64x16x16 and 3x32x32", ""),
        ("add", [(4, 5), (4, 5), (4, 6)], 2, "4x5 and 4x6", ""),
        ("concat", [(8, 32, 32), (3, 30, 30)], 1, "concat needs equal sizes: 32x32 and 30x30", ""),
        ("concat", [(8, 4, 4), (10,)], 1, "cannot concatenate 8x4x4 and 10", ""),
        ("mul", [(8, 4, 4), (4, 1, 1)], 1, "cannot multiply 8x4x4 and 4x1x1", "Cx1x1"),
        ("mul", [(4, 1, 1), (8, 4, 4)], 1, "cannot multiply 4x1x1 and 8x4x4", "Cx1x1"),
        ("mul", [(8, 4, 4), (8, 4, 1)], 1, "cannot multiply 8x4x4 and 8x4x1", "Cx1x1"),
        ("mul", [(8, 4, 4), (8,)], 1, "cannot multiply 8x4x4 and 8", "Cx1x1"),
        ("padc 2", [(3, 4, 4)], "channels", "cannot pad 3 channels to 2", "`conv 1x1 2`"),
    ],
)
def test_what_a_layer_refuses(text: str, inputs: list, about: str | int | None, message: str, hint: str) -> None:
    with pytest.raises(LayerError) as caught:
        bind(text).infer(tuple(inputs))
    assert message in caught.value.message
    assert caught.value.about == about
    assert hint in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("conv 3x3 0", "the number of channels must be at least 1, got 0", ""),
        ("conv 3x3 2.5", "must be a whole number, got 2.5", "`round`"),
        ("conv 3x3 64x2", "`64x2` is a size, but the number of channels must be one number", "`64 x2`"),
        ("conv 3,3 64", "the kernel must be a size, got a list", "`3x3`"),
        ("conv 3x3 64 /0", "the stride must be at least 1, got 0", ""),
        ("conv 3x3 64 pad=valid", "must be a size or one of same, same_upper, same_lower, got valid", ""),
        ("conv 3x3 64 bias=1", "the bias must be yes or no, got 1", ""),
        ("conv 3x3 99999999999", "is too large", ""),
        ("dropout 2", "the rate must be 0 <= p < 1, got 2", "it is the share that is dropped"),
        ("dropout 1", "the rate must be 0 <= p < 1", ""),
        ("dropout yes", "the rate must be 0 <= p < 1, got yes", ""),
        ("bn eps=0", "eps must be more than 0", ""),
        ("lrn 4", "must be odd, got 4", "use 3 or 5"),
        ("padc 64 side=left", "side must be one of end, both, got left", ""),
    ],
)
def test_what_an_argument_refuses(text: str, message: str, hint: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        bind(text)
    assert message in caught.value.message
    assert hint in (caught.value.hint or "")


def counted() -> list[tuple[str, str, int, int]]:
    """The table's worked rows: example, its operands, MACs and operations."""
    rows = re.findall(r"^\|.*?\| `(.+?)` on `(.+?)` \| ([\d,]+) \| ([\d,]+) \|$", counting(), re.MULTILINE)
    return [(text, on, int(macs.replace(",", "")), int(ops.replace(",", ""))) for text, on, macs, ops in rows]


def counting() -> str:
    return (DOCS / "counting.md").read_text(encoding="utf-8").replace("\\|", "|")


@pytest.mark.parametrize(("text", "on", "macs", "ops"), counted())
def test_costs_are_as_documented(text: str, on: str, macs: int, ops: int) -> None:
    inputs = tuple(tuple(map(int, shape.split("x"))) for shape in on.split(", "))
    layer = bind(text)
    layer.infer(inputs)
    assert layer.cost(inputs) == (macs, ops)


@every_word
def test_a_word_has_a_row_in_the_counting_table(word: str) -> None:
    assert word in {text.split()[0] for text, *_ in counted()}

"""Every word, by its own examples: before onnx's checker and shape inference, onnxruntime, and its own NumPy.

A new layer is judged here by existing. The judges that need torch are in test_layers_torch.py.
"""

import re
from pathlib import Path

import numpy as np
import onnx
import pytest

from cnnspec.contract.register import elsewhere, plain, words
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


def test_what_others_call_a_word_leads_to_one() -> None:
    """As names are compared, no two are the same, and none is another word."""
    names = [(plain(name), word) for word, cls in words().items() for name in cls.also]
    assert len({name for name, _ in names}) == len(names)
    own = {plain(word): word for word in words()}
    assert len(own) == len(words())
    assert all(own.get(name, word) == word for name, word in names)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Conv1d", "conv"),
        ("nn_conv", None),
        ("max_pool2d", "maxpool"),
        ("Dense", "linear"),
        ("BatchNormalization", "bn"),
        ("GlobalAveragePooling2D", "gap"),
        ("LeakyReLU", "leaky_relu"),
        ("UpSampling3D", "upsample"),
        ("2d", None),
    ],
)
def test_names_of_other_tools_lead_to_words(name: str, word: str | None) -> None:
    assert elsewhere(name, words()) == word


@pytest.mark.parametrize("case", [case for case in cases() if case.size == 0], ids=lambda case: case.name)
def test_an_example_is_a_program(case: Case) -> None:
    """By the whole road an example is the same layer with the same result, and nothing is found wrong."""
    inputs = "".join(f"input x{place}: {dress(shape)}\n" for place, shape in enumerate(case.inputs))
    start = "" if "@x0" in case.text else "@x0 -> "
    compiled = compile_source(Source("example.cnn", f"cnn 1\nmodel Example {{\n{inputs}{start}{case.text}\n}}\n"))
    assert compiled.ok, compiled.diagnostics
    assert compiled.built is not None
    made = [node for node in compiled.built.graph if node.layer.word == case.layer.word]
    if not (case.layer.merges and len(case.inputs) == 1):  # a merge of one branch is that branch, and no step
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


opened = [case for case in cases() if case.size == 0 and case.layer.onnx(case.inputs).open]


@pytest.mark.parametrize("case", opened, ids=lambda case: case.name)
def test_what_is_said_for_any_size_holds_at_three(case: Case) -> None:
    """One model without a spatial size; the largest first, so that nothing is as it was written."""
    pytest.importorskip("onnxruntime")
    values = examples.weights(case)
    made = onnx_model.model(case, values, any_size=True)
    onnx.checker.check_model(made, full_check=True)
    running = onnx_model.session(made)
    for other in reversed([each for each in cases() if each.text == case.text and each.layer == case.layer]):
        if list(map(len, other.inputs)) != list(map(len, case.inputs)):
            continue
        assert other.layer.onnx(other.inputs).open == case.layer.onnx(case.inputs).open
        arrays = examples.operands(other, 2)
        found, expected = onnx_model.run(running, arrays), examples.evaluated(other, arrays, values)
        assert examples.scaled_error(found, expected) <= 1e-5


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
        ("adaptive_maxpool 1", (3, 4, 5), (3, 9, 8)),
        ("conv_transpose 4x4 8 /2 pad=same_upper", (3, 4, 5), (3, 9, 8)),
        ("layernorm", (3, 4, 5), (3, 9, 8)),
        ("layernorm over=all affine=no", (3, 4, 5), (3, 9, 8)),
        ("groupnorm 3", (3, 4, 5), (3, 9, 8)),
        ("prelu per=channel", (3, 4, 5), (3, 9, 8)),
        ("channel_shuffle 3", (3, 4, 5), (3, 9, 8)),
        ("pixel_shuffle 2", (4, 4, 5), (4, 9, 8)),
        ("reshape 4 -1", (4, 4, 5), (4, 9, 8)),
        ("upsample 2", (3, 4, 5), (3, 9, 8)),
        ("upsample to=7x7 mode=bilinear", (3, 4, 5), (3, 9, 8)),
        ("pad 1,0,2,0 mode=reflect", (3, 4, 5), (3, 9, 8)),
        ("crop 1,0,2,0", (3, 4, 5), (3, 9, 8)),
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

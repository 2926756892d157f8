"""`init=`: which words take it, what it changes and what not, and what is said of values that it cannot take.

What the values are is judged in test_init.py (the generator) and test_init_torch.py (the distributions).
"""

from math import sqrt
from pathlib import Path

import numpy as np
import onnx
import pytest

from cnnspec.api.model import Model
from cnnspec.contract.facts import ZEROS, Init
from cnnspec.contract.fields import Field
from cnnspec.contract.register import words
from cnnspec.lower.init import initialise
from cnnspec.passes.parameters import full_weights
from cnnspec.reports.step import step
from tests.judges.examples import cases
from tests.texts import compiled, good, model

DRAWN = ["conv", "conv_transpose", "depthwise", "linear"]
FACTORS = ["bn", "groupnorm", "instancenorm", "layernorm", "prelu", "scale"]
NET = """set conv, depthwise pad=same{}
model M {{
  input 3x16x16
  conv 3x3 8 /2 -> bn -> depthwise 3x3 -> prelu
  conv_transpose 4x4 6 /2 pad=1 -> again: conv 3x3 6 -> reuse again
  gap -> flatten -> fc: linear 10
}}"""


def inits(text: str) -> dict[str, Init]:
    built = good(text).built
    assert built is not None
    return {name: each.init for name, each in full_weights(built.graph, built.shapes).items()}


# -- which words


def test_every_word_with_weights_takes_it_and_no_other() -> None:
    owning = {case.layer.word for case in cases() if case.layer.weights(case.inputs)}
    assert owning == {word for word, cls in words().items() if "init" in cls.fields} == {*DRAWN, *FACTORS}


@pytest.mark.parametrize("word", sorted(words()))
def test_it_is_the_last_of_the_arguments(word: str) -> None:
    """It says nothing of the network's shape, so reports name it behind what does."""
    fields: dict[str, Field] = words()[word].fields
    assert "init" not in fields or list(fields)[-1] == "init"


@pytest.mark.parametrize("word", [*DRAWN, *FACTORS])
def test_torchs_own_is_the_default(word: str) -> None:
    assert words()[word].fields["init"].default == {"prelu": 0.25}.get(word, "torch" if word in DRAWN else 1.0)


# -- what it means


def test_fans_are_read_off_the_weight() -> None:
    lines = "conv 3x5 8 -> conv 1x1 12 groups=4 -> depthwise 3x3 multiplier=2 -> conv_transpose 2x2 6 /2 groups=3"
    text = "set conv, depthwise, conv_transpose, linear init=NAME\n" + model(f"{lines} -> flatten -> linear 7")
    fans = {"conv1": (45, 120), "conv2": (2, 12), "depthwise1": (9, 216), "conv_transpose1": (8, 96)}
    fans["linear1"] = (6 * (2 * 28) * (2 * 26), 7)
    found, outward, balanced = (
        inits(text.replace("NAME", name)) for name in ("he_normal", '"he_normal fan_out"', "xavier_uniform")
    )
    for name, (fan_in, fan_out) in fans.items():
        assert found[f"{name}.weight"] == Init("normal", sqrt(2 / fan_in))
        assert outward[f"{name}.weight"] == Init("normal", sqrt(2 / fan_out))
        assert balanced[f"{name}.weight"] == Init("uniform", sqrt(6 / (fan_in + fan_out)))
        assert found[f"{name}.bias"] == ZEROS


@pytest.mark.parametrize(
    ("written", "weight", "bias"),
    [
        ("torch", Init("uniform", sqrt(1 / 27)), Init("uniform", sqrt(1 / 27))),
        ("he_uniform", Init("uniform", sqrt(6 / 27)), ZEROS),
        ("xavier_normal", Init("normal", sqrt(2 / 99)), ZEROS),
        ("zeros", ZEROS, ZEROS),
        ('"normal 0.02"', Init("normal", 0.02), ZEROS),
        ('"uniform  5e-2"', Init("uniform", 0.05), ZEROS),
        ('"trunc_normal 2"', Init("trunc_normal", 2.0), ZEROS),
        ('"constant -0.5"', Init("constant", -0.5), ZEROS),
        ('"he_normal"', Init("normal", sqrt(2 / 27)), ZEROS),
    ],
)
def test_the_beginnings(written: str, weight: Init, bias: Init) -> None:
    assert inits(model(f"conv 3x3 8 init={written}")) == {"conv1.weight": weight, "conv1.bias": bias}


@pytest.mark.parametrize("lines", ["bn init={}", "groupnorm 1 init={}", "layernorm init={}", "scale init={}"])
def test_a_factor_begins_with_a_number(lines: str) -> None:
    for number in ("0", "-0.5", "1e-6"):
        found = inits(model(lines.format(number)))
        name = next(iter(found))
        assert found[name] == Init("constant", float(number))
        assert found.get(name.replace("weight", "bias"), ZEROS) == ZEROS
    assert inits(model("instancenorm affine=yes init=0"))["instancenorm1.weight"] == ZEROS
    assert inits(model("prelu per=channel init=0.1"))["prelu1.weight"] == Init("constant", 0.1)


# -- what it changes and what not


def test_set_makes_it_a_default_that_reports_show() -> None:
    text = "set conv, linear init=he_normal\n" + model(
        'conv 3x3 8 -> depthwise 3x3 -> conv 1x1 4 init=torch -> flatten -> linear 3 init="normal 0.02"'
    )
    built = good(text).built
    assert built is not None
    assert [step(node.layer) for node in built.graph][1:] == [
        "conv 3x3 8 init=he_normal",
        "depthwise 3x3",
        "conv 1x1 4",
        "flatten",
        'linear 3 init="normal 0.02"',
    ]


def test_a_block_takes_it_as_a_parameter() -> None:
    text = 'block A(start="he_normal") { conv 1x1 4 init=start }\n' + model('A -> A start="constant 0.5"')
    found = inits(text)
    assert found["a1.conv1.weight"] == Init("normal", sqrt(2 / 3))
    assert found["a2.conv1.weight"] == Init("constant", 0.5)


def test_it_changes_nothing_but_the_numbers(tmp_path: Path) -> None:
    """Names, shapes, costs and the ONNX nodes are those of the same text without it."""
    plain, other = (good(NET.format(each)) for each in ("", "\nset conv, depthwise, conv_transpose, linear init=zeros"))
    assert plain.built is not None
    assert other.built is not None
    assert plain.built.shapes == other.built.shapes
    assert plain.analysis.totals == other.analysis.totals
    made = []
    for each in (plain, other):
        path = tmp_path / "model.onnx"
        Model(each).export(path, seed=0)
        graph = onnx.load(path).graph
        made.append(([node.SerializeToString() for node in graph.node], [(e.name, e.dims) for e in graph.initializer]))
        values = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
        assert all(values[name].any() is np.bool_(each is plain) for name in values if name.startswith(("conv1", "fc")))
    assert made[0] == made[1]


def test_the_same_seed_gives_the_same_numbers_whatever_stands_beside() -> None:
    alone, beside = (
        good(model(f"conv 3x3 8 init=he_normal{more}")).built for more in ("", " -> bn -> conv 1x1 2 init=zeros")
    )
    assert alone is not None
    assert beside is not None
    one, two = (initialise(full_weights(each.graph, each.shapes), 7) for each in (alone, beside))
    assert all(np.array_equal(two[name], array) for name, array in one.items())


# -- what it cannot take

EVERY = "torch, he_normal, he_uniform, xavier_normal, xavier_uniform, zeros"
ROWS = [
    ("relu init=he_normal", "unknown-argument", "init", "`relu` has no argument `init`", "`relu` has no weights"),
    ("maxpool 2x2 init=0", "unknown-argument", "init", "`maxpool` has no argument `init`", "`maxpool` has no weights"),
    ("conv 3x3 8 init=kaiming_normal", "unknown-name", "kaiming_normal", "", "did you mean `he_normal`?"),
    ("conv 3x3 8 init=GlorotUniform", "unknown-name", "GlorotUniform", "", "did you mean `xavier_uniform`?"),
    ("conv 3x3 8 init=he_norml", "unknown-name", "he_norml", "", "did you mean `he_normal`?"),
    ("conv 3x3 8 init=normal", "unknown-name", "normal", "", 'did you mean `"normal 0.02"`?'),
    ("conv 3x3 8 init=truncated_normal", "unknown-name", "truncated_normal", "", 'mean `"trunc_normal 0.02"`?'),
    ("conv 3x3 8 init=ones", "unknown-name", "ones", "", 'did you mean `"constant 1"`?'),
    ("conv 3x3 8 init=same", "unknown-name", "same", "", f"the initialisation must be one of {EVERY}"),
    ('conv 3x3 8 init="normal"', "bad-argument", '"normal"', 'a text such as "normal 0.02"', 'init="normal 0.02"'),
    (
        'conv 3x3 8 init="kaiming_normal"',
        "bad-argument",
        '"kaiming_normal"',
        f"must be one of {EVERY}",
        "init=he_normal",
    ),
    ('conv 3x3 8 init="he_normal 2"', "bad-argument", '"he_normal 2"', "", 'init="he_normal fan_out"'),
    (
        'conv 3x3 8 init="normal 0"',
        "bad-argument",
        '"normal 0"',
        "of `normal` must be more than 0 and at most 1e+30",
        "",
    ),
    ('conv 3x3 8 init="normal wide"', "bad-argument", '"normal wide"', "must be more than 0", ""),
    ('conv 3x3 8 init="normal 9e99"', "bad-argument", '"normal 9e99"', "at most 1e+30, got 9e99", ""),
    ('conv 3x3 8 init="trunc_normal 3"', "bad-argument", '"trunc_normal 3"', "more than 0 and at most 2, got 3", ""),
    ('conv 3x3 8 init="constant 1e31"', "bad-argument", '"constant 1e31"', "from -1e+30 to 1e+30, got 1e31", ""),
    ('conv 3x3 8 init=""', "bad-argument", '""', "the initialisation must be", ""),
    ("conv 3x3 8 init=0", "bad-argument", "0", "the initialisation must be", "`init=zeros`"),
    ("conv 3x3 8 init=0.02", "bad-argument", "0.02", "the initialisation must be", '`init="normal 0.02"`'),
    ("conv 3x3 8 init=3x3", "bad-argument", "3x3", "the initialisation must be", ""),
    ("set conv init=he", "unknown-name", "he", "", "did you mean `he_normal`?"),
    ("bn init=zeros", "unknown-name", "zeros", "", "did you mean `0`?"),
    ("bn init=he_normal", "unknown-name", "he_normal", "", "the first value must be a number"),
    ("scale init=pow(10,31)", "bad-argument", "pow(10,31)", "the first value is too large", ""),
    (
        "bn affine=no init=0",
        "bad-argument",
        "0",
        "`bn` has no factors that could begin with a number",
        "`bn affine=yes`",
    ),
    ("instancenorm init=0", "bad-argument", "0", "`instancenorm` has no factors", "`instancenorm affine=yes`"),
    ("let zeros = 1", "shadowed-word", "zeros", "`zeros` is a word that arguments list", ""),
]


@pytest.mark.parametrize(("lines", "id", "pointed", "message", "help"), ROWS, ids=[row[0] for row in ROWS])
def test_finding(lines: str, id: str, pointed: str, message: str, help: str) -> None:
    (found,) = compiled(model(lines)).diagnostics
    assert found.id == id
    assert found.label is not None
    assert found.label.span.text == pointed
    assert message in found.message
    assert help in (found.help or "")


def test_a_set_line_is_named_where_its_value_does_not_fit() -> None:
    (found,) = compiled("set bn init=0\n" + model("bn affine=no")).diagnostics
    assert found.label is not None
    assert (found.id, found.label.span.text) == ("bad-argument", "bn affine=no")
    assert [(each.span.text, each.text) for each in found.secondary] == [("init=0", "set here")]

"""Costs as formulas, before fresh compilations at other sizes, torch's flop counter, and brute force."""

import json
import os
import random
import re
from itertools import product
from math import prod

import pytest

import cnnspec
from cnnspec.api.formulas import derived
from cnnspec.build.options import Options
from cnnspec.cli.app import run
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import words
from cnnspec.passes.formulas.polynomial import Polynomial, Undecided, Whole, linear, polynomial, put, terms_of
from cnnspec.passes.formulas.polynomial import value_at as at
from cnnspec.pipeline import Compiled, compile_file, compile_source
from cnnspec.source.text import Source
from tests import ROOT
from tests.judges.examples import cases
from tests.judges.formulas_judged import agrees_with_sizes, is_least, judge, same, sizes_at
from tests.networks import ZOO
from tests.test_readme import printed
from tests.texts import compiled, model

PAGE = (ROOT / "docs" / "formulas.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NETS = int(os.environ.get("CNNSPEC_RANDOM_NETS", "60"))
SEED = 20_261_129
FREE = {
    "alexnet",
    "autoencoder",
    "dcgan_generator",
    "densenet121",
    "fashion",
    "googlenet",
    "googlenet_paper",
    "m5_audio",
}
FREE |= {"mobilenet_v1", "mobilenet_v2", "retinanet", "se_resnet50", "unet"}
FREE |= {each for each in ZOO if each.startswith(("resnet", "vgg"))}
"""The examples that take other sizes; a dense layer behind a `flatten` binds the others to their own."""
WITH_PARTS = {"alexnet", "vgg11", "vgg13", "vgg16", "vgg16_bn", "vgg19"}
"""Those with an adaptive pool whose parts differ from size to size."""


def of(lines: str, shape: str = "3x32x32") -> tuple[Compiled, str]:
    text = model(lines, shape)
    return compiled(text), text


def numbers(found: cnnspec.Model) -> tuple[str, str, str]:
    formulas = found.formulas()
    return str(formulas.macs), str(formulas.ops), str(formulas.activations)


# -- examples and random networks --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ZOO)
def test_every_example_is_what_it_is_compiled_to(name: str) -> None:
    """At the least size, the written one and others of the class: shapes, MACs, operations, activations, parameters."""
    first = compile_file(f"zoo:{name}")

    def compile(options: Options) -> Compiled:
        return compile_file(f"zoo:{name}", options)

    found, held = judge(first, compile, random.Random(name))
    formulas = found.formulas
    assert bool(formulas.sizes.axes) == (name in FREE)
    assert held >= (4 if name in FREE else 1)
    assert is_least(found, first, compile)
    agrees_with_sizes(first, found, random.Random(name))
    assert not formulas.macs.untold
    assert [each.node.layer.word for each in formulas.ops.untold] == ["adaptive_avgpool"] * (name in WITH_PARTS)


@pytest.mark.parametrize(
    ("name", "period", "least"),
    [
        ("resnet50", 32, 32),
        ("unet", 16, 188),
        ("googlenet_paper", 32, 32),
        ("retinanet", 128, 32),
        ("m5_audio", 1024, 256),
        ("alexnet", 32, 64),
        ("fashion", 4, 4),
    ],
)
def test_classes_are_no_smaller_than_they_are(name: str, period: int, least: int) -> None:
    """An auxiliary head, which does not run, makes none smaller."""
    axes = derived(compile_file(f"zoo:{name}")).formulas.sizes.axes
    assert {(each.period, each.least, each.most) for each in axes} == {(period, least, None)}


@pytest.mark.parametrize("name", sorted(FREE - {"resnet101", "resnet152", "densenet121", "vgg13", "vgg19"}))
def test_every_class_of_an_example_is_its_own(name: str) -> None:
    """Written for other sizes, odd ones too, it is of other classes; each as it is compiled."""
    chance, first = random.Random(name), compile_file(f"zoo:{name}")
    assert first.built is not None
    ((_, shape),) = ((id, first.built.shapes[id]) for id in first.built.graph.inputs)
    assert shape is not None
    found = 0
    for _ in range(8):
        other = (shape[0], *(size + chance.randint(0, 40) for size in shape[1:]))
        written = compile_file(f"zoo:{name}", Options(inputs={None: other}))
        if written.ok:
            found += 1
            judge(written, lambda options: compile_file(f"zoo:{name}", options), chance, 1)
        if found == 2:
            break
    assert found == 2 or name == "unet"


def test_random_networks_are_what_they_are_compiled_to() -> None:
    """Those with steps up and down, branches and reshapes of all kinds; CNNSPEC_RANDOM_NETS says how many."""
    from tests.judges.random_networks import network

    free = held = nets = 0
    untold = set()
    for case in range(NETS):
        drawn = network(SEED, case)
        for name in drawn.models:
            options = Options(model=name if len(drawn.models) > 1 else None)
            first = compiled(drawn.text, options, files=drawn.files)
            if not first.ok:
                continue

            def compile(more: Options, options: Options = options, drawn: object = drawn) -> Compiled:
                return compiled(drawn.text, options._replace(inputs=more.inputs), files=drawn.files)  # type: ignore[attr-defined]

            try:
                found, sizes = judge(first, compile, random.Random(case), 3)
                agrees_with_sizes(first, found, random.Random(case))
            except AssertionError as error:
                raise AssertionError(f"case {case}\n{drawn.text}\n{drawn.files}") from error
            nets += 1
            free += bool(found.formulas.sizes.axes)
            held += sizes
            untold |= {each.node.layer.word for each in (*found.formulas.ops.untold, *found.formulas.macs.untold)}
    assert nets > 0.8 * NETS
    assert free > 0.3 * nets, "too few take other sizes"
    assert held > nets
    assert untold <= {"adaptive_avgpool", "adaptive_maxpool", "upsample"}, "parts that overlap; an axis that may stay"


# -- by hand -----------------------------------------------------------------------------------------------------------


def test_formulas_by_hand() -> None:
    def loads(lines: str, shape: str = "3x32x32") -> cnnspec.Model:
        return cnnspec.loads(model(lines, shape))

    assert numbers(loads("  conv 3x3 8 pad=1 bias=no")) == ("216·N·H·W", "0", "8·N·H·W")
    assert numbers(loads("  conv 3x3 8 bias=no")) == (
        "N·(216·H·W − 432·(H + W) + 864)",
        "0",
        "N·(8·H·W − 16·(H + W) + 32)",
    )
    assert numbers(loads("  conv 3x1 1 bias=no", "1x9x9")) == ("N·(3·H·W − 6·W)", "0", "N·(H·W − 2·W)")
    assert numbers(loads("  maxpool 2x2")) == ("0", "9·N·H·W/4", "3·N·H·W/4")
    assert numbers(loads("  maxpool 2x2", "3x33x32")) == ("0", "N·(9·H·W − 9·W)/4", "N·(3·H·W − 3·W)/4")
    assert numbers(loads("  gap -> flatten -> linear 10")) == ("30·N", "N·(3·H·W + 10)", "16·N")
    assert numbers(loads("  upsample 2 mode=bilinear", "1x4x4")) == ("0", "28·N·H·W", "4·N·H·W")
    assert numbers(loads("  conv 3 1 bias=no pad=1", "1x16")) == ("3·N·W", "0", "N·W")
    assert numbers(loads("  conv 1x1x1 2 bias=no", "1x4x5x6")) == ("2·N·D·H·W", "0", "2·N·D·H·W")
    assert numbers(loads("  linear 10", "20")) == ("200·N", "10·N", "10·N")


FLAT = "  flatten -> linear 4"
JOINED = "  a: maxpool 2x2\n  add { @a | conv 1x1 3 -> adaptive_avgpool 4 }"


@pytest.mark.parametrize(
    ("lines", "shape", "said"),
    [
        (FLAT, "3x8x8", "H = 8 and W = 8 stay as they are: `linear1` (model.cnn:3) has weights for 192 values"),
        ("  layernorm over=last", "3x8x9", "W = 9 stays as it is: `layernorm1` (model.cnn:3) has weights for 3x8x9"),
        (JOINED, "3x8x8", "what `add1` (model.cnn:4) joins is of one size here, but not all through the class"),
        ("  reshape 192", "3x8x8", "`reshape1` (model.cnn:3) takes 192 values, no more and no less"),
        ("  add { id | permute 0 2 1 }", "3x8x8", "H (and W, which is the same): every size from 1 on."),
        ("  adaptive_avgpool 3", "3x8x8", "What `adaptive_avgpool1` (`adaptive_avgpool 3`) takes follows no"),
        ("  conv 3x3 in.h pad=1", "3x8x8", "H = 8 stays as it is: the text makes a step of a size that changes"),
        ("  if in.h > 6 { relu }", "3x8x8", "H: every size from 7 on."),
        ("  if in.h > 6 { relu }", "3x6x8", "H: every size from 1 to 6."),
        ("  if in.h % 4 == 0 { relu }", "3x8x8", "H: 4, 8, 12, … (4 n)."),
        ("  if in.h % 4 == 0 { relu }", "3x6x8", "H: 2, 6, 10, … (4 n + 2)."),
        ("  if not (in.h <= 6 or in.w == 9) { relu }", "3x8x8", "H: every size from 7 on.\nW: every size from 1 to 8."),
        ("  if in.h < 10 and in.w > 3 { relu }", "3x8x8", "H: every size from 1 to 9.\nW: every size from 4 on."),
        ("  if in.h == 8 { relu }", "3x8x8", "H = 8 stays as it is: `in.h == 8` (model.cnn:3) comes out otherwise"),
        ("  if in.h == in.w { relu }", "3x8x8", "H = 8 and W = 8 stay as they are: `in.h == in.w` (model.cnn:3)"),
        ("  if in.h > 2.5 { relu }", "3x8x8", "H: every size from 3 on."),
        ("  if in.h * in.w > 30 { relu }", "3x8x8", "H and W: every size from 6 on."),
        ("  require in.h > 3\n  relu", "3x8x8", "H: every size from 4 on."),
        ("  conv 3x3 in.c pad=1", "3x8x8", "H and W: every size from 1 on."),
        ("  conv 3x3 4 /2 -> conv 3x3 4 /2", "3x33x50", "H: 9, 13, 17, … (4 n + 1)."),
        ("  crop to=5x5", "3x8x9", "H and W: every size from 5 on."),
        ("  conv 3x3 4 /2 pad=1 -> padc 9 -> upsample to=14x14", "3x224x224", "H and W: 2, 4, 6, … (2 n)."),
        (
            "  reshape 6 -1 -> conv 3 4",
            "3x8x8",
            "H = 8 and W = 8 stay as they are: there is no formula for the size of `conv1` (model.cnn:3)",
        ),
        ("  reshape 6 -1 -> conv 3 4", "12x8x8", "H and W: every size from 2 on."),
    ],
)
def test_which_sizes_is_said(lines: str, shape: str, said: str) -> None:
    first, text = of(lines, shape)
    assert first.ok, first.diagnostics
    shown = re.sub(r"\n  ", " ", cnnspec.loads(text, name="model.cnn").formulas().to_text())
    assert said in shown
    judge(first, lambda options: compile_source(Source("model.cnn", text), options), random.Random(0))


def test_two_inputs() -> None:
    both = (
        "model M {\n  input left: 3x16x16\n  input right: 3x16x16\n  concat { @left | @right } -> conv 1x1 2 bias=no\n}"
    )
    formulas = cnnspec.loads(both).formulas()
    assert str(formulas.macs) == "12·N·H·W"
    assert "H (and H of `right`, which is the same)" in formulas.to_text()
    apart = both.replace(
        "concat { @left | @right } -> conv 1x1 2 bias=no", "output a: @left -> relu\n  output b: @right -> relu"
    )
    assert str(cnnspec.loads(apart).formulas().ops) == "N·(3·H_left·W_left + 3·H_right·W_right)"
    for text in (both, apart):
        judge(compiled(text), lambda options, text=text: compiled(text, options), random.Random(1))  # type: ignore[misc]


def test_a_gate_at_this_size_only() -> None:
    """`conv1` makes 1x1 of 7x7, which `mul` repeats; of any other size it makes what `mul` refuses."""
    text = (
        "model M {\n  input a: 3x7x7\n  input b: 3x9x9\n"
        "  output x: @a -> mul { conv 7x7 3 | adaptive_avgpool 5 }\n  output y: @b -> relu\n}"
    )
    found, _ = judge(compiled(text), lambda options: compiled(text, options), random.Random(0))
    assert not found.formulas.sizes.axes
    shown = cnnspec.loads(text, name="model.cnn").formulas().to_text()
    assert "there is no formula for the size of `mul1` (model.cnn:4)" in re.sub(r"\n  ", " ", shown)


def test_a_formula_is_worked_out() -> None:
    formulas = cnnspec.load("zoo:resnet50").formulas()
    assert str(formulas.macs) == "N·(81,456·H·W + 2,048,000)"
    assert formulas.params == 25_557_032
    assert formulas.macs() == 4_089_184_256
    assert formulas.macs(N=8, H=320, W=256) == 8 * cnnspec.load("zoo:resnet50", input="3x320x256").macs
    with pytest.raises(ValueError, match="H = 225 is not of this class: 32, 64, …"):
        formulas.macs(H=225)
    with pytest.raises(ValueError, match="H = 0 is not of this class"):
        formulas.macs(H=0)
    with pytest.raises(ValueError, match="there is no D in this formula"):
        formulas.macs(D=3)
    with pytest.raises(ValueError, match="`avgpool` costs follows no polynomial"):
        cnnspec.load("zoo:vgg16").formulas().ops(H=64)


@pytest.mark.parametrize(
    ("name", "shape"), [("resnet18", (3, 96, 160)), ("mobilenet_v2", (3, 64, 96)), ("unet", (1, 204, 236))]
)
def test_torch_counts_the_same(name: str, shape: tuple[int, int, int]) -> None:
    torch = pytest.importorskip("torch")
    from torch.utils.flop_counter import FlopCounterMode

    found = cnnspec.load(f"zoo:{name}")
    space: dict[str, object] = {"__name__": "model"}
    exec(found.torch_source(), space)  # noqa: S102  (our own export)
    net = space[found.name]
    assert callable(net)
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        net().eval()(torch.empty(2, *shape))
    assert found.formulas().macs(N=2, H=shape[1], W=shape[2]) * 2 == counter.get_total_flops()


# -- least sizes that are a case of their own -------------------------------------------------------------------------

REUSED = """
  c: { conv 3x3 8 pad=1 bias=no -> bn -> relu }
  c2: reuse c
  s: conv 3x3 8 /2 pad=1
  u: upsample like=@c mode=bilinear align_corners=yes
  add { @u | @c }
  p: avgpool 3x3 /2 pad=1 count_pad=no
  conv_transpose 3x3 8 /2 pad=1 output_pad=0
  concat { @c2 | id }
"""
ENLARGED = "  a: conv 3x3 4 pad=1\n  conv 3x3 4 /2 pad=1 -> upsample like=@a mode=bilinear -> add { id | @a }"
SQUEEZED = "  mul { id | gap -> conv 1x1 3 -> sigmoid }\n" + ENLARGED


@pytest.mark.parametrize(
    ("lines", "shape", "said"),
    [
        (REUSED, "8x31x31", ["H and W: 3, 5, 7, … (2 n + 1).", "H = 1 and W = 1 are left out: there `u` (`upsample"]),
        (REUSED, "8x1x31", ["H and W: 1, 3, 5, … (2 n + 1).", "What `u` ("]),
        (REUSED, "8x1x1", []),
        (ENLARGED, "3x9x9", ["H and W: 3, 5, 7, … (2 n + 1)."]),
        (ENLARGED, "3x9x8", ["H: 3, 5, 7, … (2 n + 1).", "W: 2, 4, 6, … (2 n).", "H = 1 is left out"]),
        (f"  require in.h < 8\n{ENLARGED}", "3x5x8", ["H: 3, 5, 7 (2 n + 1)."]),
        (f"  require in.h < 4\n{ENLARGED}", "3x3x8", ["H: 1, 3 (2 n + 1)."]),
        (ENLARGED.replace("3x3", "3"), "3x9", ["W: 3, 5, 7, … (2 n + 1).", "W = 1 is left out"]),
        (SQUEEZED, "3x9x9", ["H and W: 3, 5, 7, … (2 n + 1)."]),
        ("  mul { id | gap -> conv 1x1 3 }\n  conv 3x3 4 /2 pad=1 -> mul { id | maxpool 3x3 /1 pad=1 }", "3x9x9", []),
        ("  upsample to=9 mode=bilinear", "3x20x20", []),
    ],
)
def test_a_least_size_of_its_own_is_left_out(lines: str, shape: str, said: list[str]) -> None:
    """Every size of the class up to 23, and the formulas are wrong where a size was left out."""
    first, text = of(lines, shape)
    assert first.ok, first.diagnostics

    def compile(options: Options) -> Compiled:
        return compile_source(Source("model.cnn", text), options)

    found, _ = judge(first, compile, random.Random(0))
    assert is_least(found, first, compile)
    shown = re.sub(r"\n  ", " ", cnnspec.loads(text, name="model.cnn").formulas().to_text())
    assert all(each in shown for each in said), shown
    assert ("left out" in shown) == bool(found.formulas.later)
    axes = found.formulas.sizes.axes
    steps = [range((min(23, each.most or 23) - each.least) // each.period + 1) for each in axes]
    for each in product(*steps):
        here = dict(zip((axis.unknown for axis in axes), each, strict=True))
        other = compile(Options(inputs=dict(sizes_at(found, here))))
        assert other.built is not None
        assert other.whole
        same(found, here, other.built.graph, other.built.shapes)


# -- polynomials -------------------------------------------------------------------------------------------------------


def random_polynomial(chance: random.Random) -> Whole:
    names = [(), ("a",), ("b",), ("a", "b"), ("a", "a")]
    return polynomial({each: chance.randint(-4, 9) for each in names if chance.random() < 0.6})


POINTS = [{"a": a, "b": b} for a, b in product(range(7), repeat=2)]


def test_what_is_answered_holds_for_all_values() -> None:
    chance, answered = random.Random(5), 0
    for _ in range(3000):
        one, two = random_polynomial(chance), random_polynomial(chance)
        pairs = [(at(one, each), at(two, each)) for each in POINTS]
        for sign, how in (("+", int.__add__), ("-", int.__sub__), ("*", int.__mul__)):
            result = {"+": one + two, "-": one - two, "*": one * two}[sign]
            assert [at(result, each) for each in POINTS] == [how(*pair) for pair in pairs]
        for ask in (
            lambda x, y: x < y, lambda x, y: x <= y, lambda x, y: x > y, lambda x, y: x >= y,
            lambda x, y: x == y, lambda x, y: x != y, lambda x, y: bool(x),
        ):  # fmt: skip
            try:
                told = ask(one, two)
            except Undecided:
                continue
            answered += 1
            assert {ask(*pair) for pair in pairs} == {told}
        by = chance.randint(1, 6)
        try:
            quotient, rest = one // by, one % by
        except Undecided:
            continue
        assert [at(quotient, each) for each in POINTS] == [first // by for first, _ in pairs]
        assert {first % by for first, _ in pairs} == {rest}
    assert answered > 3000


def test_what_hangs_on_the_value_is_not_answered() -> None:
    size = linear("a", 2, 3)
    assert isinstance(size, Polynomial)
    asked = (lambda x: x / 2, lambda x: [1, 2, 3][x], lambda x: 7 // x, lambda x: x**2, lambda x: x % 4, lambda x: {x})
    for ask in (hash, int, float, range, *asked, lambda x: x == 5, lambda x: x > 4, lambda x: min(x, 6)):
        with pytest.raises(Undecided):
            ask(size)
    assert (min(size, 2), max(size, 2), size % 2, size // 2) == (2, size, 1, linear("a", 1, 1))
    assert put(size * size, "a", linear("b", 1, 1)) == terms_to(4, 20, 25)


def terms_to(square: int, once: int, number: int) -> Whole:
    return polynomial({("b", "b"): square, ("b",): once, (): number})


def test_only_layers_with_weights_multiply_and_add() -> None:
    """So that where a cost is no polynomial, MACs are known to be none."""
    for case in cases():
        assert case.layer.weights(case.inputs) or not case.layer.cost(case.inputs).macs, case.name


EXACT = {"adaptive_avgpool", "adaptive_maxpool"}
"""Words whose cost may follow no polynomial: parts overlap differently from size to size."""


def test_every_word_can_be_asked_with_polynomials() -> None:
    """Each example's layer, asked with its spatial sizes as they are and t more, says what it says of numbers."""
    told: set[str] = set()
    for case in cases():
        shapes = case.inputs
        given = tuple((shape[0], *(linear("t", 60, size) for size in shape[1:])) for shape in shapes)
        values = [tuple((shape[0], *(60 * t + size for size in shape[1:])) for shape in shapes) for t in (0, 1, 2, 5)]
        try:
            expected = [case.layer.cost(each) for each in values if _is_taken(case.layer, each)]
            found = case.layer.cost(given)  # type: ignore[arg-type]
        except Undecided:
            continue
        except cnnspec_error():
            continue
        told.add(case.layer.word)
        for t, cost in zip((0, 1, 2, 5), expected, strict=False):
            assert (at(found.macs, {"t": t}), at(found.ops, {"t": t})) == (cost.macs, cost.ops), case.name
    assert set(words()) - told <= EXACT | {"linear", "flatten"}


def cnnspec_error() -> type[Exception]:
    from cnnspec.contract.errors import LayerError

    return LayerError


def _is_taken(layer: Layer, inputs: tuple[tuple[int, ...], ...]) -> bool:
    try:
        layer.infer(inputs)
    except cnnspec_error():
        return False
    return True


# -- the command -------------------------------------------------------------------------------------------------------


def test_json_is_worked_out_by_python(capsys: pytest.CaptureFixture[str]) -> None:
    for name, size in (("googlenet_paper", 160), ("retinanet", 288), ("unet", 220), ("m5_audio", 3328)):
        assert run(["formulas", f"zoo:{name}", "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        sizes = {each["name"]: size for each in record["axes"]}
        (given,) = record["inputs"]
        at_size = [each if isinstance(each, int) else sizes[each] for each in given["shape"]]
        other = cnnspec.load(f"zoo:{name}", input=tuple(at_size)).report().to_dict()
        for quantity in ("macs", "ops"):
            told = record[quantity]
            assert eval(told["formula"], {}, {"N": 3, **sizes}) == 3 * other["totals"][quantity]  # noqa: S307
            terms = (
                each["numerator"]
                * prod({"N": 3, **sizes}[letter] ** n for letter, n in each["powers"].items())
                / each["denominator"]
                for each in told["terms"]
            )
            assert round(sum(terms)) == 3 * other["totals"][quantity]
        shapes = {each["name"]: each["output"] for each in other["layers"]}
        for each in record["layers"]:
            assert [x if isinstance(x, int) else eval(x, {}, sizes) for x in each["output"]] == shapes[each["name"]]  # noqa: S307
        heads = 0 if name != "googlenet_paper" else 13_378_280 - 10_232_552
        assert record["params"] == other["totals"]["params"] + heads


def test_errors_and_usage(capsys: pytest.CaptureFixture[str], tmp_path: object) -> None:
    assert run(["formulas", "no.cnn"]) == 2
    assert run(["formulas", str(ROOT / "tests" / "broken" / "first_try.cnn")]) == 1
    assert run(["formulas", "zoo:resnet18", "--input", "3x16x16", "--set", "classes=0"]) == 1
    shown = capsys.readouterr()
    assert "errors in" in shown.err
    assert not shown.out


@pytest.mark.parametrize("width", [40, 80, 120, 200])
def test_steps_fit(width: int) -> None:
    text = cnnspec.load("zoo:resnet18").formulas().to_text(layers=True, width=width)
    assert max(map(len, text.splitlines())) <= max(width, 65)
    assert "layer4.1.conv2" in text


APART = """model Two {
  input left: 1x28x28
  input right: 3x40x30
  @left -> a: { conv 5x5 8 -> relu -> maxpool 2x2 ceil_mode=yes -> conv 3x3 8 -> relu -> gap }
  @right -> conv 1x1 1 -> b: reuse a
  concat { @a | @b } -> flatten -> linear 2
}
"""


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
@pytest.mark.parametrize("width", [40, 60, 80, 100, 160])
def test_totals_are_broken_in_front_of_signs(width: int, encoding: str) -> None:
    from cnnspec.reports.formulas.table import formulas_table
    from cnnspec.reports.look import Look

    found = derived(compiled(APART))
    wide = formulas_table(found, Look(encoding=encoding, width=1000)).splitlines()
    lines = formulas_table(found, Look(encoding=encoding, width=width)).splitlines()
    totals = lines[2 : lines.index("", 2)]
    assert max(map(len, totals)) <= width
    assert re.sub(r"\n +", " ", "\n".join(totals)).splitlines() == wide[2:6]
    assert all(each.strip()[0] in "+-−" for each in totals if each.startswith(" "))
    if width == 80:
        assert sum("(H_left + H_right + W_left + W_right) + " in each for each in totals) == 3
    shown = formulas_table(found, Look(colour=True, width=width)).splitlines()
    assert all(each.count("\x1b[1m") == each.count("\x1b[0m") for each in shown[2 : 2 + len(totals)])


def test_ascii_and_latex() -> None:
    from cnnspec.reports.formulas.table import formulas_table
    from cnnspec.reports.look import Look

    first = compile_file("zoo:unet")
    plain = formulas_table(derived(first), Look(encoding="ascii"), layers=True)
    assert plain.isascii()
    assert "N*(733,888*H*W - 90,947,712*(H + W) + 14,356,195,584)" in plain
    assert "188, 204, 220, ... (16 n + 12)" in plain
    markdown = cnnspec.load("zoo:resnet50").formulas().to_markdown(layers=True)
    assert r"| MACs | $N\,(81{,}456\,H\,W + 2{,}048{,}000)$ |" in markdown
    assert r"| Other ops | $\frac{N\,(1{,}557\,H\,W + 2{,}000)}{2}$ |" in markdown
    assert markdown.count("{") == markdown.count("}")


@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[str(i) for i in range(len(SHOWN))])
def test_the_page_shows_what_is_printed(arguments: str, expected: str, tmp_path: object) -> None:
    beginning, ellipsis, _ = expected.partition("…\n")
    found = printed(arguments, tmp_path)  # type: ignore[arg-type]
    assert found.startswith(beginning) if ellipsis else found.strip("\n") == expected.strip("\n")


def test_terms_are_told_apart() -> None:
    assert terms_of(3) == {(): 3}
    assert polynomial({("a",): 0, (): 2}) == 2


def test_one_axis_has_one_letter_wherever_it_is_shown() -> None:
    """W, as the language has it: `in.w`."""
    text = model("require in.w > 4\n one: conv 3 8", "4x50")
    assert str(cnnspec.loads(text).sizes()) == "W ≥ 5"
    assert "N·(8·W − 16)" in str(cnnspec.loads(text).formulas())
    assert "W′ = ⌊(W" in str(cnnspec.loads(text).explain("one"))

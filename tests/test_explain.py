"""`cnnspec explain`: no equation that it shows is false, nothing is left out, and both languages say it."""

import ast
import json
import re
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from click.testing import CliRunner

import cnnspec
from cnnspec.api.explain import Explanation, UnknownName, explain
from cnnspec.cli.app import run
from cnnspec.contract.register import words
from cnnspec.manual.worked import program
from cnnspec.passes.analysis import Row
from cnnspec.pipeline import Compiled
from cnnspec.reports.explained.texts import languages, texts
from cnnspec.reports.look import Look, cells
from cnnspec.resources import folder
from tests import ROOT
from tests.networks import network
from tests.texts import good

# -- a judge of its own: it knows arithmetic and none of the code ------------------------------------------------------


def worth(text: str) -> Fraction:
    """What a piece of a line comes to: `⌊(32 − 5 + 2·2) / 1⌋ + 1`."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    for sign, meant in (("·", "*"), ("−", "-"), ("⌊", "floor("), ("⌈", "ceil("), ("⌋", ")"), ("⌉", ")"), ("^", "**")):
        text = text.replace(sign, meant)
    for place, raised in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹"):
        text = text.replace(raised, f"**{place}")
    return _worth(ast.parse(text, mode="eval").body)


def _worth(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(int(number)):
            return Fraction(number)
        case ast.UnaryOp(ast.USub(), one):
            return -_worth(one)
        case ast.BinOp(left, ast.Add(), right):
            return _worth(left) + _worth(right)
        case ast.BinOp(left, ast.Sub(), right):
            return _worth(left) - _worth(right)
        case ast.BinOp(left, ast.Mult(), right):
            return _worth(left) * _worth(right)
        case ast.BinOp(left, ast.Div(), right):
            return _worth(left) / _worth(right)
        case ast.BinOp(left, ast.Pow(), right):
            return _worth(left) ** int(_worth(right))
        case ast.Call(ast.Name("floor"), [one]):
            return Fraction(floor(_worth(one)))
        case ast.Call(ast.Name("ceil"), [one]):
            return Fraction(ceil(_worth(one)))
        case ast.Call(ast.Name("max"), [one, other]):
            return max(_worth(one), _worth(other))
    raise AssertionError(ast.dump(node))


_NUMBERS = r"(?:floor|ceil|max|[\d\s,·−⌊⌋⌈⌉()/+*^⁰¹²³⁴⁵⁶⁷⁸⁹-])+"
_CHAIN = re.compile(rf"= ({_NUMBERS}) = (−?[\d,]+(?:/[\d,]+)?)(?=\s|$)")


def equations(text: str) -> list[tuple[str, str]]:
    """The arithmetic of a page that is wide enough for a line a formula: what stands before the last `=`, and what it
    is said to come to."""
    lines = text.splitlines()
    return [(found[1].split(" = ")[-1], found[2]) for line in lines for found in _CHAIN.finditer(line)]


def shown(found: Explanation, width: int = 1000) -> str:
    """As it stands in a terminal so wide that no formula is broken."""
    return found.shown(Look(width=width))


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    """Formulas on one line, where it is wide enough, so that they can be judged."""
    monkeypatch.setattr("cnnspec.reports.explained.terminal.COMFORT", 100_000)


def test_the_judge_finds_what_is_false() -> None:
    assert worth("⌊(32 − 5 + 2·2) / 1⌋ + 1") == 32
    assert worth("1,000·(−3) + 2²") == -2996
    assert equations("  H′ = ⌊(H − F) / S⌋ = ⌊(9 − 3) / 2⌋ = 3\n  weight  F·C = 5·3 = 15\n") == [
        ("⌊(9 − 3) / 2⌋", "3"),
        ("5·3", "15"),
    ]


# -- every word --------------------------------------------------------------------------------------------------------


def examples() -> Iterator[tuple[str, Compiled, Row]]:
    """Every example of every word, and the row of the word in it."""
    for word, cls in words().items():
        for each in cls.examples:
            made = good(program(each))
            rows = [row for row in made.analysis.rows if row.node.layer.word == word]
            yield from ((f"{each.text} on {each.inputs}", made, row) for row in rows)  # none of a merge of one branch


EXAMPLES = list(examples())


def test_every_word_is_explained() -> None:
    assert {row.node.layer.word for _, _, row in EXAMPLES} == set(words())


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("made", "row"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_no_equation_is_false(made: Compiled, row: Row, language: str) -> None:
    found = explain(made, row.node.id, language)
    told = equations(shown(found))
    for left, right in told:
        assert worth(left) == worth(right), f"{left} = {right}"
    signs = sum(has_sign(each) for each in formulas(found.to_dict()))
    assert len(told) >= signs > 0 or not signs, "a formula is not shown with its numbers"


def formulas(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """All that are shown, wherever in the record they stand."""
    yield from record["tensors"]
    yield from (each for each in record["work"] if each["value"])
    yield from (each for axis in record["receptive_field"]["axes"][:1] for each in axis["equations"])
    yield from {(each["worked"], each["note"]): each for each in record["sizes"]}.values()


def has_sign(formula: dict[str, Any]) -> bool:
    return bool(re.search(r"[-+*/(^]", formula["formula"]))


@pytest.mark.parametrize(("made", "row"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_a_record_holds_what_the_analysis_has(made: Compiled, row: Row) -> None:
    record = explain(made, row.node.id).to_dict()
    assert json.loads(json.dumps(record)) == record
    assert record["output"] == list(row.shape or ())
    assert (record["params"], record["buffers"]) == (row.params, row.buffers)
    assert sum(each["value"] for each in record["tensors"] if each["trainable"]) == row.params
    assert sum(each["value"] for each in record["tensors"] if not each["trainable"]) == row.buffers
    assert sum(each["value"] for each in record["work"] if each["kind"] == "mac") == row.cost.macs
    assert sum(each["value"] for each in record["work"] if each["kind"] != "mac") == row.cost.ops
    for axis, looks in enumerate(record["receptive_field"]["axes"]):
        assert row.field is not None
        assert [each["value"] for each in looks["equations"]] == list(row.field.axes[axis])
    for formula in (*formulas(record), *record["instead"].values()):
        assert worth(with_numbers(formula)) == Fraction(formula["value"])


def with_numbers(formula: dict[str, Any]) -> str:
    """The formula with the numbers that are said of its names."""

    def number(name: re.Match[str]) -> str:
        return name[0] if name[0] in {"floor", "ceil", "max"} else f"({formula['values'][name[0]]})"

    return re.sub(r"[A-Za-z]+(?:_\w+)?'?", number, formula["formula"])


# -- whole networks ----------------------------------------------------------------------------------------------------

NETWORKS = (
    "lenet",
    "googlenet",
    "unet",
    "c3d",
    "m5_audio",
    "siamese",
    "mobilenet_v2",
    "dcgan_generator",
)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_of_a_network_is_explained(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = network(name)
    assert made.built is not None
    seen: set[tuple[Any, ...]] = set()
    for row in made.analysis.rows:
        like = (row.node.layer, tuple(made.built.shapes[each] for each in row.node.inputs), row.field)
        if like in seen:
            continue
        seen.add(like)
        for language in languages():
            found = explain(made, row.node.id, language)
            assert found.known
            for left, right in equations(shown(found)):
                assert worth(left) == worth(right), f"{row.node.id}: {left} = {right}"
            monkeypatch.setattr("cnnspec.reports.explained.terminal.COMFORT", 100)
            for line in shown(found, 80).splitlines():
                whole = re.fullmatch(r"\S+|`[^`]*`\S*", line.strip())  # a name or a command, which is never divided
                assert cells(line) <= 80 or whole, f"{row.node.id}: {line}"
            monkeypatch.setattr("cnnspec.reports.explained.terminal.COMFORT", 100_000)


@pytest.mark.parametrize("name", ["resnet50", "siamese", "retinanet", "mlp"])
def test_every_scope_of_a_network_is_explained(name: str) -> None:
    made = network(name)
    assert made.built is not None
    total = explain(made).to_dict()
    assert (total["params"], total["macs"]) == (made.analysis.totals.params, made.analysis.totals.macs)
    for path in made.built.graph.scopes:
        if not path:
            continue
        record = explain(made, path).to_dict()
        inside = [row for row in made.analysis.rows if row.node.id.startswith(f"{path}.")]
        assert record["layers"] == [row.node.id for row in inside]
        assert record["params"] == sum(row.params for row in inside)
        assert record["macs"] == sum(row.cost.macs for row in inside if row.runs)


# -- what the field asks for -------------------------------------------------------------------------------------------


def ten_filters() -> Compiled:
    return good("cnn 1\nmodel Ten {\n  input 3x32x32\n  conv 5x5 10 pad=2\n}\n")


def test_760_against_31_million() -> None:
    record = explain(ten_filters(), "conv1").to_dict()
    assert record["params"] == 760
    assert record["instead"]["dense"]["value"] == (32 * 32 * 3) * (32 * 32 * 10) + 32 * 32 * 10 == 31_467_520
    assert record["instead"]["unshared"]["value"] == (32 * 32 * 10) * (5 * 5 * 3 + 1)
    assert "41,405 times as many" in shown(explain(ten_filters(), "conv1"))


def test_three_kernels_of_3_see_as_much_as_one_of_7() -> None:
    made = good("cnn 1\nmodel M {\n  input 64x32x32\n  conv 7x7 64 pad=3 bias=no\n}\n")
    record = explain(made, "conv1").to_dict()
    assert record["instead"]["stacked-share"]["value"] == "27/49"
    assert record["instead"]["stacked"]["value"] * 49 == record["params"] * 27
    assert "27/49  55.1%" in shown(explain(made, "conv1"))


@pytest.mark.parametrize("sides", [(3, 3), (3, 3, 3), (3, 5), (5, 3, 3)])
def test_a_row_of_kernels_sees_as_much_as_one(sides: tuple[int, ...]) -> None:
    steps = " -> relu -> ".join(f"conv {each}x{each} 8 pad=same bias=no" for each in sides)
    made = good(f"cnn 1\nmodel M {{\n  input 8x32x32\n  {steps}\n}}\n")
    row = explain(made, f"conv{len(sides)}").to_dict()["row"]
    field = made.analysis.rows[-1].field
    assert field is not None
    assert row["kernel"] == [each.size for each in field.axes]
    assert row["layers"] == [f"conv{place}" for place in range(1, len(sides) + 1)]
    assert row["weights"] == sum(64 * each**2 for each in sides)
    assert row["single"]["value"] == 64 * field.axes[0].size ** 2
    if sides == (3, 3, 3):
        assert "(3·3 + 3·3 + 3·3) / (7·7) = 27/49  55.1%" in shown(explain(made, "conv3"))


def test_a_row_of_as_many_weights_as_the_one_is_not_said_to_have_more() -> None:
    """3 channels that become 8: 4 kernels of 3x3 have 1,944 weights, and so has one of 9x9."""
    made = good("model M {\n  input 3x32x32\n  (conv 3x3 8 pad=1 -> relu) x3\n  conv 3x3 8 /2 pad=1\n}\n")
    page = shown(explain(made, "conv4"))
    assert "3·3·3·8 + 3·3·3·8·8 = 1,944" in page
    assert "F·F·C·K = 9·9·3·8 = 1,944" in page
    assert "The row has as many weights as the one; but" in page
    assert "100.0%" not in page.split("Small kernels")[1]


@pytest.mark.parametrize("language", languages())
def test_the_weights_of_a_row_are_a_formula_too(language: str) -> None:
    """Layer by layer, equal ones as a multiple; of a network that is not square, and of one axis."""
    steps = "conv 3x3 20 pad=1 -> relu -> conv 3x3 20 pad=1 -> relu -> conv 3x3 20 pad=1"
    made = good(f"model M {{\n  input 10x16x16\n  {steps}\n}}\n")
    assert "3·3·10·20 + 2·3·3·20·20 = 9,000" in shown(explain(made, "conv3", language))
    assert explain(made, "conv3", language).to_dict()["row"]["own"]["value"] == 9_000
    line = good("model M {\n  input 2x16\n  conv 5 4 pad=2 -> conv 3 8 pad=1\n}\n")
    assert "5·2·4 + 3·4·8 = 136" in shown(explain(line, "conv2", language))


def test_a_remark_stands_in_the_line_of_its_formula_in_markdown() -> None:
    made = good("model M {\n  input 64x32x32\n  conv 7x7 64 pad=same\n}\n")
    lines = explain(made, "conv1").to_markdown().splitlines()
    assert not [each for each in lines if each.startswith("(")]
    assert any(each.startswith("$\\dfrac") and each.endswith("= \\dfrac{27}{49}$ (55.1%)") for each in lines)


@pytest.mark.parametrize("between", ["maxpool 2x2", "conv 3x3 8 /2", "conv 3x3 8 dilation=2", "depthwise 3x3"])
def test_a_row_ends_where_one_kernel_would_see_otherwise(between: str) -> None:
    made = good(f"cnn 1\nmodel M {{\n  input 8x32x32\n  conv 3x3 8\n  {between}\n  last: conv 3x3 8\n}}\n")
    assert explain(made, "last").to_dict()["row"] is None


@pytest.mark.parametrize("name", ["lenet", "vgg16", "mobilenet_v1", "c3d", "m5_audio"])
def test_the_way_of_a_field_comes_to_it(name: str) -> None:
    """Summed up from the windows alone: r = 1 + sum of (F - 1) d j, where j is the product of the strides before."""
    made = network(name)
    row = next(row for row in reversed(made.analysis.rows) if row.field)
    assert row.field is not None
    way = explain(made, row.node.id).to_dict()["receptive_field"]["way"]
    for axis, field in enumerate(row.field.axes):
        size, jump, start = 1, 1, 0
        for each in way:
            size += (each["kernel"][axis] - 1) * each["dilation"][axis] * jump
            start -= each["pad"][axis] * jump
            jump *= each["stride"][axis]
            told = (each["field"]["size"][axis], each["field"]["stride"][axis], each["field"]["start"][axis])
            assert told == (size, jump, start)
        assert (size, jump, start) == tuple(field)


def test_where_a_field_is_lost() -> None:
    made = good("cnn 1\nmodel M {\n  input 3x16x16\n  conv 3x3 4\n  up: upsample 2\n  relu\n  last: conv 3x3 2\n}\n")
    assert explain(made, "last").to_dict()["receptive_field"]["lost_at"] == "up"
    assert "no single field since `up`" in shown(explain(made, "last"))
    assert explain(made, "conv1").to_dict()["receptive_field"]["lost_at"] is None


def test_a_value_may_be_read_twice() -> None:
    made = good("cnn 1\nmodel M {\n  input 3x8x8\n  a: conv 3x3 4 pad=1\n  up: upsample like=@a\n}\n")
    record = explain(made, "up").to_dict()
    assert record["receptive_field"]["how"] == "window"
    assert [each["layer"] for each in record["receptive_field"]["way"]] == ["a"]


def test_a_network_of_any_size_says_so() -> None:
    text = shown(explain(network("unet"), "e1.conv1"))
    assert "`size=any`" in text
    assert "570" in text


def test_a_depthwise_layer_is_told_beside_one_that_sees_all_channels() -> None:
    made = good("cnn 1\nmodel M {\n  input 32x16x16\n  depthwise 3x3 pad=1 bias=no\n}\n")
    record = explain(made, "depthwise1").to_dict()
    assert (record["params"], record["instead"]["ungrouped"]["value"]) == (9 * 32, 9 * 32 * 32)


# -- names -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("layer1.0.conv1", "layer1.0.conv1"),
        ("layer3.1.bn2", "layer3.1.bn2"),
        ("@fc", "fc"),
        ("fc.weight", "fc"),
        ("layer1", "layer1"),
        ("layer2.0.downsample.0", "layer2.0.downsample.0"),
        ("input", "input"),
    ],
)
def test_a_name_is_found(asked: str, meant: str) -> None:
    assert explain(network("resnet18"), asked).to_dict()["name"] == meant


ENDS = """model M {
  input 3x16x16
  stem: conv 3x3 4 -> relu
  s: { gap -> flatten }
  aux early: @stem -> gap -> flatten -> linear 5
  output score: @s -> linear 2 -> sigmoid
  output late: @s -> linear 4
}
"""


@pytest.mark.parametrize(
    ("asked", "meant"),
    [("early", "linear1"), ("score", "sigmoid1"), ("@late", "linear3"), ("s", "s"), ("stem", "stem")],
)
def test_the_name_of_an_end_is_its_step(asked: str, meant: str, tmp_path: Path) -> None:
    """In `field`, too, where a scope is what leaves it."""
    made = good(ENDS)
    assert explain(made, asked).to_dict()["name"] == meant
    path = tmp_path / "net.cnn"
    path.write_text(ENDS, encoding="utf-8")
    (layer,) = cnnspec.load(path).field(asked.removeprefix("@")).to_dict()["layers"]
    assert layer["name"] == ("s.flatten1" if meant == "s" else meant)


def test_the_name_of_an_end_is_near_too() -> None:
    with pytest.raises(UnknownName, match="did you mean `early`"):
        explain(good(ENDS), "erly")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("layer1.0.cnov1", "did you mean `layer1.0.conv1`?"),
        ("conv2", "8 layers end in `conv2`: `layer1.0.conv2`, "),
        ("nothing_like_it", "`cnnspec report` lists them all"),
        ("layer1.0.relu9", "did you mean `layer1.0.relu"),
        ("layer2.0.downsample.conv1", "did you mean `layer2.0.downsample.0`?"),
    ],
)
def test_a_name_that_is_none(asked: str, said: str) -> None:
    with pytest.raises(UnknownName, match=re.escape(said)):
        explain(network("resnet18"), asked)


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ("conv1", "did you mean `c1`?"),
        ("conv3", "did you mean `last`?"),
        ("conv4", "`cnnspec report` lists them all"),
        ("linear1", "did you mean `fc`?"),
        ("conv0", "`cnnspec report` lists them all"),
    ],
)
def test_a_label_is_found_by_the_name_that_the_step_would_have_without(asked: str, hint: str) -> None:
    steps = "c1: conv 3x3 4 -> relu -> c2: conv 3x3 4 -> last: conv 3x3 4 -> flatten -> fc: linear 2"
    made = good(f"model M {{\n  input 3x9x9\n  {steps}\n}}\n")
    with pytest.raises(UnknownName, match=re.escape(hint)):
        explain(made, asked)


def test_what_a_model_holds_is_told_with_its_padding() -> None:
    """Else the sizes beside look wrong."""
    made = good("model M {\n  input 3x32x32\n  conv 5x5 10 pad=2 bias=no -> maxpool 3x3 /2 pad=1\n}\n")
    page = shown(explain(made))
    assert re.search(r"conv 5x5 10 pad=2 +10x32x32", page)
    assert re.search(r"maxpool 3x3 /2 pad=1 +10x16x16", page)


def test_what_stands_apart_is_told() -> None:
    assert "`tower.conv1`" in shown(explain(network("siamese"), "tower@2.conv1"))
    assert "`tower@2.conv1` too" in shown(explain(network("siamese"), "tower.conv1"))
    assert "training alone" in shown(explain(network("alexnet"), "classifier.0"))
    aux = next(row.node.id for row in network("googlenet").analysis.rows if not row.runs and row.params)
    assert "auxiliary head" in shown(explain(network("googlenet"), aux))


# -- texts -------------------------------------------------------------------------------------------------------------


@cache
def table(language: str) -> dict[str, dict[str, str]]:
    import tomllib

    text = (Path(folder("texts")) / f"{language}.toml").read_text(encoding="utf-8")
    return {name: each for name, each in tomllib.loads(text).items() if isinstance(each, dict)}


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


def test_english_and_chinese_ship() -> None:
    assert languages() == ("en", "zh")
    with pytest.raises(ValueError, match="the languages are en, zh"):
        explain(network("lenet"), "conv1", "xx")


@pytest.mark.parametrize("language", languages())
def test_a_language_has_all_keys_and_places(language: str) -> None:
    english, other = table("en"), table(language)
    assert set(other) == set(english)
    for section in english:
        if section != "words":
            assert set(other[section]) == set(english[section]), section
            for key, template in english[section].items():
                assert places(other[section][key]) == places(template), f"{section}.{key}"
                assert template.count("`") % 2 == other[section][key].count("`") % 2 == 0


@pytest.mark.parametrize("language", [each for each in languages() if each != "en"])
def test_a_language_has_every_word(language: str) -> None:
    """English has them in the docstrings."""
    assert set(table(language)["words"]) == {"input", *words()}


def test_every_key_is_used_and_no_other() -> None:
    """The keys are written out in the code, or are those that layers state."""
    rooms = ("contract", "layers", "passes", "reports/explained")
    paths = [path for room in rooms for path in (ROOT / "cnnspec" / room).rglob("*.py")]
    sources = [path.read_text(encoding="utf-8") for path in paths]
    written = {
        node.value
        for text in sources
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    for section, keys in table("en").items():
        if section not in {"words", "symbol"}:
            assert set(keys) <= written, f"{section}: {set(keys) - written}"
    stated = {name for _, made, row in EXAMPLES for name in _symbols(explain(made, row.node.id).to_dict())}
    assert stated <= set(table("en")["symbol"]), "a symbol has no name"


def _symbols(record: dict[str, Any]) -> Iterator[str]:
    for formula in (*formulas(record), *record["instead"].values()):
        for name in formula["values"]:
            base = name.removesuffix("'")
            yield base if base in table("en")["symbol"] else base.partition("_")[0]


def test_texts_say_what_they_are_asked() -> None:
    assert texts("zh")("place", "line", line=7, file="net.cnn") == "net.cnn 第 7 行"
    with pytest.raises(KeyError):
        texts("zh")("place", "nowhere")


# -- Markdown ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "layer"),
    [("resnet50", "conv1"), ("unet", "input"), ("mobilenet_v2", "features.2.conv.1.0"), ("densenet121", "fc")],
)
@pytest.mark.parametrize("language", languages())
def test_markdown_is_latex_that_renders(name: str, layer: str, language: str) -> None:
    made = network(name)
    assert made.built is not None
    if layer not in made.built.graph.nodes:
        layer = made.analysis.rows[-1].node.id
    _judge_latex(explain(made, layer, language).to_markdown())


@pytest.mark.parametrize(("made", "row"), [each[1:] for each in EXAMPLES[::3]], ids=[each[0] for each in EXAMPLES[::3]])
def test_latex_of_every_word(made: Compiled, row: Row) -> None:
    _judge_latex(explain(made, row.node.id).to_markdown())


def _judge_latex(text: str) -> None:
    """Each formula is parsed by a TeX reader, and holds nothing that GitHub's Markdown would take for its own."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    parser = mathtext.MathTextParser("path")
    assert text.startswith("## `")
    for line in text.splitlines():
        bare = re.sub(r"`[^`]*`|\\\$", "", line)
        assert bare.count("$") % 2 == 0, line
        for formula in re.findall(r"\$\$?([^$]+)\$\$?", bare):
            parser.parse(f"${formula}$")
            assert not re.search(r"\\[^A-Za-z]|[*<>]|(?<![A-Za-z])_", formula), formula


# -- the command -------------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.cnn").write_text(
        "cnn 1\nmodel M(c=4) {\n  input 3x8x8\n  conv 3x3 c -> relu -> gap -> flatten -> linear 3\n}\n"
    )
    broken = "cnn 1\nmodel M {\n  input 3x8x8\n  a: conv 3x3 4\n  b: conv 9x9 4\n  c: rleu\n  d: conv 3x3 2\n}\n"
    (tmp_path / "broken.cnn").write_text(broken)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("net.cnn", 0),
        ("net.cnn conv1", 0),
        ("net.cnn conv1 --md", 0),
        ("net.cnn conv1 --json", 0),
        ("net.cnn conv1 --format markdown --lang zh", 0),
        ("net.cnn conv1 --set c=8 --input 3x9x9", 0),
        ("net.cnn conv9", 2),
        ("net.cnn conv1 --lang fr", 2),
        ("net.cnn conv1 --format html", 2),
        ("missing.cnn conv1", 2),
        ("broken.cnn", 1),
        ("broken.cnn a", 1),
        ("broken.cnn b", 1),
        ("broken.cnn d", 1),
        ("broken.cnn b --json", 1),
        ("broken.cnn d --md --lang zh", 1),
    ],
)
def test_exit_codes(here: Path, arguments: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", *arguments.split()]) == code
    told = capsys.readouterr()
    assert "Traceback" not in told.err
    assert bool(told.out) == (code < 2)
    if "--json" in arguments:
        json.loads(told.out)


def test_what_has_an_error_is_told_in_words(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", "broken.cnn", "b"])
    told = capsys.readouterr().out
    assert "This step was refused, so that there is nothing to work out: the error in line 5:" in told
    run(["explain", "broken.cnn", "d"])
    assert "what comes into it is not known" in capsys.readouterr().out
    run(["explain", "broken.cnn", "a"])
    told = capsys.readouterr().out
    assert "3·3·3·4 = 108" in told
    assert "shares are of what is known" in told


def test_a_name_is_meant(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", "net.cnn", "cnov1"])
    assert "there is no layer `cnov1` in M; did you mean `conv1`?" in capsys.readouterr().err


def test_colour_is_asked_for(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["explain", "net.cnn", "conv1"])
    assert "\x1b" not in capsys.readouterr().out
    run(["explain", "net.cnn", "conv1", "--color", "always"])
    coloured = capsys.readouterr().out
    assert "\x1b[1m" in coloured
    run(["explain", "net.cnn", "conv1", "--color", "never"])
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == capsys.readouterr().out


def test_a_terminal_without_signs_gets_others() -> None:
    text = explain(ten_filters(), "conv1").shown(Look(encoding="ascii"))
    assert text.isascii()
    assert "floor((32 - 5 + 2*2) / 1) + 1 = 32" in text
    assert "\\u" not in text


def test_a_command_is_helped() -> None:
    from cnnspec.cli.explain import explain as command

    assert "LAYER is a name of" in CliRunner().invoke(command, ["--help"]).output


# -- the page ----------------------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "explain.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```console\n\$ cnnspec ([^\n]*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_the_page_shows_the_command() -> None:
    assert len(SHOWN) >= 5


@pytest.mark.parametrize(("arguments", "expected"), SHOWN, ids=[each for each, _ in SHOWN])
def test_the_page_shows_what_is_printed(
    arguments: str, expected: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr("cnnspec.reports.explained.terminal.COMFORT", 100)
    assert run(arguments.split()) == 0
    printed = capsys.readouterr().out
    beginning, ellipsis, _ = expected.partition("…\n")
    assert printed.startswith(beginning) if ellipsis else printed.rstrip() == expected.rstrip()


def test_the_page_names_every_field() -> None:
    record = explain(ten_filters(), "conv1").to_dict()
    fields = {*record, *explain(ten_filters()).to_dict()} - {"schema_version", "kind", "layers", "complete", "block"}
    named = set(re.findall(r"`([a-z_]+)`", PAGE))
    assert fields <= named, fields - named
    assert {"unshared", "dense", "ungrouped", "separable", "stacked", "stacked-share"} <= set(
        re.findall(r"`([a-z-]+)`", PAGE)
    )


def test_python_of_the_page() -> None:
    import cnnspec

    explanation = cnnspec.load("zoo:resnet50").explain("layer1.0.conv2")
    assert str(explanation) == explanation.to_text()
    assert explanation.to_dict()["sizes"][-1]["value"] == 56
    assert explanation.to_markdown() == explanation._repr_markdown_()
    assert json.loads(explanation.to_json()) == explanation.to_dict()


# -- several, and blocks by their names --------------------------------------------------------------------------------

BLOCKS = """
block Once(c) { conv 3x3 c pad=1 }
block Twice(c) { conv 3x3 c pad=1 -> relu }
model Blocks {
  input 3x8x8
  a: Twice 4
  Once 4
  b: Twice 8
}
"""


@pytest.fixture
def blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blocks.cnn").write_text(BLOCKS, encoding="utf-8")
    return tmp_path


@pytest.mark.usefixtures("blocks")
def test_several_are_told_one_after_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(*words: str) -> str:
        assert run(["explain", "blocks.cnn", *words]) == 0
        return capsys.readouterr().out

    for form in ((), ("--md",)):
        each = [shown(layer, *form) for layer in ("a.conv1", "b")]
        assert shown("a.conv1", "b", *form) == "\n".join(each)
    told = json.loads(shown("a.conv1", "b", "--json"))
    assert told == [json.loads(shown(layer, "--json")) for layer in ("a.conv1", "b")]


@pytest.mark.usefixtures("blocks")
def test_one_of_several_that_is_none_stops_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "blocks.cnn", "a", "nothing"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "`nothing`" in said.err


@pytest.mark.usefixtures("blocks")
def test_a_block_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "blocks.cnn", "Once"]) == 0
    assert "An instance of the block `Once`" in capsys.readouterr().out
    for verb in ("explain", "field"):
        assert run([verb, "blocks.cnn", "Twice"]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "`Twice` is a block with 2 instances, ask about one: `a`, `b`" in said.err
    assert run(["explain", "blocks.cnn", "Twcie"]) == 2
    assert "did you mean `Twice`?" in capsys.readouterr().err


@pytest.mark.usefixtures("blocks")
def test_the_model_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", "blocks.cnn"]) == 0
    alone = capsys.readouterr().out
    assert run(["explain", "blocks.cnn", "Blocks"]) == 0
    assert capsys.readouterr().out == alone

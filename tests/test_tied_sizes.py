"""What ties sizes together, as it is printed: each formula worked out by Python, beside the numbers that it is of."""

import json
import random
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from click.testing import CliRunner

from cnnspec.cli.app import command
from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.conditions import Tie
from cnnspec.passes.sizes.form import Form, Sum, Variable
from cnnspec.passes.sizes.forms import behind, forms
from cnnspec.passes.sizes.implied import implied
from cnnspec.passes.sizes.sets import SizeSet, from_on, only, with_rests
from cnnspec.pipeline import Compiled, compile_file, sizes_of
from cnnspec.reports.look import Look
from cnnspec.reports.sizes.tied import form_said, formula, names_of
from cnnspec.resources import ZOO
from tests.judges.random_resampled import drawn
from tests.judges.sizes_judged import judged
from tests.texts import good, model

ROOT = Path(__file__).parent.parent
H, W = Variable("input", 1), Variable("input", 2)
LETTERS = {H: "H", W: "W"}
ANY = """
  conv 3x3 8 /2 pad=1 -> relu
  a: conv 5x5 8 /2 pad=2
  conv 3x3 8 /3
  upsample like=@a
  add { @a | id }
  maxpool 3x3 /2 ceil_mode=yes
  conv_transpose 3x3 4 /2 pad=1 output_pad=1
  conv 7x7 4 dilation=2 -> flatten -> linear 4
"""
NESTED = """
  conv 3x3 4 /2 pad=1 -> upsample 3 -> conv 4x4 4 /5 -> conv_transpose 3x3 4 /2 -> maxpool 3x3 /4 ceil_mode=yes
  concat { id | id } -> flatten -> linear 3
"""


def worked_out(text: str, sizes: Mapping[str, int]) -> int:
    """A side of a formula, by Python's own rules: `/` is exact."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    assert not re.search(r"[^\w\s.()*/+%-]", plain), text
    for name in sorted(sizes, key=len, reverse=True):
        plain = re.sub(rf"(?<![\w.]){re.escape(name)}(?![\w.])", f"Fraction({sizes[name]})", plain)
    found = eval(plain, {"__builtins__": {}, "Fraction": Fraction, "floor": floor})  # noqa: S307  (our own output)
    assert found == int(found), text
    return int(found)


def same(told: str, tie: Tie, sizes: Mapping[Variable, int], names: Mapping[Variable, str]) -> None:
    """Both sides are worth what they are made of, not only as true."""
    by_name = {names[each]: size for each, size in sizes.items()}
    terms = tie.total.terms.items()
    total = Sum(dict(terms)).at(sizes)
    if tie.relation == "%":
        left, right = told.split(" is a multiple of ")
        assert worked_out(right, {}) == tie.value * tie.total.over
        assert worked_out(left, by_name) == total, f"{told} at {by_name}"
    else:
        left, sign, right = re.fullmatch(r"(.*) (=|≥) (.*)", told).groups()  # type: ignore[union-attr]
        assert sign == {"==": "=", ">=": "≥"}[tie.relation]
        by = worked_out(left, by_name) - worked_out(right, by_name)
        assert by == total - tie.value * tie.total.over, f"{told} at {by_name}"


def held_to_its_ties(result: Compiled, chance: random.Random) -> int:
    """Every formula that `sizes` prints of the network; how many there are."""
    answer = sizes_of(result)
    assert answer is not None
    name = names_of(answer)
    names = {each: name(each) for each in answer.written}
    for tie in (*answer.joint, *answer.ties):
        told = formula(tie, name, Look())
        for sizes in some_sizes(answer, chance):
            same(told, tie, sizes, names)
    return len(answer.joint)


def some_sizes(answer: Answer, chance: random.Random) -> Iterable[dict[Variable, int]]:
    for most in (9, 60, 700):
        for _ in range(20):
            yield {each: chance.randint(1, most) for each in answer.written}


def held_to_its_forms(result: Compiled) -> int:
    """The size of every value on every axis."""
    assert result.built is not None
    found = {
        id(each): each
        for extents in forms(result.built.graph, result.built.shapes).extents.values()
        for each in extents
        if isinstance(each, Form)
    }
    for form in found.values():
        told = form_said(form, "H")
        for size in (*range(1, 40), 77, 96, 1023, 4096):
            assert worked_out(told, {"H": size}) == form.at(size), f"{told} at {size}: {form}"
    return len(found)


FILES = [*sorted(map(str, (ROOT / "examples").glob("*.cnn"))), *(f"{ZOO}{name}" for name in ("lenet", "vgg16", "c3d"))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: Path(file).stem)
def test_networks_that_ship(file: str) -> None:
    result = compile_file(file)
    if result.whole:
        held_to_its_forms(result)
        held_to_its_ties(result, random.Random(file))


@pytest.mark.parametrize(
    ("lines", "shape", "ties"),
    [
        (ANY, "3x65x67", {"4 * (2 * floor((H + 3) / 8) - 12) * (2 * floor((W + 3) / 8) - 12) = 64"}),
        (
            NESTED,
            "2x40x40",
            {"8 * floor((3 * floor((H + 1) / 2) + 11) / 10) * floor((3 * floor((W + 1) / 2) + 11) / 10) = 392"},
        ),
        ("conv 3x3 4 -> reshape 6 -1", "3x29x29", {"4 * (H - 2) * (W - 2) is a multiple of 6"}),
        ("require in.h % 16 == in.w % 16\n relu", "3x40x24", {"(H % 16) = (W % 16)"}),
        ("require in.h + in.h // 2 >= in.w * 2 - 3\n relu", "3x40x24", {"floor(3 * H / 2) ≥ 2 * W - 3"}),
        ("require in.h // 3 + 2 * (in.h // 2) == in.w\n relu", "3x8x10", {"floor(H / 3) + 2 * floor(H / 2) = W"}),
        ("require 4 - in.h == in.w - 9\n relu", "3x8x5", {"4 - H = W - 9"}),
    ],
)
def test_a_formula_is_true_as_it_stands(lines: str, shape: str, ties: set[str]) -> None:
    result = good(model(lines, shape))
    answer = sizes_of(result)
    assert answer is not None
    assert answer.proved
    told = {formula(each, LETTERS.__getitem__, Look()) for each in answer.joint}
    assert told >= ties
    held_to_its_ties(result, random.Random(lines))
    held_to_its_forms(result)


def test_data_has_the_same_formula(tmp_path: Path) -> None:
    file = tmp_path / "net.cnn"
    file.write_text(model(ANY, "3x65x67"), encoding="utf-8")
    found = json.loads(CliRunner().invoke(command, ["sizes", str(file), "--json"], standalone_mode=False).stdout)
    said = "4 * (2 * floor((H + 3) / 8) - 12) * (2 * floor((W + 3) / 8) - 12) = 64"
    assert said in [each["text"] for each in found["limits"]]


def test_a_long_formula_is_broken_where_it_adds(tmp_path: Path) -> None:
    file = tmp_path / "net.cnn"
    file.write_text(model(NESTED, "2x40x40"), encoding="utf-8")
    done = CliRunner().invoke(command, ["sizes", str(file)], env={"COLUMNS": "60"}, standalone_mode=False)
    lines = done.stdout.splitlines()
    assert all(len(each) <= 60 for each in lines if "net.cnn:" not in each)
    assert "8 * floor((3 * floor((H + 1) / 2) + 11) / 10) * floor(" in re.sub(r"\n\s+", " ", done.stdout)


@pytest.mark.parametrize("seed", range(100))
def test_a_random_network(seed: int) -> None:
    result = drawn(f"tied {seed}")
    assert held_to_its_forms(result)
    held_to_its_ties(result, random.Random(seed))


# -- random rules, one behind the other --------------------------------------------------------------------------------


def random_form(chance: random.Random, variable: Variable) -> Form:
    """Of rules as layers have them, and of what a text may ask: differences and rests."""
    form = Form(variable, 1, (0,))
    for _ in range(chance.randint(0, 5)):
        rule = (
            chance.choice((1, 1, 2, 3)),
            chance.randint(-6, 6),
            chance.choice((1, 1, 2, 3, 5)),
            chance.randint(-3, 3),
        )
        found = behind(form, *rule)
        if isinstance(found, str) or found.period > 200:
            break
        form = found
    how = chance.random()
    if how < 0.1:
        return form.modulo(chance.randint(1, 9))
    return form.less(Form(variable, 1, (0,))) if how < 0.2 else form


@pytest.mark.parametrize("seed", range(8))
def test_random_sums_of_products(seed: int) -> None:
    chance = random.Random(f"sums {seed}")
    for _ in range(60):
        terms: dict[tuple[Form, ...], int] = {}
        for _ in range(chance.randint(1, 3)):
            factors = tuple(random_form(chance, each) for each in (H, W) if chance.random() < 0.7)
            terms[factors] = chance.choice((-1200, -3, -1, 1, 1, 1, 2, 5000))
        total = Sum(terms, chance.choice((1, 1, 4)))
        tie = Tie((H, W), total, chance.choice(("==", ">=", "%")), chance.choice((0, 1, 7, 12345)), None)  # type: ignore[arg-type]
        told = formula(tie, LETTERS.__getitem__, Look())
        for _ in range(12):
            same(told, tie, {H: chance.randint(1, 300), W: chance.randint(1, 300)}, LETTERS)


def test_quotients_of_quotients_are_one() -> None:
    """And a nest is told only where no single one tells the size."""
    form = Form(H, 1, (0,))
    for rule in ((1, 1, 2, 0), (1, -3, 2, 1), (1, 1, 2, 0)):
        found = behind(form, *rule)
        assert isinstance(found, Form)
        form = found
    assert form_said(form, "H") == "floor((H + 3) / 8)"
    tripled = behind(behind(Form(H, 1, (0,)), over=2), times=3)  # type: ignore[arg-type]
    assert isinstance(tripled, Form)
    assert form_said(behind(tripled, over=4), "H") == "floor(3 * floor(H / 2) / 4)"  # type: ignore[arg-type]


# -- ties that tie nothing ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "shape", "told"),
    [
        ("conv 1x3 4 -> instancenorm", "3x8x9", {"H * (W - 2) ≥ 2"}),
        ("conv 1x3 4 -> conv 2x1 4 -> pad 1 -> instancenorm", "3x8x9", set()),
        ("require in.h % 4 == 0\n maxpool 2x2 -> reshape 6 -1", "3x8x9", set()),
        ("require in.h % 2 == 0\n reshape 6 -1", "3x8x9", set()),
        ("require in.h % 3 == 0\n reshape 6 -1", "3x9x8", {"3 * H * W is a multiple of 6"}),
        ("layernorm over=all\n flatten -> linear 4", "3x8x9", set()),
        ("layernorm over=last\n flatten -> linear 4", "3x8x9", {"3 * H * W = 216"}),
    ],
)
def test_a_tie_that_the_sets_imply_is_not_told(lines: str, shape: str, told: set[str]) -> None:
    """And the sets are the same as by brute force."""
    result = good(model(lines, shape))
    answer, taken = judged(result, every=60, pairs=60)
    assert taken
    assert {formula(each, LETTERS.__getitem__, Look()) for each in answer.joint} == told


@pytest.mark.parametrize("seed", range(8))
def test_what_is_implied_holds_everywhere(seed: int) -> None:
    """Random ties over random sets: at each size up to 60 of the axes."""
    chance, found = random.Random(f"implied {seed}"), 0
    for _ in range(150):
        sets = {each: random_set(chance) for each in (H, W)}
        forms = {each: random_form(chance, each) for each in (H, W)}
        terms = {(forms[H], forms[W]): chance.choice((-2, 1, 1, 2, 3)), (): chance.randint(-4, 4)}
        terms |= {(forms[W],): chance.choice((-1, 0, 0, 2))}
        relation, value = chance.choice((("==", 12), (">=", chance.randint(-5, 30)), ("%", chance.randint(1, 4))))
        tie = Tie((H, W), Sum({factors: count for factors, count in terms.items() if count}), relation, value, None)  # type: ignore[arg-type]
        sizes = [[size for size in range(1, 61) if size in sets[each]] for each in (H, W)]
        if implied(tie, sets):
            found += 1
            assert all(tie.holds({H: h, W: w}) for h in sizes[0] for w in sizes[1]), (tie, sets)
    assert found > 3


def random_set(chance: random.Random) -> SizeSet:
    how = chance.random()
    if how < 0.3:
        return only(*(chance.randint(1, 20) for _ in range(chance.randint(1, 3))))
    period = chance.choice((1, 2, 3, 4))
    rests = {chance.randrange(period), chance.randrange(period)}
    return with_rests(period, rests).both(from_on(chance.randint(1, 9))).either(only(chance.randint(1, 9)))

"""`cnnspec diff` where operands change places: no change of a sum, another function of a concatenation, and what that
means for old weights. The judge is the layers' own arithmetic: results of old weights in both networks."""

import json
import os
import random
from itertools import permutations

import numpy as np
import pytest

from cnnspec.compare.difference import Difference
from cnnspec.compare.steps import Sort
from cnnspec.contract.register import words
from cnnspec.reports.difference.json import difference_record
from cnnspec.reports.difference.lines import lines
from cnnspec.reports.difference.markdown import difference_markdown
from cnnspec.reports.difference.text import difference_text
from cnnspec.reports.look import Look
from tests.judges.examples import Case, cases
from tests.test_diff import mirrored, whole
from tests.texts import good, model

JOIN = """model C {{
  input 3x16x16
  a: conv 3x3 4 pad=1
  b: conv 3x3 4 pad=1
  {join}
  {rest}
}}
"""
UNET = """block Double(c) {{ (conv 3x3 c pad=1 bias=no -> bn -> relu) x2 }}
block Up(c, @skip) {{
  conv_transpose 2x2 c /2
  concat {{ {operands} }}
  Double c
}}
model U(classes=3) {{
  input 3x64x64
  {first}: Double 8
  maxpool 2x2
  e2: Double 16
  maxpool 2x2
  e3: Double 32
  conv 3x3 64 /2 pad=1
  Up 32 @e3
  Up 16 @e2
  Up 8 @{first}
  conv 1x1 classes
}}
"""


def joined(join: str, other: str, rest: str = "head: conv 3x3 8") -> Difference:
    return Difference(good(JOIN.format(join=join, rest=rest)), good(JOIN.format(join=other, rest=rest)))


def told(found: Difference) -> str:
    """The paragraph about a checkpoint, in one line."""
    text = difference_text(found, (), Look(width=200))
    return next((part for part in text.split("\n\n") if part.startswith("An old checkpoint")), "").strip()


# -- which layers commute ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", [each for each in cases() if each.layer.commutes], ids=lambda case: case.name)
def test_what_commutes_gives_the_same_in_any_order(case: Case) -> None:
    chance = np.random.default_rng(7)
    arrays = [chance.normal(size=(2, *shape)) for shape in case.inputs]
    result = case.layer.evaluate(arrays, {})
    for other in permutations(arrays):
        assert np.allclose(case.layer.evaluate(other, {}), result, rtol=1e-12, atol=1e-12)


def test_what_does_not_commute_gives_something_else() -> None:
    kinds = {name for name, kind in words().items() if kind.merges and not kind.commutes}
    assert kinds
    for word in kinds:
        case = next(each for each in cases() if each.layer.word == word and len(each.inputs) > 1)
        chance = np.random.default_rng(7)
        arrays = [chance.normal(size=(2, *shape)) for shape in case.inputs]
        assert not np.array_equal(case.layer.evaluate(arrays, {}), case.layer.evaluate(arrays[::-1], {}))


# -- what is told ------------------------------------------------------------------------------------------------------


def test_a_concatenation_the_other_way_round() -> None:
    found = joined("concat { @a | @b }", "concat { @b | @a }")
    (changed,) = found.of(Sort.CHANGED)
    assert changed.reordered
    assert [each.what for each in lines(found, "→")] == ["concat, reads its operands in another order (a b → b a)"]
    assert told(found) == (
        "An old checkpoint: 6 tensors fit under their names, but `head` meets its input channels in another order"
    )
    assert "fit under their names, **but `head` meets its input" in difference_markdown(found, ())
    record = json.loads(json.dumps(difference_record(found)))
    assert record["tensors"]["unsettled"] == [{"step": "head", "join": "concat1", "meets": "channels"}]
    (step,) = record["steps"]
    assert step["reordered"]
    mirrored(found)
    whole(found)


def test_a_difference_the_other_way_round() -> None:
    found = joined("sub { @a | @b }", "sub { @b | @a }")
    assert told(found).endswith("6 tensors fit under their names, but `head` meets other values")


@pytest.mark.parametrize("word", ["add", "mul", "max"])
def test_what_commutes_is_the_same_network(word: str) -> None:
    found = joined(f"{word} {{ @a | @b }}", f"{word} {{ @b | @a }}")
    assert found.is_same
    assert found.is_identical
    more = joined(f"{word} {{ @a | @b | @b }}", f"{word} {{ @b | @a | @b }}")
    assert more.is_same
    less = joined(f"{word} {{ @a | @b | @b }}", f"{word} {{ @b | @a | @a }}")
    assert not less.is_same
    assert not less.unsettled


def test_branches_that_are_written_out_and_change_places() -> None:
    one, other = "conv 3x3 8 pad=1 -> bn -> relu", "conv 5x5 8 pad=2 -> bn -> gelu"
    for word, same in (("add", True), ("max", True), ("sub", False), ("concat", False)):
        text = "stem: conv 3x3 4\n{} {{ {} | {} }}\nhead: conv 1x1 5"
        found = Difference(good(model(text.format(word, one, other))), good(model(text.format(word, other, one))))
        assert found.is_same is same
        assert [each.row.node.layer.word for each in found.of(Sort.ADDED, Sort.REMOVED, Sort.MOVED)] == []
        assert [each.reordered for each in found.of(Sort.CHANGED)] == ([] if same else [True])
        # Names of numbered steps count, so they change places too: it is told which tensors go where.
        assert found.tensors.renamed["conv1.weight"] == "conv2.weight"
        mirrored(found)


def test_twins_keep_their_names() -> None:
    """Either could be either; that the names say which, is taken."""
    text = "x: conv 1x1 4\n@x -> a: conv 1x1 4\n@x -> b: conv 1x1 4\nadd {{ {} }}\nsub {{ id | @b }}"
    found = Difference(good(model(text.format("@a | @b"))), good(model(text.format("@b | @a"))))
    assert found.is_identical
    assert not found.tensors.renamed
    assert not found.tensors.mistaken


def test_a_sum_beside_other_changes() -> None:
    text = "x: conv 1x1 8\n@x -> a: conv 3x3 {} pad=1 -> p: conv 1x1 8\n@x -> b: conv 5x5 8 pad=2\nadd {{ {} }}"
    found = Difference(good(model(text.format(6, "@p | @b"))), good(model(text.format(7, "@b | @p"))))
    assert [each.id for each in found.of(Sort.CHANGED)] == ["a"]


def test_a_branch_that_also_gets_a_step() -> None:
    text = "a: conv 3x3 4 pad=1\nb: conv 3x3 4 pad=1\nconcat {{ {} }}\nhead: conv 1x1 2"
    found = Difference(good(model(text.format("@a | @b"))), good(model(text.format("{ @b -> bn } | @a"))))
    (changed,) = found.of(Sort.CHANGED)
    assert changed.reordered
    assert [each.step for each in found.unsettled] == ["head"]


def test_skips_of_a_unet_the_other_way_round() -> None:
    found = Difference(
        good(UNET.format(operands="@skip | id", first="e1")), good(UNET.format(operands="id | @skip", first="enc1"))
    )
    whats = [each.what for each in lines(found, "→")]
    assert whats.count("concat, reads its operands in another order") == 3
    assert not any("other steps" in each for each in whats)
    text = told(found)
    assert text.startswith("An old checkpoint: 70 tensors fit under their names, 12 fit under another name, but ")
    assert (
        "`up1.double1.conv1`, `up2.double1.conv1` and `up3.double1.conv1` meet their input channels in another" in text
    )
    mirrored(found)


def test_only_weights_that_go_on_are_named() -> None:
    """A step that is new, or whose shape has changed, has nothing old to meet anything with."""
    assert joined("concat { @a | @b }", "concat { @b | @a }", "relu -> gap -> flatten").unsettled == ()
    one, other = (JOIN.format(join=f"concat {{ {join} }}", rest="{}") for join in ("@a | @b", "@b | @a"))
    wider = Difference(good(one.replace("{}", "conv 3x3 8")), good(other.replace("{}", "conv 3x3 9")))
    assert wider.unsettled == ()
    norm = joined("concat { @a | @b }", "concat { @b | @a }", "relu -> n: bn -> head: conv 3x3 8")
    assert [each.step for each in norm.unsettled] == ["n"]
    shared = joined("concat { @a | @b }", "concat { @b | @a }", "s: conv 3x3 8 pad=1 -> reuse s")
    assert [each.step for each in shared.unsettled] == ["s"]


# -- random networks ---------------------------------------------------------------------------------------------------


def test_random_networks_with_operands_that_change_places() -> None:
    """Old weights in the new network give the old result exactly if it is said to be the same network."""
    said = {True: 0, False: 0}
    for case in range(2 * int(os.environ.get("CNNSPEC_DIFF_NETS", "25"))):
        chance = random.Random(case)
        steps, known = list[tuple[str, str, list[str]]](), ["x"]
        for place in range(chance.randint(3, 9)):
            word = chance.choice(("conv 1x1 4", "conv 3x3 4 pad=1", "tanh", "add", "max", "mul", "sub", "cat"))
            many = chance.randint(2, 3) if word in ("add", "max", "mul", "sub", "cat") else 1
            steps.append((f"s{place}", word, [chance.choice(known) for _ in range(many)]))
            known.append(f"s{place}")
        one = good(_text(steps))
        turned = [(name, word, chance.sample(read, len(read))) for name, word, read in steps]
        found = Difference(one, good(_text(turned)))
        free = ("add", "max", "mul")
        same = all(mine == yours or mine[1] in free for mine, yours in zip(steps, turned, strict=True))
        if same:
            assert found.is_identical, _text(turned)
        changed = {each.id for each in found.of(Sort.CHANGED)}
        assert not any(word in free and name in changed for name, word, _ in steps) or found.tensors.renamed
        said[found.is_same] += 1
    assert min(said.values()) > 5, said


def _text(steps: list[tuple[str, str, list[str]]]) -> str:
    body = []
    for name, word, read in steps:
        operands = " | ".join(f"@{each}" for each in read)
        if word == "cat":
            body.append(f"{name}: {{ concat {{ {operands} }} -> conv 1x1 4 }}")
        elif len(read) > 1:
            body.append(f"{name}: {word} {{ {operands} }}")
        else:
            body.append(f"{operands} -> {name}: {word}")
    used = {each for _, _, read in steps for each in read}
    ends = [f"output o{name}: @{name} -> relu" for name, _, _ in steps if name not in used]
    lines_of = ["x: conv 1x1 4", *body, *ends]
    return "model M {\n  input 3x8x8\n  " + "\n  ".join(lines_of) + "\n}\n"

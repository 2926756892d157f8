"""`cnnspec diff`: known edits are reported as such and nothing else, both ways round; checkpoints go where it says.

CNNSPEC_DIFF_NETS says how many random networks are edited.
"""

import os
import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import cnnspec
from cnnspec.build.options import PLAIN
from cnnspec.compare.align import align
from cnnspec.compare.difference import Difference
from cnnspec.compare.growth import bounds, growths
from cnnspec.compare.steps import Sort
from cnnspec.contract.register import words
from cnnspec.ir.graph import Input
from cnnspec.lower.match import match
from cnnspec.passes.memory.peak import peak_bytes, weight_bytes
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled, compile_file
from cnnspec.reports.difference.json import difference_record
from cnnspec.reports.difference.lines import lines
from cnnspec.reports.difference.markdown import difference_markdown
from cnnspec.reports.difference.text import difference_text
from cnnspec.reports.difference.totals import remainder
from cnnspec.reports.look import Look, cells
from tests import ROOT
from tests.networks import EXAMPLES, ZOO, network
from tests.texts import compiled, good, model

NETS = int(os.environ.get("CNNSPEC_DIFF_NETS", "25"))
SEED = 6
FRESH = "mish"
"""A word that keeps shapes, and that is inserted where a network does not have it."""


def between(a: Compiled, b: Compiled) -> Difference:
    assert a.ok, [each.message for each in a.diagnostics]
    assert b.ok, [each.message for each in b.diagnostics]
    return Difference(a, b)


def counts(found: Difference) -> dict[str, int]:
    """How many steps there are of each sort but `same` and `follows`."""
    told = Counter(each.sort for each in found.steps)
    return {sort.value: told[sort] for sort in (Sort.ADDED, Sort.REMOVED, Sort.CHANGED, Sort.MOVED) if told[sort]}


def ids(found: Difference, sort: Sort) -> list[str]:
    return [each.id for each in found.of(sort)]


def mirrored(found: Difference) -> None:
    """The other way round it says the same, turned."""
    other = Difference(found.b, found.a)
    turned = {Sort.ADDED: Sort.REMOVED, Sort.REMOVED: Sort.ADDED}
    mine = {(each.a and each.a.node.id, each.b and each.b.node.id, each.sort) for each in found.steps}
    yours = {
        (each.b and each.b.node.id, each.a and each.a.node.id, turned.get(each.sort, each.sort)) for each in other.steps
    }
    assert mine == yours
    assert other.numbers == found.numbers[::-1]
    assert other.is_same == found.is_same
    assert other.is_identical == found.is_identical
    assert {new: old for old, new in found.tensors.renamed.items()} == dict(other.tensors.renamed)
    assert set(found.tensors.left) == set(other.tensors.fresh)
    assert {each.name for each in found.tensors.reshaped.values()} == set(other.tensors.reshaped)


def whole(found: Difference) -> None:
    """Every step and tensor of both is there once, the totals are the reports', the lines add up, and fit."""
    for place, compiled_one in enumerate((found.a, found.b)):
        assert compiled_one.built is not None
        graph, shapes = compiled_one.built.graph, compiled_one.built.shapes
        rows = [each[1 + place] for each in found.steps]
        names = [row.node.id for row in rows if row is not None]  # type: ignore[union-attr]
        assert sorted(names) == sorted(graph.nodes)
        totals, numbers = compiled_one.analysis.totals, found.numbers[place]
        assert (numbers.params, numbers.macs, numbers.ops, numbers.depth) == (
            *(totals.params, totals.macs, totals.ops, totals.depth),
        )
        assert numbers.memory == weight_bytes(graph, shapes) + peak_bytes(graph, shapes)
        table = found.tensors
        mine = (
            [*table.kept, *table.renamed, *table.reshaped, *table.left]
            if place == 0
            else [*table.kept, *table.renamed.values(), *(each.name for each in table.reshaped.values()), *table.fresh]
        )
        assert sorted(mine) == sorted(full_weights(graph, shapes))
    assert remainder(found, lines(found, "→", every=True)) == ""
    for width in (50, 80, 200):
        text = difference_text(found, (), Look(width=width))
        assert text
    assert difference_markdown(found, ()).count("<details>") == difference_markdown(found, ()).count("</details>")


# -- random networks ---------------------------------------------------------------------------------------------------


def drawn() -> Iterator[tuple[int, Compiled]]:
    pytest.importorskip("torch")
    from tests.judges.random_networks import network as random_network

    for case in range(NETS):
        net = random_network(SEED, case)
        if net.files or len(net.models) > 1:
            continue
        result = compiled(net.text)
        if result.ok:
            yield case, result


@pytest.fixture(scope="module")
def nets() -> list[tuple[int, Compiled]]:
    found = list(drawn())
    assert len(found) >= NETS // 3
    return found


def text_of(result: Compiled) -> str:
    assert result.source is not None
    return result.source.text


pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.torch
def test_a_network_is_itself(nets: list[tuple[int, Compiled]]) -> None:
    for _, result in nets:
        found = between(result, compiled(text_of(result)))
        assert found.is_identical
        assert counts(found) == {}
        assert not found.of(Sort.FOLLOWS)
        whole(found)


@pytest.mark.torch
def test_what_changes_nothing_is_no_change(nets: list[tuple[int, Compiled]]) -> None:
    from tests.judges import rewrites

    for case, result in nets:
        text, chance = text_of(result), random.Random(case)
        for other in (
            rewrites.with_other_blanks(text, chance),
            rewrites.with_identities(text, chance),
            rewrites.with_repeats_in_full(text),
            rewrites.with_a_block_inlined(text, result),
        ):
            found = between(result, compiled(other))
            assert found.is_identical, other


@pytest.mark.torch
def test_a_new_label_is_a_new_name_and_no_change(nets: list[tuple[int, Compiled]]) -> None:
    from tests.judges import rewrites

    some = 0
    for case, result in nets:
        text, old = rewrites.with_another_label(text_of(result), random.Random(case))
        if not old:
            continue
        other = compiled(text)
        found = between(result, other)
        assert counts(found) == {}
        assert not found.of(Sort.FOLLOWS)
        assert result.built
        assert other.built
        expected = dict(zip(result.built.graph.nodes, other.built.graph.nodes, strict=True))
        assert {each.a.node.id: each.id for each in found.steps if each.a} == expected
        owned = zip(
            full_weights(result.built.graph, result.built.shapes),
            full_weights(other.built.graph, other.built.shapes),
            strict=True,
        )
        assert dict(found.tensors.renamed) == {one: two for one, two in owned if one != two}
        some += bool(found.tensors.renamed)
        mirrored(found)
        whole(found)
    assert some


@pytest.mark.torch
def test_steps_that_are_inserted_are_added_and_nothing_else(nets: list[tuple[int, Compiled]]) -> None:
    """And, the other way round, steps that are deleted are removed."""
    from tests.judges import rewrites

    some = 0
    for case, result in nets:
        assert result.built
        text = text_of(result)
        if FRESH in text:
            continue
        other = compiled(rewrites.with_identities(text, random.Random(case), FRESH))
        if not other.ok or not other.built:  # a `set` or a bound that no longer fits
            continue
        found = between(result, other)
        inserted = [id for id, node in other.built.graph.nodes.items() if node.layer.word == FRESH]
        assert ids(found, Sort.ADDED) == inserted
        assert counts(found) == ({"added": len(inserted)} if inserted else {})
        some += bool(inserted)
        mirrored(found)
        whole(found)
    assert some > NETS // 4


@pytest.mark.torch
def test_another_input_changes_the_input_alone(nets: list[tuple[int, Compiled]]) -> None:
    from tests.judges import rewrites

    some = 0
    for case, result in nets:
        assert result.built
        text, options = rewrites.with_another_value(text_of(result), result, random.Random(case))
        if not options.inputs or result.built.reads_shapes:
            continue
        other = compiled(text)
        if not other.ok:
            continue
        found = between(result, other)
        changed = found.of(Sort.CHANGED)
        assert all(isinstance(each.row.node.layer, Input) for each in changed)
        assert counts(found) == ({"changed": len(changed)} if changed else {})
        mirrored(found)
        some += bool(changed)
    assert some


def test_an_input_for_any_size_is_told_as_it_is_written() -> None:
    text = "model M {{ input {} \n conv 3x3 4 }}"
    one, other = good(text.format("3x32x32 size=any")), good(text.format("3x32x32"))
    for found, what in ((between(one, other), "without"), (between(other, one), "with")):
        assert [each.what for each in lines(found, "→")] == [f"input {what} size=any"]
        assert "any_size" not in str(difference_record(found)["steps"])
    assert difference_record(between(one, other))["steps"][0]["arguments"] == {"size": {"a": "any", "b": None}}
    larger = good(text.format("3x64x64 size=any"))
    (line,) = lines(between(other, larger), "→")
    assert line.what == "input shape 3x32x32 → 3x64x64, with size=any"


@pytest.mark.torch
def test_another_number_or_word_changes_exactly_these(nets: list[tuple[int, Compiled]]) -> None:
    """No step comes or goes, so that the truth is known: the steps of both texts, one by one."""
    from tests.judges import rewrites

    pointwise = frozenset({"relu", "gelu", "silu", "tanh", "sigmoid", "selu", "hardswish"})
    some = Counter[str]()
    for case, drawn_one in nets:
        text, chance = re.sub(r" *=> *[0-9x?]+", "", text_of(drawn_one)), random.Random(case)
        result = compiled(text)
        assert result.built
        others = [("number", rewrites.with_another_number(text, chance)) for _ in range(5)]
        others += [("word", rewrites.with_another_word(text, chance, pointwise, FRESH))] if FRESH not in text else []
        for what, new in others:
            other = compiled(new)
            if new == text or not other.ok or not other.built or len(other.built.graph) != len(result.built.graph):
                continue
            both = list(zip(result.built.graph, other.built.graph, strict=True))
            if any(one.layer.word != two.layer.word and two.layer.word != FRESH for one, two in both):
                continue  # a condition on the shape was decided otherwise
            truth = {(one.id, two.id) for one, two in both if one.layer != two.layer}
            found = between(result, other)
            changed = {(each.a.node.id, each.id) for each in found.of(Sort.CHANGED) if each.a}
            assert changed <= truth, new
            assert counts(found) == ({"changed": len(changed)} if changed else {}), new
            for one, two in truth - changed:  # it comes to the same
                inputs = tuple(result.built.shapes[each] or () for each in result.built.graph.nodes[one].inputs)
                layers = result.built.graph.nodes[one].layer, other.built.graph.nodes[two].layer
                assert layers[0].onnx(inputs) == layers[1].onnx(inputs)
                some["the same"] += 1
            mirrored(found)
            whole(found)
            some[what] += bool(changed)
    assert min(some["number"], some["word"]) > 1, some


@pytest.mark.torch
def test_unrelated_networks_are_mirrored_too(nets: list[tuple[int, Compiled]]) -> None:
    for (_, one), (_, other) in pairwise(nets):
        found = between(one, other)
        mirrored(found)
        whole(found)


@pytest.mark.torch
def test_a_renamed_checkpoint_gives_the_same_results(nets: list[tuple[int, Compiled]], tmp_path: Path) -> None:
    """Tensors that the table has renamed fit, and the network gives the same numbers, to the bit."""
    onnxruntime = pytest.importorskip("onnxruntime")
    from tests.judges import rewrites

    def results(net: cnnspec.Model, weights: dict[str, np.ndarray]) -> list[np.ndarray]:
        net.export(tmp_path / "net.onnx", weights=weights)
        session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
        chance = np.random.default_rng(1)
        feeds = {
            each.name: chance.random([1, *each.shape[1:]], dtype=np.float32) - np.float32(0.5)
            for each in session.get_inputs()
        }
        return list(session.run(None, dict(zip(feeds, feeds.values(), strict=True))))

    some = 0
    for case, result in nets[:12]:
        text, old = rewrites.with_another_label(text_of(result), random.Random(case))
        if not old or any("?" in each for each in text_of(result).splitlines() if "input" in each):
            continue
        one, other = cnnspec.loads(text_of(result)), cnnspec.loads(text)
        found = cnnspec.diff(one, other)
        if not found.renamed:
            continue
        chance = np.random.default_rng(case)
        weights = {
            name: (chance.random(each.shape) + 0.1).astype(each.dtype)
            for name, each in full_weights(one.graph, one.shapes).items()
        }
        converted = found.convert(weights)
        assert match(full_weights(other.graph, other.shapes), converted).fits
        for mine, yours in zip(results(one, weights), results(other, converted), strict=True):
            np.testing.assert_array_equal(mine, yours)
        some += 1
    assert some


# -- known edits -------------------------------------------------------------------------------------------------------


RESNET = (EXAMPLES / "resnet50.cnn").read_text(encoding="utf-8")


def resnet(*edits: tuple[str, str]) -> Compiled:
    text = RESNET
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    lines_of = [line.partition("=>")[0] for line in text.splitlines()]
    from cnnspec.pipeline import compile_source
    from cnnspec.source.text import Source

    return compile_source(Source(str(EXAMPLES / "edited.cnn"), "\n".join(lines_of)))


def thinner() -> Compiled:
    return resnet(
        ("conv 7x7 64", "conv 7x7 58"),
        ("Bottleneck 64 ", "Bottleneck 58 "),
        ("Bottleneck 128 ", "Bottleneck 115 "),
        ("Bottleneck 256 ", "Bottleneck 230 "),
        ("Bottleneck 512 ", "Bottleneck 461 "),
    )


def test_another_width_changes_exactly_the_convolutions() -> None:
    found = between(resnet(), thinner())
    convolutions = [row.node.id for row in found.b.analysis.rows if row.node.layer.word == "conv"]
    assert ids(found, Sort.CHANGED) == convolutions
    assert counts(found) == {"changed": 53}
    told = lines(found, "→")
    assert [(each.name, each.what) for each in told if each.level == 0] == [
        ("conv1", "conv 7x7 64 /2 → conv 7x7 58 /2"),
        *(
            (f"layer{i}", f"Stage c={old} → {new}")
            for i, old, new in ((1, 64, 58), (2, 128, 115), (3, 256, 230), (4, 512, 461))
        ),
    ]
    assert [(each.name, each.what) for each in told if each.level == 1][:2] == [
        ("0.conv1 and 5 more", "conv channels 64 → 58"),
        ("0.conv3 and 3 more", "conv channels 256 → 232"),
    ]
    assert len(found.tensors.reshaped) == 266 + 53  # counts of batches go with their norms
    assert found.tensors.kept == ("fc.bias",)
    whole(found)
    mirrored(found)


def test_another_block_in_a_stage() -> None:
    found = between(resnet(), resnet(("Bottleneck 128 4", "Basic 512 4")))
    (layer2,) = [each for each in lines(found, "→") if each.name == "layer2"]
    assert layer2.what == "Stage B=Bottleneck → Basic c=128 → 512"
    touched = {each.id.partition(".")[0] for each in found.of(Sort.ADDED, Sort.REMOVED, Sort.CHANGED, Sort.MOVED)}
    assert touched == {"layer2"}
    mirrored(found)


def test_blocks_that_come_are_told_once() -> None:
    found = between(network("resnet101"), network("resnet152"))
    assert counts(found) == {"added": 170}
    told = [(each.sign, each.level, each.name, each.what, each.steps) for each in lines(found, "→")]
    assert told == [
        ("~", 0, "layer2", "Stage n=4 → 8", 82),
        ("+", 1, "4 and 3 more", "Bottleneck c=128 s=1", 40),
        ("~", 0, "layer3", "Stage n=23 → 36", 362),
        ("+", 1, "23 and 12 more", "Bottleneck c=256 s=1", 130),
    ]
    mirrored(found)


def test_steps_between_others_shift_numbers_and_are_added_all_the_same() -> None:
    """VGG with batch norms: every convolution has another number in the list."""
    found = between(network("vgg16"), network("vgg16_bn"))
    assert counts(found) == {"added": 13}
    assert {each.row.node.layer.word for each in found.of(Sort.ADDED)} == {"bn"}
    assert found.tensors.renamed["features.28.weight"] == "features.40.weight"
    assert set(found.tensors.mistaken) == {f"features.{i}.{each}" for i in (7, 14) for each in ("weight", "bias")} or (
        len(found.tensors.mistaken) == 4
    )


def test_a_step_in_the_middle_of_equal_ones() -> None:
    before, after = good(model("(conv 3x3 8 pad=1 -> relu) x3")), good(model("(conv 3x3 8 pad=1 -> relu) x4"))
    found = between(before, after)
    assert ids(found, Sort.ADDED) == ["conv4", "relu4"]
    assert counts(found) == {"added": 2}
    gone = between(
        good(model("a: conv 3x3 8\nb: conv 3x3 8\nc: conv 3x3 8")), good(model("a: conv 3x3 8\nc: conv 3x3 8"))
    )
    assert ids(gone, Sort.REMOVED) == ["b"]
    assert counts(gone) == {"removed": 1}


def test_a_size_that_is_written_otherwise_is_no_change() -> None:
    before = good(model("conv 3x3 8 pad=1 -> relu -> maxpool 2x2 -> adaptive_avgpool 4 -> dropout 0.5"))
    after = good(model("conv 3 8 pad=same -> relu -> maxpool 2 /2 -> adaptive_avgpool 4x4 -> dropout 0.4"))
    found = between(before, after)
    assert ids(found, Sort.CHANGED) == ["dropout1"]  # the same at inference, and another in training
    assert ids(between(before, good(model("conv 3x3 8 pad=same"))), Sort.CHANGED) == []


def test_a_size_that_is_taken_from_another_value() -> None:
    """What one of two steps takes is not asked of the other's operands."""
    text = "x: conv 1x1 4\nmaxpool 2x2 -> upsample %s"
    one, other = good(model(text % "2", "3x8x8")), good(model(text % "like=@x", "3x8x8"))
    found = between(one, other)
    assert ids(found, Sort.CHANGED) == ["upsample1"]
    mirrored(found)


def test_lines_that_change_places_are_no_change() -> None:
    one = good(model("x: id\na: conv 3x3 4 pad=1 -> bn\n@x -> b: conv 5x5 4 pad=2\nconcat { @a | @b }"))
    other = good(model("x: id\nb: conv 5x5 4 pad=2\n@x -> a: conv 3x3 4 pad=1 -> bn\nconcat { @a | @b }"))
    assert between(one, other).is_same
    unnamed = good(model("x: conv 1x1 3\np: { conv 3x3 4 pad=1 }\n@x -> q: { conv 5x5 4 pad=2 }\nconcat { @p | @q }"))
    turned = good(model("x: conv 1x1 3\nq: { conv 5x5 4 pad=2 }\n@x -> p: { conv 3x3 4 pad=1 }\nconcat { @p | @q }"))
    assert between(unnamed, turned).is_same


def test_what_reads_another_step_is_changed() -> None:
    text = "a: conv 3x3 4 pad=1 -> b: relu -> c: conv 3x3 4 pad=1\nadd { @c | @%s }"
    found = between(good(model(text % "a")), good(model(text % "b")))
    (changed,) = found.of(Sort.CHANGED)
    assert changed.id == "add1"
    assert changed.rewired
    (line,) = lines(found, "→")
    assert line.what == "add, reads c a → c b"
    more = between(
        good(model(text % "a")),
        good(model("a: conv 3x3 4 pad=1 -> b: relu -> c: conv 3x3 4 pad=1\nadd { @c | @a | @b }")),
    )
    assert [each.what for each in lines(more, "→")] == ["add, 2 operands → 3"]


def test_operands_in_another_order_are_a_change() -> None:
    text = "a: conv 1x1 3\nb: conv 1x1 3\nconcat { %s }"
    found = between(good(model(text % "@a | @b")), good(model(text % "@b | @a")))
    assert not found.is_same
    assert "concat1" in ids(found, Sort.CHANGED)


def test_weights_that_are_shared_no_more() -> None:
    one = good(model("s: conv 3x3 3 pad=1\nreuse s"))
    other = good(model("s: conv 3x3 3 pad=1\nconv 3x3 3 pad=1"))
    (changed,) = between(one, other).of(Sort.CHANGED)
    assert changed.reuses
    (line,) = lines(between(one, other), "→")
    assert "weights of s → weights of its own" in line.what


def test_an_activation_for_another_is_told_once() -> None:
    text = "(conv 3x3 8 pad=1 -> {}) x4"
    found = between(good(model(text.format("relu"))), good(model(text.format("gelu"))))
    assert counts(found) == {"changed": 4}
    (line,) = lines(found, "→")
    assert (line.sign, line.what, line.steps) == ("~", "relu → gelu", 4)
    assert line.name.endswith("and 3 more")


def test_a_step_at_another_place_is_moved() -> None:
    one = good(model("c: conv 3x3 4 pad=1\nb: bn\nrelu\nd: conv 3x3 4"))
    other = good(model("c: conv 3x3 4 pad=1\nrelu\nb: bn\nd: conv 3x3 4"))
    found = between(one, other)
    assert sum(counts(found).values()) == 1
    assert not found.tensors.left
    mirrored(found)


def test_what_belongs_to_the_network_besides() -> None:
    text = "model M {{ input 3x8x8\n conv 1x1 3 -> relu{}\n {} }}\n"
    plain = good(text.format("", ""))
    found = between(plain, good(text.format("", "train { epochs 3 }")))
    assert found.besides == ("train",)
    assert found.is_same
    assert not found.is_identical
    assert "the recipe" in difference_text(found, (), Look())


@pytest.mark.parametrize("name", ZOO)
def test_every_network_that_ships_beside_its_neighbour(name: str) -> None:
    other = ZOO[(ZOO.index(name) + 1) % len(ZOO)]
    found = between(network(name), network(other))
    whole(found)
    mirrored(found)
    assert between(network(name), network(name)).is_identical
    for width in (80, 120):  # most names leave room for the rest
        wide = [line for line in difference_text(found, (), Look(width=width)).splitlines()[1:] if cells(line) > width]
        assert not wide, wide


def test_no_line_is_wider_than_the_terminal() -> None:
    """But for names, which are not cut."""
    found = between(resnet(), thinner())
    for width in (80, 100, 200):
        for line in difference_text(found, (), Look(width=width)).splitlines()[1:]:
            assert cells(line) <= width, line


# -- speed -------------------------------------------------------------------------------------------------------------


def test_large_networks_are_compared_in_time() -> None:
    a, b = network("resnet101"), network("resnet152")
    start = time.process_time()
    between(a, b)
    assert time.process_time() - start < 1


def test_very_large_networks_take_time_in_proportion() -> None:
    """Beyond the bound on pairs only what lies near the diagonal is weighed; and still the edit is found."""
    lines_of = ["conv 1x1 3 -> relu"] * 3000
    one = good(model("\n".join(lines_of)))
    other = good(model("\n".join([*lines_of[:1500], "mish", *lines_of[1500:-1], "conv 1x1 3 -> gelu"])))
    start = time.process_time()
    found = between(one, other)
    assert time.process_time() - start < 20
    assert counts(found) == {"added": 1, "changed": 1}


# -- bounds on growth --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "over"),
    [
        ("params=35%", True),
        ("params=36%", False),
        ("params=15643648", False),
        ("params=15643647", True),
        ("params=15.7M,macs=0", True),
        ("depth=51", False),
        ("depth=50", True),
        ("memory=62MB", True),
        ("memory=60MiB", False),
        ("weights=36%, activations=0", False),
        ("ops=1G", False),
    ],
)
def test_bounds(text: str, over: bool) -> None:
    found = between(network("resnet101"), network("resnet152"))
    assert any(each.is_over for each in growths(bounds(text), *found.numbers)) is over
    shrunk = between(network("resnet152"), network("resnet101"))
    assert not any(each.is_over for each in growths(bounds(text), *shrunk.numbers))


def test_what_was_nothing_may_not_grow_by_a_share() -> None:
    found = between(good(model("relu")), good(model("conv 1x1 1")))
    assert [each.is_over for each in growths(bounds("params=1000%,macs=1M"), *found.numbers)] == [True, False]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("params", "is not of the form"),
        ("=5%", "is not of the form"),
        ("prams=5%", "did you mean `params`?"),
        ("rf=5%", "there is no quantity `rf`"),
        ("params=-5%", "`-5%` is no amount"),
        ("params=5 %", "is no amount"),
        ("params=5Q", "is no amount"),
        ("params=1,params=2", "bounded twice"),
    ],
)
def test_bounds_that_are_not_understood(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message.replace("?", r"\?").replace("%", "%")):
        bounds(text)


# -- from Python -------------------------------------------------------------------------------------------------------


def test_from_python() -> None:
    found = cnnspec.diff("zoo:vgg16", cnnspec.load("zoo:vgg16_bn"))
    assert not found.same
    assert len(found.added) == 13
    assert found.removed == found.changed == []
    assert found.growth["params"] == 8448
    assert found.exceeded("params=1%,ops=50%") == ["ops"]
    assert found.convert({"features.2.weight": 1, "classifier.0.bias": 2, "other": 3}) == {
        "features.3.weight": 1,
        "classifier.0.bias": 2,
    }
    assert "13 added" in repr(found)
    assert found.to_dict()["counts"]["added"] == 13
    assert "| Parameters | 138,357,544 |" in found.to_markdown()
    assert cnnspec.diff("zoo:lenet", "zoo:lenet").identical
    with pytest.raises(cnnspec.SpecError):
        cnnspec.diff("zoo:lenet", str(ROOT / "tests" / "broken" / "first_try.cnn"))


def test_alignment_is_of_words_that_the_register_has() -> None:
    """No word is alone without its chapter: what stands for what is known of each."""
    assert all(each.chapter for each in words().values())
    result = compile_file("zoo:lenet")
    assert result.built
    graph, shapes = result.built.graph, result.built.shapes
    assert align(graph, shapes, graph, shapes).pairs == {each: each for each in graph.nodes}


UNLIKE = ("resnet18 mobilenet_v2", "vgg16 resnet18", "unet resnet18", "alexnet resnet18")
ALIKE = ("resnet18 resnet34", "vgg11 vgg16_bn", "alexnet vgg11", "resnet50 resnet18", "mobilenet_v1 mobilenet_v2")


@pytest.mark.parametrize(("pair", "unlike"), [*((each, True) for each in UNLIKE), *((each, False) for each in ALIKE)])
def test_networks_that_are_no_versions_of_one(pair: str, unlike: bool) -> None:
    """It is said, either way round, and no step is set beside one that it has nothing to do with."""
    one, other = (compile_file(f"zoo:{each}") for each in pair.split())
    for found in (Difference(one, other), Difference(other, one)):
        assert found.common.hardly_any == unlike
        for text in (difference_text(found, (), Look()), difference_markdown(found, ())):
            assert ("Hardly anything in common: " in text) == unlike
        assert ("side by side" in difference_text(found, (), Look())) == unlike
        assert "side by side" not in difference_text(found, (), Look(), every=True)


def test_another_width_is_another_version() -> None:
    half = compile_file("zoo:mobilenet_v2", PLAIN._replace(parameters={"width": Fraction(1, 2)}))
    assert not Difference(compile_file("zoo:mobilenet_v2"), half).common.hardly_any


def test_parts_of_a_total_stand_deeper_in_markdown_too() -> None:
    text = difference_markdown(Difference(compile_file("zoo:mlp"), compile_file("zoo:lenet5")), ())
    assert "|  | before | after | difference | in percent |" in text
    assert "\n| Memory | " in text
    assert "\n| &nbsp;&nbsp;weights | 318.04 kB |" in text

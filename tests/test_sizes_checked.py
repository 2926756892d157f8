"""A size works where `check --input` has nothing against it and inference runs: steps that lead nowhere, and what a
scope computes for an auxiliary head alone."""

import random

import pytest

from cnnspec import loads
from cnnspec.api.sizes import Sizes
from cnnspec.cli.values import shape
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled, at_inputs, sizes_of
from cnnspec.resources import ZOO
from tests.judges.random_resampled import Draw
from tests.judges.sizes_judged import entering
from tests.texts import compiled, good, model

DEAD = "a: conv 3x3 8 pad=1\n @a -> conv 7x7 8 /2 -> conv 7x7 8\n output m: @a -> conv 1x1 4"
INSIDE = """
  s: {
    a: conv 3x3 8 pad=1 -> relu
    h: conv 9x9 4 -> relu
    @a -> relu
  }
  aux z: @s.h -> gap -> flatten -> linear 3
  output m: conv 1x1 4
"""
OUTSIDE = """
  s: { a: conv 3x3 8 pad=1 -> relu }
  h: conv 9x9 4
  aux z: @h -> gap -> flatten -> linear 3
  output m: @s -> conv 1x1 4
"""


def sized(lines: str) -> Sizes:
    return loads(model(lines, "3x40x40")).sizes()


def test_a_step_that_leads_nowhere_counts() -> None:
    """A check refuses it. Its weights are no matter: nothing at inference has them."""
    found = sized(DEAD)
    assert str(found) == "H ≥ 19; W likewise"
    assert found.trial({"input": (3, 18, 40)}).because[0].message == "the 7x7 kernel is larger than the 6x17 input"
    assert str(sized("a: relu\n @a -> flatten -> linear 3\n output m: @a -> maxpool 2x2")) == "H ≥ 2; W likewise"
    assert str(sized("a: relu\n aux z: @a -> flatten -> linear 3\n output m: @a -> maxpool 2x2")) == "H ≥ 2; W likewise"


def test_it_counts_where_there_are_several_inputs_and_where_the_text_asks() -> None:
    text = "model Two {\n input left: 3x9x9\n input right: 3x30x30\n @right -> maxpool 8x8\n @left -> relu\n}\n"
    found = loads(text).sizes()
    assert not found.works({"right": (3, 7, 30)})
    assert found.works({"right": (3, 8, 30)})
    for asks in ("require in.h % 2 == 0", "if in.h % 2 == 1 { pad 0,0,1,0 }", "for i in 1..in.h // 40 { relu }"):
        found = sized(f"{asks}\n {DEAD}")
        assert not found.works({"input": (3, 18, 40)}), asks
        assert found.works({"input": (3, 20, 40)}), asks


def test_what_a_scope_computes_for_a_head_counts() -> None:
    """The exported source computes all of a scope that it enters; a head outside of one is not there."""
    assert str(sized(INSIDE)) == "H ≥ 9; W likewise"
    assert str(sized(OUTSIDE)) == "any H and W"
    torch = pytest.importorskip("torch")
    from cnnspec.api.torch_export import source
    from tests.judges.torch_written import module

    for lines, least in ((INSIDE, 9), (OUTSIDE, 1)):
        made = module(source(good(model(lines, "3x40x40"))), "Example").eval()
        for size in range(1, 41):
            try:
                made(torch.zeros(1, 3, size, size))
                runs = True
            except RuntimeError:
                runs = False
            assert runs == (size >= least), size


@pytest.mark.parametrize("name", ["googlenet", "googlenet_paper", "retinanet", "siamese"])
def test_what_is_computed_is_what_the_source_runs(name: str) -> None:
    from cnnspec.lower.torch_source.rooms import in_evaluation
    from cnnspec.pipeline import compile_file

    built = compile_file(ZOO + name).built
    assert built is not None
    told = {node.id for node in in_evaluation(built.graph, built.shapes)}
    assert told <= built.graph.computed
    assert built.graph.computed <= built.graph.checked


def test_a_number_that_is_too_large_is_said_to_be() -> None:
    for text in ("3x99999999999999999999x32", "1234567890"):
        with pytest.raises(ValueError, match=r"^(9{20}|1234567890) is too large a number for a size"):
            shape(text)
    assert shape("3x999999999x1") == (3, 999_999_999, 1)
    with pytest.raises(ValueError, match="`3x-1` is no shape"):
        shape("3x-1")


def with_loose_ends(seed: int) -> Compiled:
    """A random network with steps that lead nowhere, and perhaps with an auxiliary head, from values on its way."""
    draw = Draw(f"loose {seed}")
    for _ in range(draw.chance.randint(2, 5)):
        draw.put(draw.a_step(draw.values[-1].shape), draw.values[-1])
    last, from_ = draw.values[-1], draw.chance.choice(draw.values)
    kernel = "x".join(str(draw.chance.randint(2, 7)) for _ in range(draw.rank))
    draw.put(f"maxpool {kernel} /2 -> relu", from_)
    side = draw.chance.choice(draw.values)
    if draw.chance.random() < 0.5 and len(side.shape) > 1:
        draw.lines.append(f"aux head: @{side.name} -> maxpool {kernel} /1 -> gap -> flatten -> linear 2")
    draw.lines.append(f"output end: @{last.name} -> relu")
    result = compiled(draw.text())
    return result if result.ok else with_loose_ends(seed + 10_000)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_what_a_check_says(seed: int) -> None:
    """Of the network without its auxiliary head, at sizes about its bounds and about the written one."""
    result = with_loose_ends(seed)
    assert result.source is not None
    assert result.built is not None
    text = "".join(line for line in result.source.text.splitlines(keepends=True) if "aux head" not in line)
    bare, answer, chance = compiled(text), sizes_of(result), random.Random(seed)
    assert bare.built is not None
    assert answer is not None
    owned = full_weights(result.built.graph, result.built.shapes)
    seen = set()
    for _ in range(60):
        sizes = {name: chance.choice((chance.randint(1, 12), chance.randint(1, 60))) for name in answer.written}
        other = at_inputs(bare, entering(result.built.graph, sizes))
        real = other.ok and other.built is not None
        if real and other.built is not None:
            real = full_weights(other.built.graph, other.built.shapes).items() <= owned.items()
        assert answer.takes(sizes) == real, (sizes, result.source.text)
        seen.add(real)
    assert True in seen

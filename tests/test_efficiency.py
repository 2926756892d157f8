"""What is moved, and how long that takes: small networks by hand, what is said of each torch step, and the range."""

import re
from fractions import Fraction

import numpy as np
import pytest

from cnnspec.contract.register import words
from cnnspec.passes.fold import Kind
from cnnspec.passes.roofline.estimate import Device, estimate
from cnnspec.passes.roofline.fusing import Fused, fused
from cnnspec.passes.roofline.traffic import ELEMENTWISE, JOINS, VIEWS, Manner, Traffic, memory_step, traffic
from cnnspec.pipeline import Compiled
from tests.judges import examples
from tests.judges.examples import Case, cases
from tests.networks import ZOO, network, program
from tests.texts import compiled

OWN = {
    *("nn.Conv", "nn.ConvTranspose", "nn.Linear"),
    *("nn.MaxPool", "nn.AvgPool", "F.avg_pool", "nn.AdaptiveAvgPool", "nn.AdaptiveMaxPool"),
    *("nn.LayerNorm", "nn.GroupNorm", "nn.InstanceNorm", "nn.LocalResponseNorm", "nn.Softmax", "nn.LogSoftmax"),
    *("nn.Upsample", "F.interpolate", "nn.PixelShuffle", "nn.ChannelShuffle"),
    *("F.pad", "nn.ZeroPad", "nn.ConstantPad", "nn.ReflectionPad", "nn.ReplicationPad", "nn.CircularPad"),
    *("nn.Dropout", "torch.mean", "torch.ones_like", "torch.Tensor.contiguous"),
}
"""Steps of torch that need more than one value for a result, or put it elsewhere; and what runs in training alone."""

SMALL_DEVICE = Device(Fraction(10**12), Fraction(10**10))
every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)


def tables(result: Compiled) -> tuple[dict[str, Traffic], Fused]:
    assert result.built is not None
    return traffic(result.built.graph, result.built.shapes), fused(result.built.graph, result.built.shapes)


RESIDUAL = """
  input 4x8x8
  conv 3x3 8 pad=1 -> bn -> relu
  add { conv 3x3 8 pad=1 -> bn | id }
  relu -> gap -> flatten -> dropout 0.5 -> linear 10
"""


def test_a_residual_block_by_hand() -> None:
    """A map of 8x8x8 is 2048 bytes; bn has four tensors of 8 numbers to read."""
    moved, fusing = tables(program(RESIDUAL))
    assert moved == {
        "conv1": Traffic((8 * 4 * 9 + 8) * 4, 1024, 2048),
        "bn1": Traffic(128, 2048, 2048),
        "relu1": Traffic(0, 2048, 2048),
        "conv2": Traffic((8 * 8 * 9 + 8) * 4, 2048, 2048),
        "bn2": Traffic(128, 2048, 2048),
        "add1": Traffic(0, 4096, 2048),
        "relu2": Traffic(0, 2048, 2048),
        "gap1": Traffic(0, 2048, 32),
        "flatten1": Traffic(),
        "dropout1": Traffic(),
        "linear1": Traffic((80 + 10) * 4, 32, 40),
    }
    assert fusing.groups == {
        "conv1": Traffic(1184 + 128, 1024, 2048),
        "conv2": Traffic(2336 + 128, 2048, 2048),  # relu1 is read once, for the convolution and for the sum
        "gap1": Traffic(0, 2048, 32),
        "linear1": Traffic(360, 32, 40),
    }
    assert [id for id, leader in fusing.into.items() if leader == "conv2"] == ["conv2", "bn2", "add1", "relu2"]
    assert fusing.least == Traffic(1184 + 128 + 2336 + 128 + 360, 1024, 40)


def test_a_join_is_written_side_by_side() -> None:
    """2x4x4 is 128 bytes. Each branch writes its part, and what comes behind reads all of it, as a group of its own."""
    moved, fusing = tables(program("input 2x4x4\n concat { a: conv 1x1 2 | b: conv 1x1 3 } -> relu"))
    assert moved["concat1"] == Traffic(0, 128 + 192, 320)
    assert fusing.groups == {
        "a": Traffic(24, 128, 128),
        "b": Traffic(36, 128, 192),
        "relu1": Traffic(0, 320, 320),
    }
    moved, fusing = tables(program("input 2x4x4\n concat { a: conv 1x1 2 | b: conv 1x1 3 } -> c: conv 1x1 1"))
    assert fusing.groups["b"] == Traffic(36, 128, 192)
    assert fusing.groups["c"] == Traffic(24, 320, 64)


def test_what_is_given_twice_is_read_once_and_what_lends_its_shape_not_at_all() -> None:
    moved, fusing = tables(program("input 2x4x4\n a: relu -> mul { @a | @a } -> conv 1x1 2 /2 -> upsample like=@a"))
    assert moved["mul1"] == Traffic(0, 128, 128)
    assert moved["upsample1"] == Traffic(0, 32, 128)
    assert fusing.groups["a"] == Traffic(0, 128, 128)
    assert fusing.least == Traffic(24, 128, 128)


def test_a_step_reads_what_also_lends_it_its_shape() -> None:
    """One operand in two places, of which one is read and the other is not."""
    moved, fusing = tables(program("input 2x4x4\n a: relu -> b: upsample like=@a -> crop like=@b"))
    assert moved["b"] == Traffic(0, 128, 128)
    assert fusing.groups["b"] == Traffic(0, 128, 128)
    assert fusing.least == Traffic(0, 128, 128)


def test_shared_weights_are_read_by_each_and_there_once() -> None:
    moved, fusing = tables(network("siamese"))
    built = network("siamese").built
    assert built is not None
    copies = [node for node in built.graph if node.reuse_of and moved[node.id].weights]
    assert copies
    for node in copies:
        assert moved[node.id].weights == moved[str(node.reuse_of)].weights
    assert sum(each.weights for each in fusing.groups.values()) - fusing.least.weights == sum(
        moved[node.id].weights for node in copies
    )


def test_two_groups_never_wait_for_one_another() -> None:
    """What reads `a` and `b` goes with `b`, which begins later; were `v` to go with `a`, each would need the other."""
    lines = ["a: conv 1x1 2", "u: relu", "b: conv 1x1 2", "c: add { @u | @b }", "v: add { @u | @c }", "tanh"]
    _, fusing = tables(program("\n".join(["input 2x4x4", *lines])))
    assert fusing.into["c"] == fusing.into["v"] == "b"
    assert fusing.groups == {"a": Traffic(24, 128, 128), "b": Traffic(24, 128, 128)}


def test_what_a_refused_step_was_meant_to_give_is_read_as_if_it_were_there() -> None:
    result = compiled("model A {\n  input 3x16x16\n  conv 3x3 8 -> covn 3x3 8 pad=1 -> relu -> gap\n}\n")
    moved, fusing = tables(result)
    assert not result.analysis.complete
    assert fusing.into.keys() == {id for id in moved if id != "covn1"}
    device = Device(Fraction(10**12), Fraction(10**11))
    found = estimate(result.analysis, moved, fusing, device)
    assert 0 < found.on_chip <= found.fastest <= found.slowest


# -- what is said of torch's steps -----------------------------------------------------------------------------------


def test_every_step_of_torch_has_a_manner() -> None:
    targets = {each.target for case in cases() for each in case.layer.torch(case.inputs)}
    own = {each for each in targets if each not in VIEWS | JOINS | ELEMENTWISE}
    assert {re.sub(r"[123]d$", "", each) for each in own} <= OWN
    assert (ELEMENTWISE | JOINS) - targets <= {"/"}
    assert {case.layer.word for case in cases()} == set(words())


@every_case
def test_a_manner_is_what_values_do(case: Case) -> None:
    """A view, and a join, has the values of its operands; an elementwise step sees one value at a place."""
    step = memory_step(Kind(case.layer, case.inputs, case.result))
    arrays, values = examples.operands(case, 1), examples.weights(case)
    result = examples.evaluated(case, arrays, values)
    if step.manner is Manner.VIEW:
        assert np.isin(result, arrays[0]).all()
    elif step.manner is Manner.JOIN:
        assert sorted(result.ravel()) == sorted(np.concatenate([each.ravel() for each in arrays]))
    elif step.manner is Manner.ELEMENTWISE:
        place = tuple(extent // 2 for extent in arrays[0].shape)
        arrays[0] = arrays[0].copy()
        arrays[0][place] += 1.0
        changed = examples.evaluated(case, arrays, values) != result
        if arrays[0].shape == result.shape:
            assert not np.delete(changed.ravel(), np.ravel_multi_index(place, changed.shape)).any()


# -- the range -------------------------------------------------------------------------------------------------------


def test_a_range_by_hand() -> None:
    """A convolution that computes for long, and a relu that waits; fused there is only the convolution."""
    result = program("input 64x10x10\n conv 3x3 64 pad=1 bias=no -> relu")
    moved, fusing = tables(result)
    device = Device(Fraction(10**12), Fraction(10**11))
    found = estimate(result.analysis, moved, fusing, device, batch=2)
    macs, value = 64 * 64 * 9 * 100, 64 * 100 * 4
    computing = Fraction(2 * 2 * macs, 10**12)
    waiting = Fraction(2 * 2 * value, 10**11)
    assert found.steps["conv1"] * found.tick == computing > Fraction(64 * 64 * 9 * 4 + 2 * 2 * value, 10**11)
    assert found.steps["relu1"] * found.tick == waiting
    assert found.slowest * found.tick == computing + waiting
    assert found.fastest * found.tick == found.on_chip * found.tick == computing + Fraction(2 * 6400, 10**12)
    assert found.computing * found.tick == computing


@pytest.mark.parametrize("batch", [1, 16])
@pytest.mark.parametrize("name", ZOO)
def test_the_range_is_one(name: str, batch: int) -> None:
    """Fusing moves no more; no FLOP gets lost; and what is on the chip bounds all."""
    result = network(name)
    moved, fusing = tables(result)
    running = [row for row in result.analysis.rows if row.runs and row.node.id in moved]
    slow = sum(moved[row.node.id].bytes(batch) for row in running)
    fast = sum(each.bytes(batch) for each in fusing.groups.values())
    assert fusing.least.bytes(batch) <= fast <= slow
    for device in (SMALL_DEVICE, Device(Fraction(1, 3), Fraction(10**30)), Device(Fraction(10**30), Fraction(1))):
        found = estimate(result.analysis, moved, fusing, device, batch)
        assert 0 < found.on_chip <= found.fastest <= found.slowest
        assert 0 <= found.computing <= found.slowest
    everything = sum(batch * (2 * row.cost.macs + row.cost.ops) for row in running)
    computing = estimate(result.analysis, moved, fusing, Device(Fraction(1), Fraction(10**30)), batch)
    assert computing.fastest * computing.tick >= everything - 1
    assert computing.slowest == pytest.approx(everything / computing.tick)

"""The exact sets of sizes: before brute force at every size from 1 to 400 and far beyond, torch, and onnxruntime.

`CNNSPEC_SIZES=200 python -m pytest tests/test_sizes_judged.py` tries that many random networks.
"""

import os
import random
import re

import pytest

torch = pytest.importorskip("torch")

from cnnspec.contract.values import Shape  # noqa: E402
from cnnspec.passes.sizes.form import Variable  # noqa: E402
from cnnspec.passes.sizes.joint import Product  # noqa: E402
from cnnspec.pipeline import Compiled, compile_file, sizes_of  # noqa: E402
from cnnspec.resources import ZOO  # noqa: E402
from tests.judges.random_resampled import drawn  # noqa: E402
from tests.judges.sizes_judged import judged  # noqa: E402
from tests.judges.sizes_run import in_onnxruntime, in_torch  # noqa: E402
from tests.texts import good  # noqa: E402

NETWORKS = int(os.environ.get("CNNSPEC_SIZES", "24"))
REAL = 50
H, W = Variable("input", 1), Variable("input", 2)

UNET = """
model UNet {
  input 3x64x64 size=any
  a: (conv 3x3 4 pad=1 -> relu)
  maxpool 2x2 -> b: (conv 3x3 4 pad=1 -> relu)
  maxpool 2x2 -> c: (conv 3x3 8 pad=1 -> relu)
  maxpool 2x2 -> conv 3x3 8 pad=1 -> relu
  conv_transpose 2x2 8 /2 -> concat { @c | id } -> conv 3x3 8 pad=1
  conv_transpose 2x2 4 /2 -> concat { @b | id } -> conv 3x3 4 pad=1
  conv_transpose 2x2 4 /2 -> concat { @a | id } -> conv 3x3 2 pad=1
}
"""
FPN = """
set conv pad=same
model Fpn {
  input 3x64x64 size=any
  conv 7x7 4 /2 -> maxpool 3x3 /2 pad=1
  c3: (conv 3x3 4 /2 -> relu)
  c4: (conv 3x3 8 /2 -> relu)
  c5: (conv 3x3 8 /2 -> relu)
  p5: conv 1x1 4
  p4: concat { @c4 -> conv 1x1 4 | @p5 -> upsample 2 }
  p3: concat { @c3 -> conv 1x1 4 | @p4 -> upsample 2 }
  output small: @p5 -> conv 3x3 2
  output large: @p3 -> conv 3x3 2
}
"""
RESNET = """
block Basic(c, /s=1) {
  add { conv 3x3 c /s pad=1 -> bn -> relu -> conv 3x3 c pad=1 -> bn | conv 1x1 c /s -> bn }
  relu
}
model ResNet {
  input 3x64x64 size=any
  conv 7x7 4 /2 -> bn -> relu -> maxpool 3x3 /2
  Basic 4 -> Basic 8 /2 -> Basic 8 /2 -> conv 3x3 8
  gap -> flatten -> linear 5
}
"""
SPOT = """
model Spot {
  input 3x103x103 size=any
  concat { conv 3x3 4 | maxpool 2x2 -> pad 25 }
}
"""
TIED = """
model Tied {
  input 3x60x60
  (conv 3x3 4 pad=1 -> maxpool 2x2) x3
  flatten -> linear 5
}
"""
ODD = """
model Odd {
  input 3x64x64 size=any
  conv 3x3 4 /2 pad=1 -> crop 1 -> conv 5x5 4 /3 -> conv_transpose 4x4 4 /3 -> conv_transpose 3x3 4 /2 pad=1
}
"""


@pytest.mark.parametrize("seed", range(NETWORKS))
def test_a_random_network(seed: int) -> None:
    """Nothing is in the set that brute force refuses, and nothing is missing that it takes."""
    result = drawn(seed)
    assert result.source is not None
    answer, taken = judged(result)
    assert taken or not answer.proved, result.source.text


@pytest.mark.parametrize(
    "name", ["unet", "lenet", "siamese", "alexnet_paper", "vgg16", "autoencoder", "m5_audio", "c3d"]
)
def test_a_network_that_ships(name: str) -> None:
    answer, taken = judged(compile_file(ZOO + name), step=7, pairs=20)
    assert answer.proved
    assert taken


@pytest.mark.slow
@pytest.mark.parametrize("name", ["unet", "resnet50", "googlenet", "densenet121", "retinanet", "vgg16", "mobilenet_v2"])
def test_a_large_network_that_ships(name: str) -> None:
    """At every size from 1 to 400."""
    answer, taken = judged(compile_file(ZOO + name))
    assert answer.proved
    assert taken


def sizes_to_run(result: Compiled) -> list[Shape]:
    """Fifty: at random, and beside what the set says."""
    answer, chance = sizes_of(result), random.Random(len(result.source.text if result.source else ""))
    assert answer is not None
    products = answer.products["input"]

    def one(product: Product, name: Variable) -> int:
        if chance.random() < 0.2:
            return chance.randint(10, 130)
        found = product[name].up(chance.randint(1, 90))
        return max(1, (found or chance.randint(10, 130)) + chance.choice((0, 0, 0, 1, -1)))

    found: dict[Shape, None] = {}
    while len(found) < REAL:
        product = chance.choice(products)
        size = one(product, H)
        found[(3, size, size if chance.random() < 0.3 else one(product, W))] = None
    return list(found)


def thin_googlenet() -> str:
    """The network that ships, step by step and pool by pool, with a 32nd of the channels, for a picture of any size."""
    text = compile_file(ZOO + "googlenet").source
    assert text is not None
    written = re.sub(r" +=> \S+", "", text.text.partition("  image {")[0]) + "}\n"
    written = written.replace("input 3x224x224", "input 3x64x64 size=any").replace("classes=1000", "classes=5")
    wide = r"(?<=Inception )[\d ]+\d|(?<=Conv \d )\d+|(?<=linear )\d+"
    return re.sub(wide, lambda found: " ".join(str(max(1, int(each) // 32)) for each in found[0].split()), written)


def named(text: str) -> str:
    return text.partition("model ")[2].partition(" ")[0]


@pytest.mark.parametrize("text", [UNET, FPN, RESNET, thin_googlenet(), SPOT, ODD], ids=named)
def test_what_is_told_is_what_runs(text: str) -> None:
    """At fifty sizes each: torch's source of the written size, and one ONNX model for all of them. Channels are few.
    onnxruntime has nothing against a map of no pixels, where torch and we have; a join of two sizes it refuses."""
    result = good(text)
    answer, torch_runs, ort_runs = sizes_of(result), in_torch(result), in_onnxruntime(result)
    assert answer is not None
    assert answer.proved
    taken = 0
    for shape in sizes_to_run(result):
        told = answer.takes({H: shape[1], W: shape[2]})
        outputs = torch_runs(shape)
        assert (outputs is not None) == told, shape
        if told or text in (UNET, FPN, SPOT):
            assert ort_runs(shape) == outputs, shape
        taken += told
    assert 3 < taken < REAL


def test_googlenet_runs_at_every_size_that_is_told() -> None:
    """Its pools round up, so that the last 3x3 one takes a map of 2x2. One size at a time, and tall and wide ones."""
    result = good(thin_googlenet())
    answer, torch_runs, ort_runs = sizes_of(result), in_torch(result), in_onnxruntime(result)
    assert answer is not None
    assert answer.proved
    assert sum("maxpool" in each.layer.word for each in result.built.graph) == 13
    for shape in [(3, size, size) for size in range(1, 61)] + [(3, 14, 40), (3, 15, 40), (3, 40, 14), (3, 40, 15)]:
        told = answer.takes({H: shape[1], W: shape[2]})
        assert told == (min(shape[1:]) >= 15), shape
        assert (torch_runs(shape) == [(5,)]) == told, shape
        assert ort_runs(shape) == [(5,)] or not told, shape


def test_a_vector_of_another_length_does_not_run() -> None:
    """Of a network for one size; where it is another one that works, the exported source does it, too."""
    result = good(TIED)
    answer, runs = sizes_of(result), in_torch(result)
    assert answer is not None
    shapes = sizes_to_run(result)
    told = [answer.takes({H: shape[1], W: shape[2]}) for shape in shapes]
    assert [runs(shape) is not None for shape in shapes] == told
    assert 5 < sum(told) < REAL

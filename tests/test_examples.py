"""The example files: clean, sourced, runnable by name, and equal to torch as whole networks."""

import re
from itertools import takewhile
from pathlib import Path

import pytest

from cnnspec.build.options import Limits
from cnnspec.files import read_source
from cnnspec.lower.init import initialise
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled
from cnnspec.reports.look import Look
from cnnspec.reports.zoo import zoo_list
from cnnspec.resources import zoo_path
from cnnspec.source.text import Source
from tests.networks import EXAMPLES, ZOO, network, program

SHIPPED = {"mlp", "lenet", "lenet5", "tiny_vgg", "alexnet", "mobilenet_v2"}
SHIPPED |= {"vgg11", "vgg13", "vgg16", "vgg19", "vgg16_bn"}
SHIPPED |= {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "resnet20_cifar", "resnet56_cifar"}
SHIPPED |= {"alexnet_paper", "googlenet", "googlenet_paper", "mobilenet_v1", "densenet121", "se_resnet50"}
SHIPPED |= {"unet", "siamese", "m5_audio", "c3d", "dcgan_generator", "retinanet", "autoencoder", "digits", "fashion"}


def test_the_zoo_holds_every_network_and_no_file_of_blocks() -> None:
    assert set(ZOO) == SHIPPED
    assert {path.stem for path in EXAMPLES.glob("*.cnn")} - SHIPPED == {"vgg_blocks", "resnet_blocks"}


@pytest.mark.parametrize("name", ZOO)
def test_an_example_is_clean_and_complete(name: str) -> None:
    result = network(name)
    assert result.diagnostics == ()
    assert result.analysis.complete


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.cnn")), ids=lambda path: path.stem)
def test_an_example_names_its_source(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "cnn 1"
    header = " ".join(takewhile(lambda line: line.startswith("#"), lines[1:]))
    assert re.search(r"\b(19|20)\d\d\b", header)
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_is_found_by_name(name: str) -> None:
    source = read_source(f"zoo:{name}", Limits())
    assert isinstance(source, Source)
    assert source.text == (EXAMPLES / f"{name}.cnn").read_text(encoding="utf-8")
    assert zoo_path(name) == str(EXAMPLES / f"{name}.cnn")


def test_the_zoo_tells_each_network_in_a_line() -> None:
    """On 80 columns nothing is cut; where there is room, it tells whose work the network is."""
    texts = {name: (EXAMPLES / f"{name}.cnn").read_text(encoding="utf-8") for name in ZOO}
    titles = [text.splitlines()[1].strip("# ").rstrip(".") for text in texts.values()]
    narrow, wide = (
        zoo_list([(f"zoo:{name}", text) for name, text in texts.items()], Look(width=width)).splitlines()
        for width in (80, 120)
    )
    assert [line.split(maxsplit=1) for line in narrow] == [
        [f"zoo:{name}", title] for name, title in zip(ZOO, titles, strict=True)
    ]
    work = r"  +[A-Z]\w+( et al\.| and [A-Z]\w+)? (19|20)\d\d"
    for line, before in zip(wide, narrow, strict=True):
        assert line.startswith(before)
        assert re.fullmatch(work, line.removeprefix(before)), line


LABELS = {
    "imagenet.txt": (1000, "tench", "toilet tissue"),
    "cifar10.txt": (10, "airplane", "truck"),
    "urbansound8k.txt": (10, "air conditioner", "street music"),
}


@pytest.mark.parametrize("file", LABELS)
def test_labels(file: str) -> None:
    labels = (EXAMPLES / file).read_text(encoding="utf-8").splitlines()
    assert (len(labels), labels[0], labels[-1]) == LABELS[file]


@pytest.mark.parametrize("name", ZOO)
def test_as_many_labels_as_classes(name: str) -> None:
    built = network(name).built
    assert built is not None
    if built.labels is not None:
        assert len(built.labels) == built.parameters["classes"]


@pytest.mark.parametrize(
    ("name", "weight", "deviation"), [("dcgan_generator", "main.3", 0.02), ("unet", "e1.conv2", (2 / (9 * 64)) ** 0.5)]
)
def test_weights_begin_as_the_paper_says(name: str, weight: str, deviation: float) -> None:
    built = network(name).built
    assert built is not None
    drawn = initialise(full_weights(built.graph, built.shapes), 0)[f"{weight}.weight"]
    assert drawn.std() == pytest.approx(deviation, rel=0.02)


def test_ten_filters_of_a_lecture() -> None:
    """Ten 5x5x3 filters, stride 1, pad 2, on 32x32x3: 32x32x10 and (5*5*3 + 1) * 10 parameters (CS231n)."""
    result = program("input 3x32x32\nconv 5x5 10 pad=2")
    assert shape(result) == (10, 32, 32)
    assert result.analysis.totals.params == 760


def test_three_small_windows_see_what_a_large_one_sees() -> None:
    result = program("input 8x32x32\n(conv 3x3 8 -> relu) x3")
    fields = result.analysis.rows[-1].field
    assert fields is not None
    assert [axis.size for axis in fields.axes] == [7, 7]


def shape(result: Compiled) -> tuple[int, ...] | None:
    return result.analysis.rows[-1].shape

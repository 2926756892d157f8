"""The example files: clean, sourced, runnable by name, and equal to torch as whole networks."""

from pathlib import Path

import pytest

from cnnspec.build.options import Limits
from cnnspec.files import read_source
from cnnspec.pipeline import Compiled
from cnnspec.resources import zoo_path
from cnnspec.source.text import Source
from tests.networks import EXAMPLES, ZOO, network, program

SHIPPED = {"mlp", "lenet", "lenet5", "tiny_vgg", "alexnet", "mobilenet_v2"}
SHIPPED |= {"vgg11", "vgg13", "vgg16", "vgg19", "vgg16_bn"}
SHIPPED |= {"resnet18", "resnet34", "resnet50", "resnet101", "resnet152"}


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
    header = " ".join(line for line in lines[1:8] if line.startswith("#"))
    assert any(year in header for year in ("1998", "2014", "2015", "2016", "2018", "2020"))
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize("name", ZOO)
def test_a_network_of_the_zoo_is_found_by_name(name: str) -> None:
    source = read_source(f"zoo:{name}", Limits())
    assert isinstance(source, Source)
    assert source.text == (EXAMPLES / f"{name}.cnn").read_text(encoding="utf-8")
    assert zoo_path(name) == str(EXAMPLES / f"{name}.cnn")


def test_a_thousand_labels() -> None:
    labels = (EXAMPLES / "imagenet.txt").read_text(encoding="utf-8").splitlines()
    assert (len(labels), labels[0], labels[999]) == (1000, "tench", "toilet tissue")


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

"""A network's tensors and a file's, matched by name."""

import re

import numpy as np
import pytest

from cnnspec.contract.facts import Weight
from cnnspec.lower.errors import WeightsError
from cnnspec.lower.match import Converted, Misfit, NotFinite, checked, match

NETWORK = {
    f"{block}.{each.name}": each
    for block in ("layer1.0.bn1", "layer1.0.bn2", "layer2.0.bn1")
    for each in (
        Weight("weight", (4,)),
        Weight("running_var", (4,), trainable=False),
        Weight("num_batches_tracked", (), trainable=False, dtype="int64"),
    )
} | {"fc.weight": Weight("weight", (10, 4)), "fc.bias": Weight("bias", (10,))}


def whole() -> dict[str, np.ndarray]:
    return {name: np.ones(each.shape, each.dtype) for name, each in NETWORK.items()}


def test_all_of_it_in_any_order() -> None:
    found = match(NETWORK, dict(reversed(whole().items())))
    assert found.fits
    assert list(found.arrays) == list(NETWORK)
    assert str(found) == "11 tensors match"
    assert checked(found, "w.pth") is found.arrays


def test_a_batch_norms_counter_may_be_missing() -> None:
    old = {name: each for name, each in whole().items() if not name.endswith("num_batches_tracked")}
    found = match(NETWORK, old)
    assert found.fits
    assert found.arrays["layer1.0.bn1.num_batches_tracked"].dtype == np.int64
    assert found.arrays["layer1.0.bn1.num_batches_tracked"] == 0
    assert str(found) == "8 tensors match"


def test_what_does_not_match_is_told_with_names_nearby() -> None:
    file = whole()
    file["layer1.0.bm1.weight"] = file.pop("layer1.0.bn1.weight")
    file["fc.weight"] = np.ones((1000, 4), np.float32)
    file["fc.bias"] = np.ones(10, np.int8)
    file["head.weight"] = np.ones((7, 7), np.float32)
    found = match(NETWORK, file)
    assert not found.fits
    assert found.misfits == (
        Misfit("fc.weight", "10x4 float32", "1000x4 float32"),
        Misfit("fc.bias", "10 float32", "10 int8"),
    )
    with pytest.raises(WeightsError) as caught:
        checked(found, "w.pth")
    assert caught.value.message.splitlines() == [
        "the weights of `w.pth` are not those of this network",
        "8 tensors match",
        "1 missing from the file:",
        "  layer1.0.bn1.weight  4  (near `layer1.0.bm1.weight`)",
        "2 only in the file:",
        "  layer1.0.bm1.weight  4  (near `layer1.0.bn1.weight`)",
        "  head.weight  7x7",
        "2 of another shape or type:",
        "  fc.weight  is 10x4 float32, the file has 1000x4 float32",
        "  fc.bias  is 10 float32, the file has 10 int8",
    ]


def test_a_long_list_shows_five() -> None:
    wide = {f"conv{i}.weight": Weight("weight", (2, 3)) for i in range(1000)}
    found = match(wide, {f"other{i}.weight": np.ones((2, 3), np.float32) for i in range(1000)})
    assert len(found.missing) == len(found.unexpected) == 1000
    assert str(found).count("\n") == 2 * 7
    assert "  … and 995 more" in str(found)


def test_a_prefix_is_seen() -> None:
    found = match(NETWORK, {f"backbone.{name}": each for name, each in whole().items()})
    assert found.prefix == "backbone."
    assert "the file has every missing name behind `backbone.`" in str(found)
    with pytest.raises(WeightsError) as caught:
        checked(found, "w.pth")
    assert "backbone." in str(caught.value.hint)


def test_part_of_it_where_that_is_allowed() -> None:
    body = {name: each for name, each in whole().items() if not name.startswith("fc")}
    assert not match(NETWORK, body).fits
    found = match(NETWORK, body, allow_missing=True)
    assert found.fits
    assert [each.name for each in found.missing] == ["fc.weight", "fc.bias"]
    assert "fc.weight" not in found.arrays


def test_numbers_are_brought_to_the_networks_type_and_looked_at() -> None:
    file = whole()
    file["fc.bias"] = np.array([np.nan, np.inf, -np.inf, 1e300, *range(6)])
    file["layer1.0.bn1.num_batches_tracked"] = np.array(7, np.int32)
    found = match(NETWORK, file)
    assert found.fits
    assert found.converted == (
        Converted("layer1.0.bn1.num_batches_tracked", "int32", "int64"),
        Converted("fc.bias", "float64", "float32"),
    )
    assert found.not_finite == (NotFinite("fc.bias", 1, 3),)
    assert found.arrays["fc.bias"].dtype == np.float32
    assert re.search(r"fc.bias  1 NaN, 3 infinite", str(found))


def test_names_from_a_file_are_shown_safely() -> None:
    found = match(NETWORK, {**whole(), "\x1b[31mred": np.ones(1, np.float32)})
    assert "\x1b" not in str(found)
    assert "\\x1b[31mred" in str(found)

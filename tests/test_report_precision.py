"""`report --precision`: every byte of weights, values and traffic in another width, and nothing else."""

import json
from fractions import Fraction
from typing import Any

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.passes.memory.precision import PRECISIONS
from cnnspec.reports.network.asked import WIDTHS

NARROW = {"fp16": ("float16", 2), "bf16": ("bfloat16", 2), "int8": ("int8", 4)}
"""The name in words, and how many times smaller than float32."""
DEVICE = (10**12, 10**10)
NETS = ("lenet", "mobilenet_v2", "googlenet", "siamese", "m5_audio")


def record(net: str, precision: str, **more: Any) -> dict[str, Any]:
    return cnnspec.load(f"zoo:{net}").report(precision=precision, **more).to_dict()


def test_every_width_of_memory_is_here() -> None:
    assert {each.bytes for each in WIDTHS.values()} == {each.bytes for each in PRECISIONS.values()}
    assert set(WIDTHS) == {"fp32", *NARROW}


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("precision", NARROW)
def test_all_bytes_shrink_alike(net: str, precision: str) -> None:
    """But for counters, which are int64 in any width."""
    told, times = NARROW[precision]
    full, narrow = record(net, "fp32", batch=3, device=DEVICE), record(net, precision, batch=3, device=DEVICE)
    assert "precision" not in full
    assert narrow["precision"] == told
    for before, after in zip(full["layers"], narrow["layers"], strict=True):
        counters = 8 * sum(each["dtype"] == "int64" for each in before["weights"])
        for field in ("activation_bytes", "moved_bytes"):
            assert before[field] == times * after[field]
        assert before["weight_bytes"] - counters == times * (after["weight_bytes"] - counters)
        assert before["macs"] == after["macs"]
        same = ("params", "buffers", "output", "flops")
        assert [before[each] for each in same] == [after[each] for each in same]
    for case, bytes in full["roofline"]["moved_bytes"].items():
        assert bytes == times * narrow["roofline"]["moved_bytes"][case]


@pytest.mark.parametrize("net", NETS)
@pytest.mark.parametrize("precision", NARROW)
def test_a_narrow_number_is_a_quicker_memory(net: str, precision: str) -> None:
    """Half the bytes at a rate take as long as all of them at twice the rate: exact, and by another way."""
    flops, bytes = DEVICE
    times = NARROW[precision][1]
    narrow = record(net, precision, device=DEVICE)["roofline"]
    quick = record(net, "fp32", device=(flops, Fraction(bytes * times)))["roofline"]
    for field in ("fastest", "slowest", "on_chip", "compute_bound"):
        assert narrow[field] == quick[field]


@pytest.mark.parametrize("form", [(), ("--md",), ("--format", "html")])
@pytest.mark.parametrize("precision", NARROW)
def test_the_width_is_said_wherever_bytes_are(
    precision: str, form: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ("report", "zoo:lenet", "--device", "flops=1T,bytes=10G", "--sort", "activation")
    assert run([*asked, "--precision", precision, *form]) == 0
    out = capsys.readouterr().out
    told, times = NARROW[precision]
    assert "float32" not in out
    assert f"or its {told} bytes at 10 GB/s" in out
    assert f"weights and values: {4 // times} byte{'s' if times < 4 else ''} a number, {told}" in out
    assert run([*asked, *form]) == 0
    assert "a number, float32" not in capsys.readouterr().out


def test_without_a_device_it_is_said_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "zoo:lenet", "--precision", "FP16"]) == 0
    out = capsys.readouterr().out
    assert "all trainable, 242.36 kB float16" in out
    assert "2 bytes a number, float16." in out
    assert run(["report", "zoo:lenet", "--precision", "fp16", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["precision"] == "float16"


def test_what_is_no_precision() -> None:
    with pytest.raises(ValueError, match="precision is one of fp32"):
        cnnspec.load("zoo:lenet").report(precision="mixed")

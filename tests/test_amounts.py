"""Amounts as people type them on the command line: rates of a device, and one side of an input."""

import json
from fractions import Fraction

import pytest

from cnnspec.cli.app import run
from cnnspec.cli.report_options import device_of
from cnnspec.cli.values import rate_of


@pytest.mark.parametrize(
    "text",
    [
        "flops=10T,bytes=900G",
        "flops=10TFLOPS,bytes=900GB/s",
        "flops=10 TFLOP/s,bytes=900 GB",
        "flops=10tflops,bytes=900gb/s",
        "bytes=900GBps,flops=10TFLOPs/s",
        "flops=10TOPS,bytes=900GB/s",
        "flops=10 TOP/s,bytes=900GBps",
        "flops=10000GFLOPS,bytes=0.9TB/s",
        "flops=10000000MFLOPS,bytes=900G",
        "flops=1e13FLOPS,bytes=9e11",
        "flops=1e13,bytes=9e11B/s",
    ],
)
def test_a_device_in_the_units_that_people_write(text: str) -> None:
    assert device_of(text) == (10**13, 9 * 10**11)


def test_rates_without_their_names_get_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean `flops=10T,bytes=900GB/s`?" in told(capsys, "report zoo:lenet --device 10T,900GB/s", 2)


@pytest.mark.parametrize("name", ["jetson-nano", "rtx4090", "A100,H100"])
def test_no_device_is_known_by_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    said = told(capsys, f"report zoo:lenet --device {name}", 2)
    assert f"no device is known by name, as `{name}`" in said
    assert "flops=10T,bytes=900G" in said


@pytest.mark.parametrize(
    ("device", "said"),
    [
        ("flops=472,bytes=25.6", ["did you mean `flops=472G`?", "did you mean `bytes=25.6G`?"]),
        ("flops=472G,bytes=25.6", ["moves 25.6 B/s is slower than any of today; did you mean `bytes=25.6G`?"]),
        ("flops=500k,bytes=25.6G", ["computes 500 kFLOP/s is slower than any of today"]),
        ("flops=1M,bytes=1MB/s", []),
    ],
)
def test_a_device_without_its_g_is_doubted(device: str, said: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "zoo:lenet", "--device", device, "--json"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["roofline"]
    assert err.count("note: ") == len(said)
    assert all(each in err for each in said)


def test_powers_of_two_and_fractions() -> None:
    assert rate_of("1.5TiB/s", "bytes") == Fraction(3, 2) * 2**40
    assert rate_of("312.5 GFLOPS", "flops") == 312_500_000_000


@pytest.mark.parametrize(("text", "name"), [("0T", "flops"), ("10TB", "flops"), ("x", "bytes"), ("9GF", "bytes")])
def test_what_is_no_rate(text: str, name: str) -> None:
    with pytest.raises(ValueError, match="no rate above 0"):
        rate_of(text, name)


@pytest.mark.parametrize("text", ["900Gb/s", "7Gbit/s", "7 Gbps", "10Gb"])
def test_bits_are_not_taken_for_bytes(text: str) -> None:
    with pytest.raises(ValueError, match="may be bits"):
        rate_of(text, "bytes")


def told(capsys: pytest.CaptureFixture[str], line: str, code: int = 0) -> str:
    assert run(line.split()) == code
    out, err = capsys.readouterr()
    return err if code else out


@pytest.mark.parametrize(
    ("name", "side", "shape"),
    [("lenet", "64", "3x64x64"), ("m5_audio", "8000", "1x8000"), ("unet", "380", "1x380x380")],
)
def test_one_side_of_an_input(name: str, side: str, shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    one = told(capsys, f"report zoo:{name} --input {side} --json")
    assert one == told(capsys, f"report zoo:{name} --input {shape} --json")


def test_sides_are_swept(capsys: pytest.CaptureFixture[str]) -> None:
    one, other = (
        json.loads(told(capsys, f"sweep zoo:mobilenet_v1 --input {each} --json"))["combinations"]
        for each in ("224,192", "3x224x224,3x192x192")
    )
    assert [each["settings"]["input"] for each in one] == ["224", "192"]
    assert [each["macs"] for each in one] == [each["macs"] for each in other] == [568_740_352, 418_121_728]


def test_a_side_of_three_axes_is_asked_about(capsys: pytest.CaptureFixture[str]) -> None:
    """Frames are no pixels."""
    assert "for example `--input 3x64x64x64`" in told(capsys, "report zoo:c3d --input 64", 2)

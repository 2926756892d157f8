"""`cnnspec memory --precision`: inference in 16 and in 8 bits, number by number."""

import json
from math import prod
from typing import Any

import pytest

import cnnspec
from cnnspec.cli.app import run
from cnnspec.passes.memory.precision import PRECISIONS
from cnnspec.passes.parameters import full_weights
from tests.networks import network

NAMES = ("fashion", "resnet18", "unet", "googlenet", "c3d", "m5_audio", "siamese")


def inference(name: str, precision: str) -> dict[str, Any]:
    found: dict[str, Any] = cnnspec.load(f"zoo:{name}").memory(precision=precision).to_dict()["inference"]
    return found


@pytest.mark.parametrize(("precision", "width"), [("fp16", 2), ("bf16", 2), ("int8", 1), ("mixed", 4), ("fp32", 4)])
@pytest.mark.parametrize("name", NAMES)
def test_every_number_takes_so_many_bytes(name: str, precision: str, width: int) -> None:
    """Counted anew from the shapes; the moment of the peak and the best order are those of float32."""
    built = network(name).built
    assert built is not None
    shapes = {id: shape for id, shape in built.shapes.items() if shape is not None}
    found, whole = inference(name, precision), inference(name, "fp32")
    assert found["precision"] == PRECISIONS[precision].told
    for alive in found["peak"]["alive"]:
        assert alive["bytes"] == width * prod(shapes[alive["name"]])
    assert found["peak"]["bytes"] == sum(each["bytes"] for each in found["peak"]["alive"])
    assert found["peak"]["step"] == whole["peak"]["step"]
    assert found["inputs"] == width * sum(prod(shapes[id]) for id in built.graph.inputs)
    run = [id for id in built.graph.running if id not in built.graph.inputs]
    assert found["activations"] == width * sum(prod(shapes[id]) for id in run)
    weights = full_weights(built.graph, built.shapes).values()
    sizes = [((8 if each.dtype == "int64" else width) * prod(each.shape), each.trainable) for each in weights]
    assert found["weights"]["parameters"] == sum(size for size, trainable in sizes if trainable)
    assert found["weights"]["buffers"] == sum(size for size, trainable in sizes if not trainable)
    assert found["total"] == sum(size for size, _ in sizes) + found["peak"]["bytes"]
    best, was = found["best_order"], whole["best_order"]
    assert (best["order"], best["bound"]) == (was["order"], was["bound"])
    assert best["bytes"] * 4 == was["bytes"] * width
    assert best["at_least"] * 4 == was["at_least"] * width


@pytest.mark.torch
@pytest.mark.parametrize("name", ["fashion", "resnet18", "googlenet"])
def test_16_bits_are_those_of_half(name: str) -> None:
    """torch's own: parameters and buffers of `model.half()`, counters of batches among them."""
    pytest.importorskip("torch")
    from tests.judges.kept import exported

    module = exported(network(name)).half()
    found = inference(name, "fp16")["weights"]
    assert found["parameters"] == sum(each.nbytes for each in module.parameters())
    assert found["buffers"] == sum(each.nbytes for each in module.buffers())


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert run(["memory", *arguments]) == 0
    return capsys.readouterr().out


def test_the_largest_batch_follows(capsys: pytest.CaptureFixture[str]) -> None:
    fits = {}
    for precision in ("fp32", "fp16", "int8"):
        out = told(capsys, "zoo:mobilenet_v2", "--precision", precision, "--memory", "64MB", "--json")
        fits[precision] = json.loads(out)["fits"]["inference"]
    found = inference("mobilenet_v2", "int8")
    left = 64_000_000 - sum(found["weights"].values())
    assert fits["int8"] == left // found["peak"]["bytes"]
    assert fits["int8"] > fits["fp16"] > fits["fp32"]


def test_what_is_assumed_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(capsys, "zoo:lenet", "--precision", "int8")
    assert "Inference, one sample, int8" in text
    assert "Training, one sample, adam, float32" in text
    assert "Weights and values take 1 byte a number, biases, too" in text
    text = told(capsys, "zoo:lenet", "--precision", "fp16")
    assert "Inference, one sample, float16" in text
    assert "Training, one sample, adam, mixed precision" in text
    assert "Weights and values take 2 bytes a number" in text
    assert "a number" not in told(capsys, "zoo:lenet")

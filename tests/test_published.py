"""The examples against the networks of their papers, written in plain torch (tests/judges/published)."""

from collections.abc import Mapping
from fractions import Fraction
from itertools import product

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from torch import nn  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

from cnnspec.build.options import Options  # noqa: E402
from cnnspec.contract.values import Value  # noqa: E402
from cnnspec.passes.parameters import full_weights  # noqa: E402
from cnnspec.pipeline import Compiled  # noqa: E402
from tests.judges import assemble  # noqa: E402
from tests.judges.network_judges import FACTOR, FLOOR, error  # noqa: E402
from tests.judges.network_onnx import Runtime, exported  # noqa: E402
from tests.judges.published import PUBLISHED  # noqa: E402
from tests.judges.torch_module import one_thread  # noqa: E402
from tests.networks import compiled, file_of, network  # noqa: E402

SMALL = {
    "alexnet_paper": ["3x67x67"],
    "autoencoder": ["1x28x28"],
    "c3d": ["3x16x32x32"],
    "dcgan_generator": ["100x1x1"],
    "densenet121": ["3x64x64"],
    "googlenet": ["3x64x64"],
    "googlenet_paper": ["3x224x224"],
    "m5_audio": ["1x8000"],
    "mobilenet_v1": ["3x64x64"],
    "resnet20_cifar": ["3x32x32"],
    "resnet56_cifar": ["3x32x32"],
    "retinanet": ["3x64x64", "3x33x70"],
    "se_resnet50": ["3x64x64"],
    "siamese": ["1x65x65"],
    "unet": ["1x188x188", "1x204x188"],
}
"""Sizes at which numbers are soon worked out. A text that takes any size is exported at the first and runs at both."""

NARROW: dict[str, dict[str, Value]] = {"mobilenet_v1": {"width": Fraction(1, 4)}, "unet": {"base": 8}}
"""Parameters with which they are worked out sooner still."""


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_and_multiply_adds(name: str) -> None:
    """At the text's own size, on torch's `meta` device, where nothing is worked out but shapes."""
    result = network(name)
    assert result.built is not None
    module = described(name, shapes_of(result), {})
    with FlopCounterMode(display=False) as counter:
        module(*blank(shapes_of(result)))
    assert counter.get_total_flops() == 2 * result.analysis.totals.macs
    assert sum(each.numel() for each in module.parameters()) == result.analysis.totals.params
    ours = {each: weight.shape for each, weight in full_weights(result.built.graph, result.built.shapes).items()}
    theirs = {each: tuple(tensor.shape) for each, tensor in module.state_dict().items()}
    if PUBLISHED[name].named:
        assert ours == theirs
    else:
        assert list(ours.values()) == list(theirs.values())


@pytest.mark.parametrize("name", PUBLISHED)
def test_numbers(name: str) -> None:
    """onnxruntime on the exported text is as near to the paper's network in float64 as that itself is in float32."""
    sizes = [tuple(map(int, each.split("x"))) for each in SMALL[name]]
    result = small(name, sizes[0])
    assert result.built is not None
    arrays = assemble.draw(result, 0)
    module = described(name, shapes_of(result), NARROW.get(name, {}))
    names = arrays if PUBLISHED[name].named else module.state_dict()
    weights = {each: torch.from_numpy(array) for each, array in zip(names, arrays.values(), strict=True)}
    module.load_state_dict(weights, strict=True, assign=True)
    runtime = Runtime(exported(result, arrays), optimised=True)
    for size, batch in product(sizes, (1, 2)):
        given = [drawn(batch, size, seed) for seed, _ in enumerate(result.built.graph.inputs)]
        found = runtime({id: each.numpy() for id, each in zip(result.built.graph.inputs, given, strict=True)})
        single = run(module.float(), given, list(found))
        for output, exact in run(module.double(), [each.double() for each in given], list(found)).items():
            assert found[output].shape == exact.shape
            assert exact.numel() == 1 or exact.std() > 1e-3 * exact.abs().max(), (
                "what is the same everywhere judges nothing"
            )
            assert error(torch.from_numpy(found[output]), exact) <= FLOOR + FACTOR * error(single[output], exact)


def test_each_network_without_another_truth_is_judged() -> None:
    assert set(SMALL) == set(PUBLISHED)


def small(name: str, size: tuple[int, ...]) -> Compiled:
    built = network(name).built
    assert built is not None
    return compiled(
        file_of(name), Options(parameters=NARROW.get(name, {}), inputs=dict.fromkeys(built.graph.inputs, size))
    )


def shapes_of(result: Compiled) -> list[tuple[int, ...]]:
    assert result.built is not None
    return [result.built.shapes[id] or () for id in result.built.graph.inputs]


def blank(shapes: list[tuple[int, ...]]) -> list[torch.Tensor]:
    return [torch.empty((1, *shape), device="meta") for shape in shapes]


def described(name: str, shapes: list[tuple[int, ...]], parameters: Mapping[str, Value]) -> nn.Module:
    """The paper's network for inputs of these shapes, with weights that have no numbers yet."""
    with torch.device("meta"):
        module = PUBLISHED[name].module(**parameters).eval()
    module(*blank(shapes))  # a lazy layer learns its width
    return module


def drawn(batch: int, size: tuple[int, ...], seed: int) -> torch.Tensor:
    return torch.randn((batch, *size), generator=torch.Generator().manual_seed(seed))


def run(module: nn.Module, inputs: list[torch.Tensor], outputs: list[str]) -> dict[str, torch.Tensor]:
    with torch.no_grad(), one_thread():
        found = module(*inputs)
    results = found if isinstance(found, dict) else dict(zip(outputs, (found,), strict=True))
    assert list(results) == outputs
    return results

"""The example networks before every judge: torch's module tree, onnx's checker and strict shape inference, and every
node's value in onnxruntime and torch, at two batches."""

from pathlib import Path

import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from cnnspec.build.options import Options  # noqa: E402
from cnnspec.contract.values import Shape  # noqa: E402
from tests.judges.network_judges import judge  # noqa: E402
from tests.judges.torch_module import one_thread  # noqa: E402
from tests.networks import EXAMPLES, ZOO, compiled, network  # noqa: E402

CHANGED = (("linear 4096", "linear 32"), (" size=any", ""))
"""What is changed in the texts: the dense layers that hold most of the weights, and sizes that are open, which
tests/test_published.py tries."""

SIZES: dict[str, Shape] = {
    "alexnet_paper": (3, 67, 67),
    "c3d": (3, 16, 32, 32),
    "googlenet_paper": (3, 224, 224),
    "m5_audio": (1, 8000),
    "siamese": (1, 65, 65),
    "unet": (1, 188, 188),
}
"""A smaller input than the texts'; where none is said, pictures of more than 64 pixels are of 64."""

ALIKE = {"resnet101", "resnet152"}
"""They are ResNet-50 but for the number of its blocks, and would take as long as half of the others together."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("examples")
    for path in EXAMPLES.iterdir():
        text = path.read_text(encoding="utf-8")
        for old, new in CHANGED:
            text = text.replace(old, new)
        (made / path.name).write_text(text, encoding="utf-8")
    return made


@pytest.mark.parametrize("name", sorted(set(ZOO) - ALIKE))
def test_an_example_is_what_its_judges_say(name: str, folder: Path) -> None:
    built = network(name).built
    assert built is not None
    parameters = {"base": 8} if "base" in built.parameters else {}
    inputs = {id: SIZES.get(name) or smaller(built.shapes[id] or ()) for id in built.graph.inputs}
    result = compiled(folder / f"{name}.cnn", Options(parameters=parameters, inputs=inputs))
    with one_thread():
        verdict = judge(result)
    assert verdict.shaky == 0
    assert not verdict.too_large


def smaller(shape: Shape) -> Shape:
    return (shape[0], *(min(each, 64) for each in shape[1:])) if len(shape) == 3 else shape

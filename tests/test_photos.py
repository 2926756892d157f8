"""Twenty labelled photos and real weights. Torch is the judge, fed by our own preprocessing."""

import json
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest

from cnnspec.runtime.images import open_image
from cnnspec.runtime.labels import read_labels
from cnnspec.runtime.preprocess import Preprocess, prepare

pytestmark = [pytest.mark.data, pytest.mark.torch]

IMAGENET = Preprocess.from_steps(
    [
        ("resize", {"size": 256, "filter": "bilinear", "antialias": True}),
        ("crop", {"size": 224}),
        ("rescale", {"factor": 1 / 255}),
        ("normalize", {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}),
    ]
)


def true_class(path):
    """The last number of a photo's name."""
    return int(path.stem.rpartition("_")[2])


@pytest.fixture(scope="module")
def photos(data_dir):
    found = sorted((data_dir / "photos").glob("*.jpg"))
    assert len(found) == 20
    return found


@pytest.fixture(scope="module")
def tensors(photos):
    """What the network is fed: 20x3x224x224."""
    return np.stack([prepare(open_image(path).image, IMAGENET, (3, 224, 224)) for path in photos])


@pytest.fixture(scope="module")
def torch_says(data_dir, tensors):
    """Torch's logits, 20x1000."""
    torch = pytest.importorskip("torch")
    from tests.judges.torch_mobilenet import MobileNetV2

    net = MobileNetV2()
    weights = data_dir / "mobilenet_v2" / "mobilenet_v2-b0353104.pth"
    net.load_state_dict(torch.load(weights, weights_only=True))
    with torch.no_grad():
        return net.eval()(torch.from_numpy(tensors)).numpy()


def test_torch_is_right_on_eighteen(photos, torch_says, data_dir):
    right = [path for path, logits in zip(photos, torch_says, strict=True) if logits.argmax() == true_class(path)]
    assert len(right) == 18
    labels = read_labels(data_dir / "photos" / "labels.txt")
    assert len(labels) == 1000
    assert labels[torch_says[0].argmax()] == "bull mastiff"


def test_the_whole_road_says_what_torch_says(photos, torch_says, tensors, data_dir, tmp_path):
    """Text, weights and photos through the command; then the same tensors through our ONNX alone."""
    import cnnspec

    weights = data_dir / "mobilenet_v2" / "mobilenet_v2-b0353104.pth"
    command = [sys.executable, "-m", "cnnspec", "run", "zoo:mobilenet_v2", "--weights", str(weights), "--json"]
    done = subprocess.run([*command, *map(str, photos)], capture_output=True, text=True, check=True)
    told = [each["top"][0]["index"] for each in json.loads(done.stdout)]
    assert told == torch_says.argmax(axis=1).tolist()
    assert sum(index == true_class(path) for index, path in zip(told, photos, strict=True)) == 18
    path = tmp_path / "mobilenet.onnx"
    cnnspec.load("zoo:mobilenet_v2").export(path, weights=weights)
    ours = onnxruntime.InferenceSession(path).run(None, {"input": tensors})[0]
    assert (ours.argmax(axis=1) == torch_says.argmax(axis=1)).all()
    assert np.abs(ours - torch_says).max() <= 1e-4 * np.abs(torch_says).max()

"""Twenty labelled photos and real weights. Torch is the judge, fed by our own preprocessing."""

import numpy as np
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

"""Published networks in plain torch, written from their papers: the judges of the examples' texts.

Modules whose names are published bear those names; of the others only the order of the weights is compared.
"""

from collections.abc import Callable
from typing import NamedTuple

from torch import nn

from tests.judges.published.chains import alexnet, autoencoder, c3d, dcgan_generator, m5, mobilenet_v1
from tests.judges.published.densenet import DenseNet121
from tests.judges.published.googlenet import GoogLeNet
from tests.judges.published.resnet import ResNetCifar, SEResNet50
from tests.judges.published.retinanet import RetinaNet
from tests.judges.published.siamese import Siamese
from tests.judges.published.unet import UNet


class Published(NamedTuple):
    """A network as a torch module, by the parameters that its text has too, and whether the names of its weights are
    published as well."""

    module: Callable[..., nn.Module]
    named: bool = False


PUBLISHED = {
    "alexnet_paper": Published(alexnet),
    "autoencoder": Published(autoencoder),
    "c3d": Published(c3d),
    "dcgan_generator": Published(dcgan_generator, named=True),
    "densenet121": Published(DenseNet121, named=True),
    "googlenet": Published(GoogLeNet, named=True),
    "googlenet_paper": Published(lambda: GoogLeNet(paper=True)),
    "m5_audio": Published(m5),
    "mobilenet_v1": Published(mobilenet_v1),
    "resnet20_cifar": Published(lambda: ResNetCifar(3), named=True),
    "resnet56_cifar": Published(lambda: ResNetCifar(9), named=True),
    "retinanet": Published(RetinaNet, named=True),
    "se_resnet50": Published(SEResNet50, named=True),
    "siamese": Published(Siamese),
    "unet": Published(UNet),
}

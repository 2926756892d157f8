"""Lin et al., "Focal Loss for Dense Object Detection" (2017), on a feature pyramid, under torchvision's names.

P6 is made from P5, as there; its batch normalization is not frozen, so that it has parameters and a counter too.
"""

from collections import OrderedDict

from torch import Tensor, nn

from tests.judges.published.resnet import stage


class Body(nn.Module):
    """The maps of ResNet-50 at strides 8, 16 and 32."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = stage(64, 64, 3, 1)
        self.layer2 = stage(256, 128, 4, 2)
        self.layer3 = stage(512, 256, 6, 2)
        self.layer4 = stage(1024, 512, 3, 2)

    def forward(self, x: Tensor) -> list[Tensor]:
        x = nn.functional.max_pool2d(self.bn1(self.conv1(x)).relu(), 3, 2, padding=1)
        third = self.layer2(self.layer1(x))
        fourth = self.layer3(third)
        return [third, fourth, self.layer4(fourth)]


class Pyramid(nn.Module):
    def __init__(self) -> None:
        super().__init__()

        def wrapped(before: int, kernel: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(before, 256, kernel, padding=kernel // 2))

        self.inner_blocks = nn.ModuleList(wrapped(each, 1) for each in (512, 1024, 2048))
        self.layer_blocks = nn.ModuleList(wrapped(256, 3) for _ in range(3))
        coarser = {name: nn.Conv2d(256, 256, 3, stride=2, padding=1) for name in ("p6", "p7")}
        self.extra_blocks = nn.ModuleDict(coarser)

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        lateral = [block(each) for block, each in zip(self.inner_blocks, maps, strict=True)]
        for finer in (1, 0):
            size = lateral[finer].shape[-2:]
            lateral[finer] = lateral[finer] + nn.functional.interpolate(lateral[finer + 1], size=size)
        levels = [block(each) for block, each in zip(self.layer_blocks, lateral, strict=True)]
        levels.append(self.extra_blocks["p6"](levels[-1]))
        levels.append(self.extra_blocks["p7"](levels[-1].relu()))
        return levels


def head(last: str, outputs: int) -> nn.Sequential:
    def convolution() -> nn.Sequential:
        return nn.Sequential(nn.Conv2d(256, 256, 3, padding=1), nn.ReLU())

    tower = nn.Sequential(*(convolution() for _ in range(4)))
    return nn.Sequential(OrderedDict([("conv", tower), (last, nn.Conv2d(256, outputs, 3, padding=1))]))


class RetinaNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.ModuleDict({"body": Body(), "fpn": Pyramid()})
        heads = {"classification_head": head("cls_logits", 9 * 91), "regression_head": head("bbox_reg", 9 * 4)}
        self.head = nn.ModuleDict(heads)

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        found = {}
        for level, maps in enumerate(self.backbone["fpn"](self.backbone["body"](x)), start=3):
            found[f"classes{level}"] = self.head["classification_head"](maps)
            found[f"boxes{level}"] = self.head["regression_head"](maps)
        return found

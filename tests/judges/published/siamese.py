"""Koch et al., "Siamese Neural Networks for One-shot Image Recognition" (2015), figure 4."""

from torch import Tensor, nn


class Siamese(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tower = nn.Sequential(
            *(nn.Conv2d(1, 64, 10), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(64, 128, 7), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(128, 128, 4), nn.ReLU(), nn.MaxPool2d(2)),
            *(nn.Conv2d(128, 256, 4), nn.ReLU()),
            *(nn.Flatten(), nn.LazyLinear(4096), nn.Sigmoid()),
        )
        self.last = nn.Linear(4096, 1)

    def forward(self, left: Tensor, right: Tensor) -> Tensor:
        return self.last((self.tower(left) - self.tower(right)).abs()).sigmoid()

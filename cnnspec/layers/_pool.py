"""What the pools with a sliding window share."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Cost
from cnnspec.contract.geometry import Slide
from cnnspec.contract.layer import spatial
from cnnspec.contract.repairs import Given
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._windowed import Windowed, is_symmetric, kernel_of


class Pool(Windowed):
    """One number for what each window sees, a channel at a time."""

    chapter = Chapter.POOLS
    keeps_bounds = True

    def infer(self, inputs: Shapes) -> Shape:
        extents = self.infer_spatial(inputs)
        for each in self.slides(inputs):
            padding = max(each.pad_begin, each.pad_end)
            if padding >= each.kernel:
                raise LayerError(
                    f"the padding of {padding} is not smaller than the kernel of {each.kernel}",
                    about="pad",
                    notes=("a window that sees nothing but padding has no maximum and no mean",),
                    hint=f"`pad={each.kernel // 2}` at most, as in torch",
                    repairs=(Given("pad", str(each.kernel // 2), f"`pad={each.kernel // 2}` is half the kernel"),),
                )
            if padding and each.dilation > each.size:
                raise LayerError(
                    f"a dilation of {each.dilation} steps over the whole input of {dress(spatial(inputs[0]))}",
                    about="dilation",
                    notes=("both taps beside it are padding, and a window without a pixel has no maximum",),
                )
        return (inputs[0][0], *extents)

    def cost(self, inputs: Shapes) -> Cost:
        """A window of n taps takes n - 1 comparisons, or n - 1 additions and a division."""
        taps = prod(kernel_of(self.slides(inputs)))
        return Cost(ops=prod(self.infer(inputs)) * self.operations_of_window(taps))

    def operations_of_window(self, taps: int) -> int:
        raise NotImplementedError


def is_native(windows: Sequence[Slide]) -> bool:
    """Whether torch's pools take this padding: the same at both ends, and half the kernel at most."""
    return is_symmetric(windows) and all(2 * each.pad_begin <= each.kernel for each in windows)

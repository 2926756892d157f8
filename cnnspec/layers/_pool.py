"""What the pools with a sliding window share."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, ClassVar

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Chapter, Cost, Equation, Formula, Share
from cnnspec.contract.geometry import Slide, slides
from cnnspec.contract.layer import spatial
from cnnspec.contract.repairs import Given
from cnnspec.contract.symbols import taps as taps_of
from cnnspec.contract.symbols import values_of
from cnnspec.contract.values import Shape, Shapes, dress
from cnnspec.layers._windowed import Windowed, is_symmetric, kernel_of

if TYPE_CHECKING:
    from cnnspec.contract.sizing import Need, Sizing

MOST_TRIED = 4096
"""Sizes that are looked at one by one to say which ones a pool takes."""


class Pool(Windowed):
    """One number for what each window sees, a channel at a time."""

    chapter = Chapter.POOLS
    keeps_bounds = True
    operation: ClassVar[str] = "comparison"  # what makes one number of two
    divides: ClassVar[bool] = False  # and whether the number is divided at the end

    def infer(self, inputs: Shapes) -> Shape:
        extents = self.infer_spatial(inputs)
        for each in self.slides(inputs):
            padding = _padding(each)
            if padding >= each.kernel:
                raise LayerError(
                    f"the padding of {padding} is not smaller than the kernel of {each.kernel}",
                    about="pad",
                    notes=("a window that sees nothing but padding has no maximum and no mean",),
                    hint=f"`pad={each.kernel // 2}` at most, as in torch",
                    repairs=(Given("pad", str(each.kernel // 2), f"`pad={each.kernel // 2}` is half the kernel"),),
                )
            if steps_over(each):
                raise LayerError(
                    f"a dilation of {each.dilation} steps over the whole input of {dress(spatial(inputs[0]))}",
                    about="dilation",
                    notes=("both taps beside it are padding, and a window without a pixel has no maximum",),
                )
        return (inputs[0][0], *extents)

    def sizing(self, inputs: Shapes) -> Sizing | None:
        from cnnspec.contract.sizing import Of, Sizing, Within

        windows = self.slides(inputs)
        axes, needs = self.axes_slid(inputs)
        if not isinstance(self.pad, str):
            leasts = (each.dilation if _padding(each) else 1 for each in windows)
            return Sizing((Of(0), *axes), (*needs, *(Within(axis, start=each) for axis, each in enumerate(leasts, 1))))
        if any(each.stride + each.dilation > MOST_TRIED for each in windows):
            return None
        found = (self._with_padding_found(axis, each) for axis, each in enumerate(windows, start=1))
        return Sizing((Of(0), *axes), (*needs, *found))

    def _with_padding_found(self, axis: int, window: Slide) -> Need:
        """Which sizes it takes where the padding is found for each, which depends on the size's rest only."""
        from cnnspec.contract.sizing import Within

        pad, stride, dilation = self.pad, window.stride, window.dilation

        def takes(size: int) -> bool:
            (each,) = slides((size,), window.kernel, stride, pad, dilation, window.ceil)
            return _padding(each) < each.kernel and not steps_over(each) and self.takes(each)

        residues = tuple(rest for rest in range(stride) if takes(rest + stride * dilation))
        low = tuple(size for size in range(1, dilation) if takes(size))
        return Within(axis, start=dilation, period=stride, residues=residues, low=low)

    def takes(self, window: Slide) -> bool:
        """Whether the pool has nothing against the padding that this window has."""
        return True

    def cost(self, inputs: Shapes) -> Cost:
        """A window of n taps takes n - 1 comparisons, or n - 1 additions and a division."""
        taps = prod(kernel_of(self.slides(inputs)))
        return Cost(ops=prod(self.infer(inputs)) * (taps - 1 + self.divides))

    def equations(self, inputs: Shapes) -> tuple[Equation, ...]:
        return (Equation("C'", Formula("C", {"C": inputs[0][0]})), *super().equations(inputs))

    def work(self, inputs: Shapes) -> tuple[Share, ...]:
        window, sides = taps_of(kernel_of(self.slides(inputs)))
        results = values_of(self.infer(inputs))
        taken = Share(self.operation, Formula(f"E*({window} - 1)", {**results, **sides}))
        return (taken, Share("division", Formula("E", results))) if self.divides else (taken,)


def _padding(window: Slide) -> int:
    return max(window.pad_begin, window.pad_end)


def steps_over(window: Slide) -> bool:
    """Whether both taps beside a pixel can be padding."""
    return _padding(window) > 0 and window.dilation > window.size


def is_native(windows: Sequence[Slide]) -> bool:
    """Whether torch's pools take this padding: the same at both ends, and half the kernel at most."""
    return is_symmetric(windows) and all(2 * each.pad_begin <= each.kernel for each in windows)

"""What a report is asked to show, the same for every format."""

from typing import NamedTuple

from cnnspec.passes.memory.precision import FP32, PRECISIONS, Precision
from cnnspec.passes.roofline.estimate import Device
from cnnspec.reports.network.figures import SORTS

WIDTHS = {name: each for name, each in PRECISIONS.items() if each.bytes != FP32.bytes or each == FP32}
"""What a number may be at inference."""
GROUPS = ("block", "word")
"""What steps can be summed up by."""


class Asked(NamedTuple):
    """Everything, for one sample, where nothing is asked.

    `levels` folds what lies deeper into sums; what is computed is for `batch` samples. `by` (`block` or `word`) sums up
    what is alike; `sort`, one of figures.py, lists the largest first, and `top` so many of them. `device` is what times
    are estimated for, and `precision` what a number of a weight or value takes.
    """

    levels: int | None = None
    batch: int | None = None
    by: str | None = None
    sort: str | None = None
    top: int | None = None
    device: Device | None = None
    precision: Precision = FP32

    @property
    def times(self) -> int:
        """What is computed so many times."""
        return self.batch or 1

    def in_precision(self, text: str) -> str:
        """What is said of float32, of the numbers that there are."""
        return text.replace(FP32.told, self.precision.told)

    @property
    def key(self) -> str:
        """The quantity that lines are sorted by where they are, and that shares are of."""
        return self.sort or "macs"

    @property
    def is_flat(self) -> bool:
        """Lines stand by their size and not by their place in the text."""
        return self.sort is not None or self.by is not None


ALL = Asked()


def fitting(asked: Asked) -> Asked:
    """The same; ValueError where one thing that is asked needs another."""
    for name in ("levels", "batch", "top"):
        value = getattr(asked, name)
        if value is not None and value < 1:
            raise ValueError(f"{name} is a whole number above 0, not {value}")
    if asked.by not in (None, *GROUPS):
        raise ValueError(f"by is one of {', '.join(GROUPS)}, not {asked.by!r}")
    if asked.sort not in (None, *SORTS):
        raise ValueError(f"sort is one of {', '.join(SORTS)}, not {asked.sort!r}")
    if asked.top is not None and not asked.is_flat:
        raise ValueError("the first ones of what? `top` goes with `sort` or `by`")
    if asked.sort == "time" and asked.device is None:
        raise ValueError("a time is that of a device: `device` says how quick it is, such as flops=10T,bytes=900G")
    return asked

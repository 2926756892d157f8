"""Which pixels windows read and which taps see pixels, against torch's own unfold."""

import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

import torch  # noqa: E402
from hypothesis import assume, given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from cnnspec.contract.geometry import Slide  # noqa: E402
from cnnspec.rules.lints._sliding import Slid  # noqa: E402

small = st.integers(1, 9)


@settings(max_examples=600, deadline=None, derandomize=True)
@given(st.integers(1, 24), small, small, st.integers(0, 12), st.integers(1, 4))
def test_windows_read_what_unfold_reads(size: int, kernel: int, stride: int, pad: int, dilation: int) -> None:
    windows = Slide(size, kernel, stride, pad, pad, dilation).extent
    assume(windows > 0)
    pixels = torch.arange(1.0, size + 1).reshape(1, 1, size, 1)
    taken = torch.nn.functional.unfold(pixels, (kernel, 1), (dilation, 1), (pad, 0), (stride, 1))[0]
    assert taken.shape == (kernel, windows)
    read = torch.zeros(size + 1, dtype=torch.bool)
    read[taken.long().flatten()] = True
    axis = Slid(size, windows, kernel, stride, pad, dilation)
    assert axis.live == int(taken.any(1).sum())
    assert axis.blank <= int((~taken.bool().any(0)).sum())
    if dilation == 1:
        assert axis.blank == int((~taken.bool().any(0)).sum())
    if read[1:].any():
        last = int(read[1:].nonzero().max())
        assert axis.holes == int((~read[1 : last + 1]).sum())
        assert axis.holes or axis.lost == size - 1 - last

"""scikit-learn's digits: 1,797 of 8x8, which come with the package; a set to train on without a download.

Source: Alpaydin and Kaynak, Optical Recognition of Handwritten Digits, UCI, 1998 (its test part).
"""

from __future__ import annotations

import numpy as np

from cnnspec.training.data.dataset import Dataset, Split
from cnnspec.training.errors import DataError

NAME = "digits"
TEST = 297
"""The last of them, which nobody is trained on."""


def open_digits() -> Dataset:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise DataError(
            "the digits come with scikit-learn, which is not installed", "pip install 'cnnspec[digits]'"
        ) from error
    held = load_digits()
    # From 0 to 16 there: 255 is white.
    pictures = np.rint(held.images * (255 / 16)).astype(np.uint8)[..., None]
    targets = held.target.astype(np.int64)
    parts = [Split(pictures[part], targets[part]) for part in (slice(None, -TEST), slice(-TEST, None))]
    note = f"8x8, from 0 to 16; the last {TEST} are the test part"
    return Dataset(NAME, parts[0], parts[1], tuple(map(str, range(10))), named=False, notes=(note,))

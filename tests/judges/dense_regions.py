"""Regions as arrays of booleans."""

import random

import numpy as np

from cnnspec.contract.values import Shape
from cnnspec.passes.fields.regions import Region, members, region


def dense(boxes: Region, shape: Shape) -> np.ndarray:
    """True where the region is."""
    made = np.zeros(shape, dtype=bool)
    for box in boxes:
        if box:
            made[np.ix_(*(list(members(each)) for each in box))] = True
        else:
            made[()] = True
    return made


def drawn(draw: random.Random, shape: Shape, boxes: int) -> Region:
    return region(tuple(draw.getrandbits(extent) for extent in shape) for _ in range(boxes))

"""The receptive field of one layer by experiment: change one position of an operand, see which results change."""

from itertools import product

import numpy as np

from cnnspec.contract.facts import Reach, Window
from cnnspec.contract.values import Shape
from tests.judges.examples import Case, weights
from tests.judges.torch_module import outputs


def seen(case: Case, operand: int) -> np.ndarray:
    """For each position of the operand (rows) whether each position of the result (columns) depends on it.

    Weights are positive and values small, so that nothing cancels and no activation is cut off.
    """
    random = np.random.default_rng(0)
    arrays = [random.uniform(0.1, 1, shape) for shape in case.inputs]
    positions = list(np.ndindex(*case.inputs[operand][1:]))
    batches = [np.repeat(each[None], len(positions) + 1, axis=0) for each in arrays]
    channels = case.inputs[operand][0]
    for row, position in enumerate(positions, start=1):
        batches[operand][(row, slice(None), *position)] += random.uniform(1, 2, channels)
    values = {name: np.asarray(abs(each)) for name, each in weights(case).items()}
    results = outputs(case, batches, values)
    changed = (abs(results[1:] - results[:1]) > 1e-9).any(axis=1)
    return changed.reshape(len(positions), -1)


def expected(case: Case, operand: int) -> np.ndarray:
    """The same table as the layer's `window` has it."""
    window = case.layer.window(case.inputs, operand)
    before, after = case.inputs[operand][1:], case.result[1:]
    table = np.zeros((*before, *after), dtype=bool)
    if window is Reach.WHOLE:
        table[...] = True
    elif window is Reach.NOTHING:
        assert operand
    elif window is Reach.POINTWISE:
        assert before == after
        for position in np.ndindex(*before):
            table[position + position] = True
    else:
        assert not isinstance(window, Reach)
        for position in np.ndindex(*after):
            axes = [taps(each, at, extent) for each, at, extent in zip(window, position, before, strict=True)]
            for pixel in product(*axes):
                table[pixel + position] = True
    return table.reshape(int(np.prod(before)), -1)


def taps(window: Window, at: int, extent: int) -> list[int]:
    first = at * window.stride - window.pad
    reached = (first + tap * window.dilation for tap in range(window.kernel))
    return [each for each in reached if 0 <= each < extent]


def is_regular(table: np.ndarray, before: Shape, after: Shape) -> bool:
    """Whether on every axis the windows are of one size and evenly spaced, one or more pixels apart. Where the axes are
    not the same before and after, there are no windows."""
    if len(before) != len(after):
        return False
    shaped = table.reshape(*before, *after)
    for axis in range(len(before)):
        others = tuple(each for each in range(shaped.ndim) if each not in (axis, axis + len(before)))
        rows = shaped.any(axis=others).T
        firsts, sizes = rows.argmax(axis=1), rows.sum(axis=1)
        steps = set(np.diff(firsts).tolist())
        if len(set(sizes.tolist())) > 1 or len(steps) > 1 or 0 in steps:
            return False
    return True

"""What each value of a layer's result depends on by experiment: change one value of an operand, see which results
change; and the same table as the layer's `reads` has it."""

from math import prod

import numpy as np

from cnnspec.contract.reads import Moved
from tests.judges.examples import Case, weights
from tests.judges.torch_module import outputs


def found(case: Case, operand: int) -> np.ndarray:
    """Rows are values of the operand, columns those of the result. Weights are positive and values small, so that
    nothing cancels and no activation is cut off; what is changed becomes the largest value of all."""
    random = np.random.default_rng(1)
    arrays = [random.uniform(0.1, 1, shape) for shape in case.inputs]
    values = prod(case.inputs[operand])
    batches = [np.repeat(each[None], values + 1, axis=0) for each in arrays]
    for row in range(values):
        batches[operand][row + 1].reshape(-1)[row] += random.uniform(1, 2)
    results = outputs(case, batches, {name: np.asarray(abs(each)) for name, each in weights(case).items()})
    return np.asarray((abs(results[1:] - results[:1]) > 1e-10).reshape(values, -1))


def stated(case: Case, operand: int) -> np.ndarray:
    """By the letter of `Along` and `Moved`, index by index."""
    reads, before, after = case.layer.reads(case.inputs, operand), case.inputs[operand], case.result
    table = np.zeros((prod(before), prod(after)), dtype=bool)
    if isinstance(reads, Moved):
        places = np.arange(prod(before)).reshape(reads.split).transpose(reads.order).reshape(-1)
        table[places, np.arange(prod(after))] = True
        return table
    if reads is None:
        return table
    for column, place in enumerate(np.ndindex(*after)):
        axes = []
        for each, extent in zip(reads, before, strict=True):
            if each.axis is None:
                axes.append(range(extent))
            elif each.places is None:
                at = place[each.axis] + each.shift
                axes.append(range(at, at + 1) if 0 <= at < extent else range(0))
            else:
                axes.append(each.places[place[each.axis]])
        for row in np.ndindex(*map(len, axes)):
            value = tuple(axis[at] for axis, at in zip(axes, row, strict=True))
            table[np.ravel_multi_index(value, before), column] = True
    return table

"""A network's weights, from a file, from arrays or from a seed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cnnspec.contract.facts import Weight
from cnnspec.contract.values import dress
from cnnspec.ir.graph import Graph
from cnnspec.lower.errors import WeightsError
from cnnspec.lower.init import initialise
from cnnspec.lower.match import Match, checked, match
from cnnspec.lower.weights import read_weights
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import elements, weights_of

Weights = str | os.PathLike[str] | Mapping[str, Any] | None


MOST_FRESH = 2**31 - 1
"""Numbers that a seed makes: 8.6 GB, some twenty times what the largest convolutional networks hold."""


class NoWeights(ValueError):
    """Nothing says what the weights of a network are, or two things do."""


def arrays_of(
    graph: Graph, shapes: ShapeTable, weights: Weights, seed: int | None, *, everything: bool = False
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """The tensors of what runs, or of `everything`, and what there is to say about them. NoWeights; WeightsError."""
    owned = weights_of(graph, shapes)
    owners = {node.reuse_of or node.id for node in graph if everything or node.id in graph.running}
    names = {id: [f"{id}.{each.name}" for each in held] for id, held in owned.items()}
    needed = {name for id in owners for name in names.get(id, ())}
    expected: dict[str, Weight] = {}
    for id, held in owned.items():
        expected |= zip(names[id], held, strict=True)
    if weights is not None and seed is not None:
        raise NoWeights("there are weights and a seed: one of them is too much")
    if weights is not None:
        return _loaded(expected, needed, weights)
    if not needed:
        return {}, ()
    if seed is None:
        count = sum(elements(expected[name]) for name in needed if expected[name].trainable)
        raise NoWeights(f"the network has {count:,} parameters, and nothing says what they are")
    wanted = {name: each for name, each in expected.items() if name in needed}
    _check_size(wanted)
    return initialise(wanted, seed), ()


def _check_size(wanted: Mapping[str, Weight]) -> None:
    """WeightsError if there are more numbers than anybody would draw: a slip should not take all memory."""
    count = sum(map(elements, wanted.values()))
    if count > MOST_FRESH:
        largest = max(wanted, key=lambda name: elements(wanted[name]))
        message = f"the network has {count:,} weights, and at most {MOST_FRESH:,} are made fresh"
        raise WeightsError(message, f"`{largest}` is the largest of them, {dress(wanted[largest].shape)}")


def _loaded(
    expected: dict[str, Weight], needed: set[str], weights: str | os.PathLike[str] | Mapping[str, Any]
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    """Auxiliary heads may be missing from the file, as they do not run."""
    found, where = given(weights)
    result = match(expected, found)
    result = result._replace(allow_missing=not any(each.name in needed for each in result.missing))
    return checked(result, where), notes_of(result)


def given(weights: str | os.PathLike[str] | Mapping[str, Any]) -> tuple[dict[str, NDArray[Any]], str]:
    """The tensors of a file, or given ones, by name; and what they are called in messages."""
    if isinstance(weights, Mapping):
        return {name: _array(each) for name, each in weights.items()}, "the given arrays"
    return read_weights(weights), os.fspath(weights)


def _array(given: Any) -> NDArray[Any]:
    """A NumPy array or a torch tensor."""
    return np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)


def notes_of(result: Match) -> tuple[str, ...]:
    """What was done to numbers, and what is strange in them."""
    notes = []
    if result.converted:
        first, count = result.converted[0], len(result.converted)
        notes.append(
            f"numbers of {count:,} tensors were converted: `{first.name}` from {first.found} to {first.expected}"
        )
    if result.not_finite:
        each, count = result.not_finite[0], len(result.not_finite)
        bad = each.nans + each.infinities
        notes.append(f"{count:,} tensors hold numbers that are not finite: `{each.name}` holds {bad:,}")
    return tuple(notes)

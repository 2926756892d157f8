"""The lines of a recipe that name parts of the network: patterns that name nothing, and steps that are named twice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from cnnspec.contract.training.clashes import Clash
from cnnspec.contract.training.recipe import Recipe
from cnnspec.contract.training.transfer import Part, named
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Node
from cnnspec.source.nearest import nearest

SHOWN = 6


class StepNames:
    """The names of a network's steps: all, those that own tensors, those that own tensors which are trained, and of
    those that another's tensors serve, whose."""

    def __init__(self, nodes: Mapping[str, Node], shapes: Mapping[str, Shape | None]) -> None:
        self.all = tuple(id for id, node in nodes.items() if node.inputs)
        self.lent = {id: node.reuse_of for id, node in nodes.items() if node.reuse_of is not None}
        held: dict[str, bool] = {}
        for id, node in nodes.items():
            operands = [shapes.get(each) for each in node.inputs]
            known = tuple(each for each in operands if each is not None)
            if node.inputs and node.reuse_of is None and len(known) == len(operands):
                weights = node.layer.weights(known)
                if weights:
                    held[id] = any(each.trainable for each in weights)
        self.holding = tuple(held)
        self.trained = tuple(id for id, is_trained in held.items() if is_trained)


def astray(recipe: Recipe, steps: StepNames) -> Iterator[Clash]:
    """What is wrong with `freeze` and `rate` in this network, or comes to nothing."""
    found = [
        *_strangers("freeze", recipe.freeze or (), steps, steps.holding),
        *_strangers("rate", recipe.rate or (), steps, steps.trained),
    ]
    yield from found
    if found:
        return
    times = [(each.until, each.unit) for each in recipe.freeze or ()]
    twice = _twice(recipe.freeze or (), steps.holding)
    for step, first, second in ((*each,) for each in twice):
        if times[first] != times[second]:
            message = f"`{step}` is in two lines of `freeze`, and they say two times"
            yield Clash(message, "freeze", "patterns", second, help="one line for each step")
            return
    for step, _, second in _twice(recipe.rate or (), steps.trained):
        message = f"`{step}` is in two lines of `rate`"
        yield Clash(message, "rate", "patterns", second, help="one line for each step: patterns that do not overlap")
        return
    yield from _nothing_left(recipe, steps)


def _strangers(word: str, lines: Sequence[Part], steps: StepNames, wanted: Collection[str]) -> Iterator[Clash]:
    """Patterns that name no step, or none that the line could be for."""
    for place, line in enumerate(lines):
        for each in line.patterns:
            found = named((each,), steps.all)
            if not found:
                message = f'"{each}" names no step of the network'
                yield Clash(message, word, "patterns", place, help=_meant(each, steps.all))
            elif not set(found) & set(wanted):
                yield _without(word, place, each, found, steps)


def _without(word: str, place: int, pattern: str, found: Sequence[str], steps: StepNames) -> Clash:
    owner = next((steps.lent[each] for each in found if each in steps.lent), None)
    if owner is not None:
        message = f'"{pattern}" names steps that work with the weights of others'
        return Clash(message, word, "patterns", place, help=f"those of `{found[0]}` are called `{owner}`")
    what = "weights" if word == "freeze" else "weights that are trained"
    message = f'"{pattern}" names only steps without {what}: {_listed(found)}'
    return Clash(message, word, "patterns", place, help=f"steps with weights are {_listed(steps.trained)}")


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" …" if len(names) > SHOWN else "")


def _twice(lines: Sequence[Part], steps: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """StepNames that two lines name, and which."""
    first: dict[str, int] = {}
    for place, line in enumerate(lines):
        for step in named(line.patterns, steps):
            if step in first:
                yield step, first[step], place
            else:
                first[step] = place


def _nothing_left(recipe: Recipe, steps: StepNames) -> Iterator[Clash]:
    lines = recipe.freeze or ()
    frozen = set(named([each for line in lines for each in line.patterns], steps.trained))
    if lines and len(frozen) == len(steps.trained):
        message = "nothing is left to train at first: every step that has weights is frozen"
        yield Clash(message, "freeze", "patterns", len(lines) - 1, help=f"the last of them is `{steps.trained[-1]}`")
        return
    for_good = set(named([each for line in lines if not line.until for each in line.patterns], steps.trained))
    for place, rate in enumerate(recipe.rate or ()):
        if set(named(rate.patterns, steps.trained)) <= for_good:
            message = "these steps have a rate, and are frozen from begin to end"
            yield Clash(message, "rate", "patterns", place, other=("freeze", "frozen here"), wrong=False)


def _meant(pattern: str, steps: Sequence[str]) -> str:
    """The pattern with its first part that names nothing changed to the nearest that is there; else what there is."""
    parts = pattern.split(".")
    reached = [step.split(".") for step in steps]
    for depth, part in enumerate(parts):
        there = sorted({step[depth] for step in reached if len(step) > depth})
        if any(fnmatchcase(each, part) for each in there):
            reached = [step for step in reached if len(step) > depth and fnmatchcase(step[depth], part)]
            continue
        above = ".".join(parts[:depth])
        near = nearest(part, there)
        other = ".".join([*parts[:depth], near, *parts[depth + 1 :]]) if near else ""
        if near and named((other,), steps):
            return f'did you mean "{other}"?'
        if not there:
            return f'`{above}` is a step; "{above}" names it: tensors are not named, steps and scopes are'
        first = list(dict.fromkeys(step[depth] for step in reached if len(step) > depth))
        return f"{'below `' + above + '`' if above else 'the outermost names'} are {_listed(first)}"
    return f"the outermost names are {_listed(list(dict.fromkeys(step[0] for step in map(_split, steps))))}"


def _split(step: str) -> list[str]:
    return step.split(".")

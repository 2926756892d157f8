"""Uses of one block that took different branches, as one class: what only some of them have becomes optional.

A use that lacks steps fits beside one that has them if every lacking step could be passed by: its result is then one of
its operands. A module that is passed by is `nn.Identity()`; a function stands under an `if`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from cnnspec.lower.torch_source.drafts import Draft, Step
from cnnspec.lower.torch_source.parts import ListPart, Part, Times

Group = list[Draft]
"""Drafts that can be told apart by numbers alone; or, once they are merged, by what they lack of the first."""


def merged(groups: Iterable[Group]) -> list[Group]:
    """The groups, those put together that one class can say; each in the place of its first draft."""
    found = list(groups)
    first = {id(draft): place for place, group in enumerate(found) for draft in group}
    made: list[Group] = []
    for group in sorted(found, key=lambda group: -_size(group[0])):
        for other in made:
            fitted = _fitted(other[0], group)
            if fitted is not None:
                other += fitted
                break
        else:
            made.append(list(group))
    return sorted(made, key=lambda group: first[id(group[0])])


def _size(draft: Draft) -> int:
    lists = sum(len(part.members) for part in draft.parts.values() if isinstance(part, ListPart))
    return len(draft.steps) + len(draft.parts) + lists


def _fitted(whole: Draft, group: Group) -> Group | None:
    """The drafts in the frame of `whole`, if they fit."""
    if (
        whole.block is None
        or whole.block != group[0].block
        or (whole.base, whole.inputs) != (group[0].base, group[0].inputs)
    ):
        return None
    frames = []
    for draft in group:
        parts = _parts(whole, draft)
        frame = Frame(whole, draft)
        if parts is None or not frame.fits():
            return None
        if whole.base == "nn.ModuleList" and parts[1] & set(whole.parts):
            return None  # its members are given at once, all or none
        frames.append(frame.framed(*parts))
    return frames


# -- members ----------------------------------------------------------------------------------------------------------


def _parts(whole: Draft, draft: Draft) -> tuple[dict[str, Part], set[str]] | None:
    """The draft's parts, its lists with gaps where `whole` has more; and what is lacking."""
    if [name for name in whole.parts if name in draft.parts] != list(draft.parts):
        return None
    found: dict[str, Part] = {}
    absent = set[str]()
    for name, part in whole.parts.items():
        own = draft.parts.get(name)
        if own is None:
            absent.add(name)
        elif isinstance(part, ListPart) and isinstance(own, ListPart):
            members = _members(part.members, own.members)
            if members is None:
                return None
            found[name] = ListPart(members)
            absent |= {f"{name}.{place}" for place, each in enumerate(members) if each is None}
        elif own.signature == part.signature:
            found[name] = own
        else:
            return None
    return found, absent


def _members(whole: Sequence[Times | None], own: Sequence[Times | None]) -> tuple[Times | None, ...] | None:
    """The members beside those of the whole list that come from the same step of the text."""
    rest = [each for each in own if each is not None]
    found: list[Times | None] = []
    for each in whole:
        assert each is not None, "a list that others are held to has no gaps"
        if rest and rest[0].step == each.step and rest[0].part.signature == each.part.signature:
            found.append(rest.pop(0))
        else:
            found.append(None)
    return None if rest else tuple(found)


# -- steps ------------------------------------------------------------------------------------------------------------


class Frame:
    """A draft beside a larger one: `same` has its value for each value of the larger."""

    def __init__(self, whole: Draft, draft: Draft) -> None:
        self.whole = whole
        self.draft = draft
        self.uses = Counter(each for step in whole.steps for each in (*step.inputs, *step.sizes))
        self.uses.update(whole.outputs)
        self.own = {step.name: step for step in draft.steps}
        self.same: dict[int, int] = {place: place for place in range(whole.inputs)}
        self.passed: dict[int, int] = {}

    def fits(self) -> bool:
        whole = self.whole.steps
        names = [step.name for step in whole]
        if len(set(names)) < len(names) or len(self.own) < len(self.draft.steps):
            return False
        if [name for name in names if name in self.own] != list(self.own):
            return False
        return self._from(0)

    def _from(self, place: int) -> bool:
        """Whether the steps from here on fit; a lacking merge may be any of its operands."""
        if place == len(self.whole.steps):
            return tuple(self.same[each] for each in self.whole.outputs) == self.draft.outputs
        step = self.whole.steps[place]
        own = self.own.get(step.name)
        if own is not None:
            inputs = tuple(self.same[each] for each in (*step.inputs, *step.sizes))
            if own.kind != step.kind or inputs != (*own.inputs, *own.sizes):
                return False
            self.same.update(zip(step.outputs, own.outputs, strict=True))
            return self._from(place + 1)
        fixed = self.whole.passed.get(place)
        choices = range(len(step.inputs)) if fixed is None else (fixed,)
        return any(self._passing(place, step, choice) for choice in choices)

    def _passing(self, place: int, step: Step, choice: int) -> bool:
        operand = step.inputs[choice]
        if len(step.outputs) > 1 or (step.member and len(step.inputs) > 1):
            return False
        if step.member and (step.member not in self.whole.parts or step.member in self.draft.parts):
            return False  # what is there and not run is no module that could be `nn.Identity()`
        if not step.member and self.uses[operand] > 1:
            return False
        self.same[step.outputs[0]] = self.same[operand]
        self.passed[place] = choice
        return self._from(place + 1)

    def framed(self, parts: dict[str, Part], absent: set[str]) -> Draft:
        """The draft with the larger one's numbers for values and steps."""
        made = Draft(self.draft.path, self.draft.scope, self.draft.env)
        made.base, made.block, made.tests = self.whole.base, self.whole.block, self.draft.tests
        made.parts = parts
        made.inputs, made.outputs = self.whole.inputs, self.whole.outputs
        made.values = [self.draft.values[self.same[each]] for each in range(len(self.whole.values))]
        made.steps = [self.own.get(step.name, step) for step in self.whole.steps]
        lacking = {f"@{place}" for place, step in enumerate(self.whole.steps) if step.name not in self.own}
        made.absent = absent | lacking
        self.whole.passed.update(self.passed)
        return made

"""Rooms that differ in numbers alone become one class, and what differs its arguments."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnspec.lower.torch_source.drafts import Draft, Step
from cnnspec.lower.torch_source.expressions import (
    folded,
    holds,
    names,
    negated,
    plain,
    product,
    same,
    substituted,
    total,
    translated,
)
from cnnspec.lower.torch_source.parts import (
    ENTERING,
    LEAVING,
    ClassPart,
    LayerPart,
    ListPart,
    Part,
    Times,
    WeightPart,
    default_of,
)
from cnnspec.lower.torch_source.settling import REQUIRED, Param, Settling


class Class:
    """One class of the file.

    `drafts` are its uses, alike but for numbers. By the keys of drafts, `exprs` says what to write for each number and
    `conditions` when there is what only some uses have; members of lists that are `joined` are counted with the next
    ones. `outs` says how many channels each result has, where that can be said with the arguments.
    """

    def __init__(self, name: str, drafts: Sequence[Draft], given: Mapping[str, Any] = {}) -> None:
        self.name = name
        self.drafts = drafts
        self.base = drafts[0].base
        self.params: list[Param] = []
        self.exprs: dict[str, str] = {}
        self.conditions: dict[str, str] = {}
        self.joined: set[str] = set()
        self.outs: list[str | None] = []
        self.arguments: dict[str, dict[str, Any]] = {}
        _Resolver(self, given).run()

    @property
    def first(self) -> Draft:
        return self.drafts[0]


class _Resolver(Settling):
    """Finds an expression for every number of a class, in the order of its steps, so that what comes in is known."""

    def run(self) -> None:
        self._inputs()
        self._block_arguments()
        self._conditions()
        done = set[str]()
        first = self.made.first
        for place, step in enumerate(first.steps):
            read = [self.channels[each] for each in step.inputs]
            if step.member in first.parts:
                name = step.member
                parts = [each.parts.get(name) for each in self.drafts]
                if name not in done:
                    done.add(name)
                    self._part(name, parts, read)
                found = self._leaving(name, parts, read)
            else:
                self._options(place, step)
                found = [self._of_function(step, read)]
            for output, each in zip(step.outputs, found, strict=False):
                self.channels[output] = each if each is not None else self._counted(output)
        for name in first.parts:
            if name not in done:
                self._part(name, [each.parts.get(name) for each in self.drafts], [self._entering()])
        self._finish()

    # -- arguments ------------------------------------------------------------------------------------------------

    def _inputs(self) -> None:
        """Each input's channels are an argument; where they are always the same and no block says otherwise, that
        number."""
        whole = self.made.first
        for place in range(whole.inputs):
            counts = tuple(each.values[place].shape[0] for each in self.drafts)
            if not self.is_block and len(set(counts)) == 1:
                self.channels[place] = str(counts[0])
                continue
            name = "in_channels" if place == 0 else f"{whole.values[place].label or f'in{place}'}_channels"
            name = self._free(name)
            self._offer(Param(name, counts, channels_of=place))
            self.channels[place] = name

    def _block_arguments(self) -> None:
        scopes = [each.env for each in self.drafts]
        for name in scopes[0].arguments if scopes[0] else ():
            values = tuple(plain(each.arguments[name]) if each and name in each.arguments else None for each in scopes)
            if any(each is None for each in values):
                continue
            default = REQUIRED
            if all(each.scope is each.env for each in self.drafts):
                left_out = [
                    value for value, each in zip(values, scopes, strict=True) if each and name not in each.places
                ]
                if left_out and all(same(each, left_out[0]) for each in left_out):
                    default = left_out[0]
            if name not in self.params:
                self._offer(Param(name, values, default=default))

    # -- members --------------------------------------------------------------------------------------------------

    def _part(self, at: str, parts: Sequence[Part | None], read: Sequence[str | None]) -> str | None:
        """Settles a member's numbers; gives its first result's channels. The first of its uses has it."""
        part = parts[0]
        match part:
            case LayerPart():
                self._layer(at, [each if isinstance(each, LayerPart) else None for each in parts], read)
            case ClassPart():
                self._instance(at, [each if isinstance(each, ClassPart) else None for each in parts], read)
            case WeightPart():
                for slot in part.slots:
                    values = [each and each.slots[slot] for each in parts]
                    self._settle(f"{at}.{slot}", values, near=[self._entering()] if slot != "fill" else [])
            case ListPart():
                return self._list(at, parts, read)
        leaving = self._leaving(at, parts, read)
        return leaving[0] if leaving else None

    def _list(self, at: str, parts: Sequence[Part | None], read: Sequence[str | None]) -> str | None:
        """The members one after the other. The first copy of a step joins the others if it is written as they are."""
        inner, before = list(read), [0] * len(parts)
        for place in range(len(_first_list(parts).members)):
            key, found = f"{at}.{place}", _at(parts, place)
            inner = [self._part(key, [each and each.part for each in found], inner)]
            further = self._is_further(key)
            missing = 0 if further else None  # a use that has the first copy alone
            counts = [
                (each.copies if each else missing) if part else None for each, part in zip(found, parts, strict=True)
            ]
            if further and self._written(key) == self._written(f"{at}.{place - 1}"):
                counts = [None if each is None else each + more for each, more in zip(counts, before, strict=True)]
                self.made.joined.add(f"{at}.{place - 1}")
            self._settle(f"{key}#", counts)
            before = [each or 0 for each in counts]
        return inner[0]

    def _written(self, at: str) -> dict[str, str]:
        exprs = self.made.exprs
        return {key.removeprefix(at): each for key, each in exprs.items() if key.startswith(f"{at}.")}

    def _layer(self, at: str, parts: Sequence[LayerPart | None], read: Sequence[str | None]) -> None:
        there = [part for part in parts if part]
        slots: dict[str, list[Any]] = {}
        for name in dict.fromkeys(name for part in there for name in part.slots):
            slots[name] = [part.slots.get(name, default_of(part.target, name)) if part else None for part in parts]
        order = sorted(slots, key=lambda name: name == "padding")  # it may follow from kernel and dilation
        for name in order:
            texts = list(dict.fromkeys(part.texts[name] for part in there if name in part.texts))
            near: list[str | None] = []
            if name in ENTERING or (name in (*LEAVING, "groups") and not texts):
                near = list(read)
            if name == "padding":
                near = self._same_padding(at, slots)
            self._settle(f"{at}.{name}", slots[name], texts, near, entering=name in ENTERING)

    def _same_padding(self, at: str, slots: Mapping[str, Any]) -> list[str | None]:
        """What `pad=same` says of a kernel and a dilation that are arguments."""
        kernel = self.made.exprs[f"{at}.kernel_size"] if "kernel_size" in slots else ""
        dilation = self.made.exprs.get(f"{at}.dilation", "1")
        if kernel.isdecimal():
            reach = str((int(kernel) - 1) // 2)
            return [dilation if reach == "1" else product([reach, dilation])]
        if not kernel or not kernel.isidentifier():
            return []
        return [f"({kernel} - 1) // 2" if dilation == "1" else f"{product([dilation])} * ({kernel} - 1) // 2"]

    def _instance(self, at: str, parts: Sequence[ClassPart | None], read: Sequence[str | None]) -> None:
        there = [part for part in parts if part]
        for param in there[0].made_of.params:
            texts = list(dict.fromkeys(part.texts[param.name] for part in there if param.name in part.texts))
            if there[0].made_of.first.env is not there[0].made_of.first.scope:
                texts.append(param.name)  # a scope reads what the text around it does
            place = param.channels_of
            near = [read[place]] if place is not None and place < len(read) else []
            values = [part and part.slots[param.name] for part in parts]
            self._settle(f"{at}.{param.name}", values, texts, near, entering=place is not None)

    def _options(self, place: int, step: Step) -> None:
        for name in step.slots:
            values = [None if f"@{place}" in each.absent else each.steps[place].slots[name] for each in self.drafts]
            known = [each for each in values if each is not None]
            differ = any(not same(each, known[0]) for each in known)
            self._settle(f"@{place}.{name}", values, near=self._differences(step) if differ else ())

    def _differences(self, step: Step) -> list[str | None]:
        """Numbers that functions are given are often what the text says, less something that is known."""
        told = [each for text in step.texts if (each := translated(text)) is not None]
        known = [each for place in step.inputs if (each := self.channels[place]) is not None]
        pairs = [(one, other) for one in told for other in (*known, *told) if one != other]
        return [
            *told,
            *(f"({one} - {other}) // 2" for one, other in pairs),
            *(f"{one} - {other}" for one, other in pairs),
        ]

    def _entering(self) -> str | None:
        return self.channels[0] if self.channels else None

    # -- what only some uses have -----------------------------------------------------------------------------------

    def _conditions(self) -> None:
        """The text's own condition where it decides alike in every use; else an argument of its own."""
        tests = [each for draft in self.drafts for text in draft.tests if (each := translated(text)) is not None]
        said = [each for test in dict.fromkeys(tests) for each in (test, negated(test))]
        for key in sorted({key for draft in self.drafts for key in draft.absent}, key=self._rank):
            if self._is_further(key):
                continue
            present = [key not in draft.absent for draft in self.drafts]
            known = [each for each in said if names(each) <= set(self.params) and holds(each, present, self.envs)]
            own = [each for each in self.made.conditions.values() if holds(each, present, self.envs)]
            chosen = (*known, *own, "")[0]
            if not chosen:
                chosen = self._offer(Param(self._free(f"has_{self._item(key)}"), tuple(present)))
            self.used |= names(chosen) & set(self.params)
            self.made.conditions[key] = chosen

    def _rank(self, key: str) -> tuple[int, str]:
        """Members before steps."""
        return (1, key[1:].zfill(9)) if key.startswith("@") else (0, key)

    def _is_further(self, key: str) -> bool:
        """Whether it is the second and further copies of one step of the text, made by the same class as the first."""
        at, _, place = key.rpartition(".")
        part = self.made.first.part(at)
        if not isinstance(part, ListPart) or not place.isdecimal() or int(place) == 0:
            return False
        here, before = part.members[int(place)], part.members[int(place) - 1]
        if here is None or before is None or here.step != before.step:
            return False
        return here.part.signature == before.part.signature

    # -- channels -------------------------------------------------------------------------------------------------

    def _leaving(self, at: str, parts: Sequence[Part | None], read: Sequence[str | None]) -> list[str | None]:
        part = parts[0]
        if isinstance(part, ClassPart):
            given = {param.name: self.made.exprs[f"{at}.{param.name}"] for param in part.made_of.params}
            outs = [substituted(each, given) if each is not None else None for each in part.made_of.outs]
            return [folded(each) if each is not None else None for each in outs]
        if isinstance(part, ListPart):
            inner = list(read)
            for place in range(len(part.members)):
                inner = self._leaving(f"{at}.{place}", [each and each.part for each in _at(parts, place)], inner)
            return inner
        if not isinstance(part, LayerPart):
            return [None]
        for name in LEAVING:
            if name in part.slots:
                return [folded(self.made.exprs[f"{at}.{name}"])]
        layers = [each for each in parts if isinstance(each, LayerPart)]
        if not read or read[0] is None or not all(each.read and each.made for each in layers):
            return [None]
        if all(each.read[0] == each.made[0] for each in layers):
            return [read[0]]
        made = [each.made[0] if isinstance(each, LayerPart) else None for each in parts]
        return [self._flattened(read[0], layers, made)]

    def _flattened(self, channels: str, layers: Sequence[LayerPart], made: Sequence[int | None]) -> str | None:
        """Channels times the extents that were flattened; `made` is None for a use that lacks the layer."""
        spatial = {each.read[1:] for each in layers}
        extents = [each for each in next(iter(spatial)) if each != 1]
        if len(spatial) > 1 or any(len(each.made) > 1 for each in layers):
            return None
        text = product([channels, *map(str, extents)])
        return text if holds(text, made, self.envs) else None

    def _of_function(self, step: Step, read: Sequence[str | None]) -> str | None:
        if step.target == "torch.cat":
            known = [each for each in read if each is not None]
            return total(known) if len(known) == len(read) else None
        output = step.outputs[0]
        if not self.made.first.values[output].shape:  # inside of a layer: as good a guess as any
            return read[0]
        counts = [each.values[output].shape[:1] for each in self.drafts]
        given = [each.values[step.inputs[0]].shape[:1] for each in self.drafts]
        return read[0] if counts == given else None

    def _counted(self, output: int) -> str | None:
        """The number itself, where it is the same in every use."""
        counts = {each.values[output].shape[:1] for each in self.drafts}
        (count,) = counts if len(counts) == 1 else ((),)
        return str(count[0]) if count else None

    def _finish(self) -> None:
        made = self.made
        used = [param for param in self.params.values() if param.name in self.used]
        made.params = sorted(used, key=lambda each: each.default is not REQUIRED)
        for place, draft in enumerate(self.drafts):
            made.arguments[draft.path] = {each.name: each.values[place] for each in used}
        available = {each.name for each in used}
        for output in made.first.outputs:
            text = self.channels[output]
            shape_ok = text is not None and names(text) <= available
            made.outs.append(text if shape_ok else None)


def _at(parts: Sequence[Part | None], place: int) -> list[Times | None]:
    """One member of each list."""
    return [each.members[place] if isinstance(each, ListPart) else None for each in parts]


def _first_list(parts: Sequence[Part | None]) -> ListPart:
    part = parts[0]
    assert isinstance(part, ListPart), "the first use of a class lacks nothing"
    return part

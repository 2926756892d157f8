"""Two networks compared, from Python."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from cnnspec.api.load import load
from cnnspec.api.model import Model, Path
from cnnspec.compare.difference import Difference
from cnnspec.compare.growth import bounds, growths
from cnnspec.compare.steps import Sort
from cnnspec.reports.look import Look

T = TypeVar("T")


def diff(a: Path | Model, b: Path | Model, /) -> "Diff":
    """What differs between two networks, each a model or what `load` takes: a path, `zoo:NAME`, `git:REV:FILE`.
    SpecError if one has errors."""
    return Diff(*(each if isinstance(each, Model) else load(each) for each in (a, b)))


class Diff:
    """What differs between two networks. Steps are matched through the graph, so that a new name, a moved line or
    another layout are no change. As a string it is the text of `cnnspec diff`."""

    def __init__(self, a: Model, b: Model) -> None:
        self._found = Difference(a._compiled, b._compiled)

    def __repr__(self) -> str:
        from cnnspec.reports.difference.totals import verdict

        return f"<cnnspec.Diff: {verdict(self._found)}>"

    def __str__(self) -> str:
        return self.to_text()

    @property
    def same(self) -> bool:
        """The same network: the same steps, perhaps under other names, and the same interface."""
        return self._found.is_same

    @property
    def identical(self) -> bool:
        """The same to the last name, with pictures' preparation, class names and recipe."""
        return self._found.is_identical

    @property
    def interface(self) -> list[str]:
        """What differs for whoever calls the network, in words: names and order of inputs and outputs, and which step
        each is; without shapes, which `to_dict` has."""
        from cnnspec.reports.difference.interface import interface_words

        return interface_words(self._found.interface, "→")

    @property
    def added(self) -> list[str]:
        """Steps of the second network alone."""
        return [each.id for each in self._found.of(Sort.ADDED)]

    @property
    def removed(self) -> list[str]:
        """Steps of the first network alone."""
        return [each.id for each in self._found.of(Sort.REMOVED)]

    @property
    def changed(self) -> list[tuple[str, str]]:
        """Pairs of which the word, an argument, what they read, or whose weights they use has changed."""
        return [(each.a.node.id, each.id) for each in self._found.of(Sort.CHANGED) if each.a]

    @property
    def renamed(self) -> dict[str, str]:
        """Tensors that fit under another name: the old name and the new one."""
        return dict(self._found.tensors.renamed)

    @property
    def growth(self) -> dict[str, int]:
        """By how much each total has grown (negative: shrunk); `rf` is left out where there is no map."""
        a, b = self._found.numbers
        numbers = [each for each in zip(a._fields, a, b, strict=True) if each[0] != "units_differ"]
        return {name: new - old for name, old, new in numbers if old is not None and new is not None}

    def exceeded(self, bound: str) -> list[str]:
        """Which of the bounds (`"params=5%,macs=0"`) the second network is beyond; ValueError if one is not
        understood."""
        found = growths(bounds(bound), *self._found.numbers)
        return [each.bound.quantity for each in found if each.is_over]

    def convert(self, weights: Mapping[str, T]) -> dict[str, T]:
        """The first network's tensors (a `state_dict`, arrays by name) under the second one's names: those that fit.
        What has another shape or no place is left out."""
        tensors = self._found.tensors
        kept = set(tensors.kept)
        return {
            name if name in kept else tensors.renamed[name]: value
            for name, value in weights.items()
            if name in kept or name in tensors.renamed
        }

    def to_dict(self) -> dict[str, Any]:
        """By the schema of docs/diff.md."""
        from cnnspec.reports.difference.json import difference_record

        return difference_record(self._found)

    def to_json(self) -> str:
        return json.dumps(self.to_dict(), indent=2) + "\n"

    def to_markdown(self, every: bool = False) -> str:
        from cnnspec.reports.difference.markdown import difference_markdown

        return difference_markdown(self._found, (), every)

    def to_text(self, width: int = 120, every: bool = False) -> str:
        from cnnspec.reports.difference.text import difference_text

        return difference_text(self._found, (), Look(width=width), every)

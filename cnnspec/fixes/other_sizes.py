"""A text that its written size keeps from compiling, at other sizes: the nearest at which it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cnnspec.contract.channels import may_be_turned
from cnnspec.contract.values import Shape
from cnnspec.passes.sizes.nearby import far, near
from cnnspec.pipeline import Compiled, at_inputs, runs, written_shapes
from cnnspec.source.diagnostic import Diagnostic

MAY_BE_OF_SIZES = frozenset({"shape-mismatch", "shape-expectation", "require", "bad-argument", "different-reuse"})
"""The errors that another size may take away; with any other one a text is wrong at each."""
MOST_WORK = 40_000
"""Steps of networks that are expanded on the way, a second or two."""
BRIEF = 4_000
"""And so many where nobody asked, and sizes are but a hint: about a seventh of a second."""

Shapes = Mapping[str, Shape]


class Searched(NamedTuple):
    """`found` is the text where it works, `inputs` are its shapes there (None where no size was found); `tried` are the
    shapes that do not work. `lasting` is an error that is the same at each of these, so that no more were tried."""

    written: Shapes
    found: Compiled | None
    inputs: Shapes | None
    tried: tuple[Shapes, ...]
    lasting: Diagnostic | None = None


def other_sizes(compiled: Compiled, first: Shapes | None = None, most: int = MOST_WORK) -> Searched | None:
    """The text at the nearest size at which it compiles; `first` is one that somebody asked for. About `most` steps are
    expanded on the way. None where nothing is wrong with the size: some error is of another kind, or an argument is
    wrong at every size; no input has axes, or the channels stand last in it; or only what the file expects of its own
    size (`=> 64x56x56`) is not met."""
    if compiled.built is None or compiled.source is None or compiled.whole:
        return None
    written = written_shapes(compiled)
    if any(each.is_error and each.id not in MAY_BE_OF_SIZES for each in compiled.diagnostics):
        return None
    if all(len(each) == 1 for each in written.values()):
        return None
    here = at_inputs(compiled, written)
    if not any(each.is_error for each in here.diagnostics):
        return None
    return _Search(compiled, written, here, most).run(first)


class _Search:
    """What was tried, and how much work that was; `lasting` are the errors that stood in the same words each time."""

    def __init__(self, compiled: Compiled, written: Shapes, here: Compiled, most: int) -> None:
        self.compiled, self.written, self.here = compiled, written, here
        self.tried: list[Shapes] = []
        self.work, self.most = 0, most
        self.lasting = _errors(here)

    def run(self, first: Shapes | None) -> Searched | None:
        found = self._first_of([first] if first is not None and first != self.written else [])
        if found is None and works(self.here):
            found = self.here, self.written
        if found is not None:
            return self._searched(*found)
        turned = {name: may_be_turned(shape) or shape for name, shape in self.written.items()}
        if turned != self.written and self._first_of([turned]):
            return None
        samples = far(self.written)
        sample = self._first_of(samples)
        if sample is None and self.lasting:
            lasting = next(iter(self.lasting.values()))
            return self._searched(None, None, lasting) if lasting.id == "shape-mismatch" else None
        return self._searched(*(self._first_of(near(self.written)) or sample or (None, None)))

    def _first_of(self, shapes: Iterable[Shapes]) -> tuple[Compiled, Shapes] | None:
        """The first that works, as long as there is work left."""
        for each in shapes:
            if self.work >= self.most:
                return None
            other = at_inputs(self.compiled, each)
            self.work += len(other.built.graph.nodes) if other.built else 1
            if works(other):
                return other, each
            self.tried.append(each)
            told = _errors(other)
            self.lasting = {key: error for key, error in self.lasting.items() if key in told}
        return None

    def _searched(self, found: Compiled | None, inputs: Shapes | None, lasting: Diagnostic | None = None) -> Searched:
        return Searched(self.written, found, inputs, tuple(self.tried), lasting)


def works(compiled: Compiled) -> bool:
    """Whether all runs at inference; an auxiliary head may not take the size, as it is not there then."""
    errors = [each for each in compiled.diagnostics if each.is_error]
    return runs(compiled) and all(each.id == "shape-mismatch" for each in errors)


def _errors(compiled: Compiled) -> dict[object, Diagnostic]:
    """By what they say and where."""
    found: dict[object, Diagnostic] = {}
    for each in compiled.diagnostics:
        if each.is_error and each.label:
            span = each.label.span
            found[each.id, each.message, span.source.name, span.start, span.end] = each
    return found

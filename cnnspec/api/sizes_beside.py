"""The sizes of a text that does not compile at its written one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.api.sizes import Sizes
from cnnspec.contract.values import Shape
from cnnspec.fixes.other_sizes import BRIEF, Searched, other_sizes
from cnnspec.passes.sizes.nearby import of_one_size
from cnnspec.pipeline import Compiled, at_inputs, sizes_of
from cnnspec.reports.findings.json import diagnostic_record
from cnnspec.reports.sizes.trial import Tried
from cnnspec.source.diagnostic import Diagnostic

if TYPE_CHECKING:
    from cnnspec.ir.graph import Node
    from cnnspec.reports.look import Look


def sizes_beside(compiled: Compiled, asked: Mapping[str, Shape] | None = None) -> SizesBeside | None:
    """The sizes of a text with errors, taken from the nearest one at which it compiles, or from the one that is asked
    about if it does there. None where no size is to blame."""
    searched = other_sizes(compiled, asked)
    return SizesBeside(compiled, searched) if searched else None


def sizes_hint(compiled: Compiled, look: Look) -> str:
    """Where a text works whose size alone is to blame, in a line; nothing if none is found in a moment."""
    from cnnspec.reports.sizes.beside import hint

    searched = other_sizes(compiled, most=BRIEF)
    if searched is None or searched.found is None or searched.inputs in (None, searched.written):
        return ""
    found = searched.found
    assert found.built is not None, "it compiles there"
    if sizes_of(found, search=False) is None:
        return hint(found.built.graph, None, searched.inputs, None, look)
    beside = SizesBeside(compiled, searched)
    assert beside.sizes is not None, "there is a size at which it works"
    return hint(found.built.graph, beside.sizes.answer, beside.written.beside, beside.weights, look)


class SizesBeside:
    """`sizes` are the sets, None if no size was found that works; `weights` is a step whose weights are of one size, so
    that the sets are for those of the size that was found."""

    def __init__(self, compiled: Compiled, searched: Searched) -> None:
        self._compiled, self.searched = compiled, searched
        self.errors = tuple(each for each in compiled.diagnostics if each.is_error)
        found = searched.found
        self.sizes = Sizes(found, searched.written) if found else None
        self.weights: Node | None = None
        if found and found.built:
            self.weights = of_one_size(found.built.graph, found.built.shapes)

    @property
    def written(self) -> Tried:
        """The written size, with what works beside it."""
        return self._beside(self.searched.written, self.errors)

    def trial(self, asked: Mapping[str, Shape]) -> Tried:
        """One size, tried."""
        if asked == self.searched.written:
            return self.written
        if self.sizes is None:
            errors = (each for each in at_inputs(self._compiled, asked).diagnostics if each.is_error)
            return Tried(asked, {}, tuple(errors), {}, {}, {})
        tried = self.sizes.trial(asked)
        return self._beside(asked, tried.because) if tried.because else tried

    def _beside(self, asked: Mapping[str, Shape], because: tuple[Diagnostic, ...]) -> Tried:
        """Where ties leave open what is nearest, it is the size that was found."""
        tried = Tried(asked, {}, because, {}, {}, {})
        if self.sizes is None or self.searched.inputs is None or self.takes_written:
            return tried
        tried = self.sizes.beside(tried)
        return tried if tried.beside else tried._replace(beside=self.searched.inputs)

    @property
    def _how(self) -> str:
        return "as asked" if self._compiled.options.inputs else "as written"

    @property
    def takes_written(self) -> bool:
        """Whether what runs at inference takes the written size: only an auxiliary head does not."""
        return self.searched.inputs == self.searched.written

    def to_text(self, look: Look) -> str:
        """What `cnnspec sizes` prints below the errors."""
        from cnnspec.reports.sizes.beside import beside_text

        if self.sizes is None:
            return self.none_text(look)
        told = self.sizes.to_text(look)
        return told + beside_text(
            self.written, self.sizes.answer, self.weights, look, takes_it=self.takes_written, how=self._how
        )

    def none_text(self, look: Look) -> str:
        """How far was searched, where nothing was found."""
        from cnnspec.reports.sizes.beside import none_text

        searched = self.searched
        return none_text(searched.written, searched.tried, searched.lasting, look, self._how)

    def to_dict(self) -> dict[str, Any]:
        """By docs/sizes.md."""
        from cnnspec.reports.sizes.beside import no_sizes
        from cnnspec.reports.sizes.trial import nearest_record

        built = self._compiled.built
        assert built is not None, "there is a model"
        if self.sizes is None:
            return {**no_sizes(built.graph), **self.found_record()}
        return {**self.sizes.to_dict(), **nearest_record(self.written), **self.found_record()}

    def trial_dict(self, tried: Tried) -> dict[str, Any]:
        """By docs/sizes.md."""
        from cnnspec.reports.sizes.trial import trial_record

        because = [diagnostic_record(each) for each in tried.because]
        return {**trial_record(tried, because), **self.found_record()}

    def found_record(self) -> dict[str, Any]:
        """The fields that only a text with errors has."""
        searched = self.searched
        return {
            "written": {name: list(shape) for name, shape in searched.written.items()},
            "errors": [diagnostic_record(each) for each in self.errors],
            "found": {name: list(shape) for name, shape in searched.inputs.items()} if searched.inputs else None,
            "tried": len(searched.tried),
            "weights": self.weights.id if self.weights else None,
        }

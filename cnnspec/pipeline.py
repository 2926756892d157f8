"""The whole road on one page: read, parse, build, analyse. Each stage gives what it could make and a list of troubles."""

from functools import cached_property

from cnnspec.build.elaborate import Built, build
from cnnspec.build.options import Options
from cnnspec.files import read_source, relatives
from cnnspec.passes.analysis import Analysis, analyse
from cnnspec.source.diagnostic import Diagnostic, in_order
from cnnspec.source.text import Source
from cnnspec.syntax.parse import parse


class Compiled:
    """One model of one text, checked. `built` is None where the text holds no model that could be built."""

    def __init__(self, source: Source, built: Built | None, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.source = source
        self.built = built
        self.diagnostics = diagnostics

    @property
    def ok(self) -> bool:
        """No error was found (there may be warnings)."""
        return self.built is not None and not any(each.is_error for each in self.diagnostics)

    @cached_property
    def analysis(self) -> Analysis:
        """Every number of the network; partial where a step was refused."""
        assert self.built is not None, "there is no model to analyse"
        return analyse(self.built.graph, self.built.shapes)

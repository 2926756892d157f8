"""Where a step stands in its text: in which chain, in what around it; found by its span."""

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse


class Site(NamedTuple):
    """A step, the chain that it is part of and its place there; `outer` is the step whose body or parentheses hold the
    chain, None in the body of a definition itself; `owner` is that definition."""

    step: tree.Step
    chain: tree.Chain
    place: int
    outer: "Site | None"
    owner: tree.Block | tree.Model

    @property
    def around(self) -> Iterator["Site"]:
        """This step and those that hold it, outwards."""
        at: Site | None = self
        while at is not None:
            yield at
            at = at.outer


class Sites:
    """The steps of sources, each source read when it is first asked about."""

    def __init__(self) -> None:
        self._steps: dict[Source, dict[tuple[int, int], Site]] = {}
        self._chains: dict[Source, dict[tuple[int, int], Site]] = {}

    def step(self, core: Span) -> Site | None:
        """The step whose core (the step without label, repeat and `=>`) has this span."""
        self._read(core.source)
        return self._steps[core.source].get((core.start, core.end))

    def chain_end(self, line: Span) -> Site | None:
        """The last step of the line or branch that has this span."""
        self._read(line.source)
        return self._chains[line.source].get((line.start, line.end))

    def around(self, place: Span) -> Site | None:
        """The innermost step that a place stands in, its label, repeat and `=>` included."""
        self._read(place.source)
        found = None
        for each in self._steps[place.source].values():  # what holds others comes before them
            if each.step.span.start <= place.start < each.step.span.end:
                found = each
        return found

    def _read(self, source: Source) -> None:
        if source in self._steps:
            return
        self._steps[source], self._chains[source] = {}, {}
        for item in parse(source)[0].items:
            if isinstance(item, (tree.Block, tree.Model)):
                self._body(item.body, None, item)

    def _body(self, body: tree.Body, outer: Site | None, owner: tree.Block | tree.Model) -> None:
        for line in body.lines:
            if isinstance(line, tree.Chain):
                self._chain(line, outer, owner)
            elif isinstance(line, (tree.Output, tree.Aux)):
                self._chain(line.chain, outer, owner)

    def _chain(self, chain: tree.Chain, outer: Site | None, owner: tree.Block | tree.Model) -> None:
        for place, step in enumerate(chain.steps):
            site = Site(step, chain, place, outer, owner)
            source = step.span.source
            self._steps[source][step.core.span.start, step.core.span.end] = site
            self._chains[source][chain.span.start, chain.span.end] = site
            self._core(step.core, site, owner)

    def _core(self, core: tree.Core, site: Site, owner: tree.Block | tree.Model) -> None:
        match core:
            case tree.Apply(_, _, body, _) if body is not None:
                self._body(body, site, owner)
            case tree.Braces(_, body, _) | tree.Loop(_, _, _, body, _):
                self._body(body, site, owner)
            case tree.Group(chain, _):
                self._chain(chain, site, owner)
            case tree.Cond():
                self._cond(core, site, owner)

    def _cond(self, cond: tree.Cond, site: Site, owner: tree.Block | tree.Model) -> None:
        self._body(cond.then, site, owner)
        if isinstance(cond.other, tree.Cond):
            self._cond(cond.other, site, owner)
        elif cond.other is not None:
            self._body(cond.other, site, owner)

"""Which sizes a network takes, and why it takes one or not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cnnspec.build.likely import likely
from cnnspec.contract.values import Shape, dress
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.sizes.nearest import fits, nearest_of_all, nearest_of_axis, nearest_square
from cnnspec.passes.sizes.walk import Refused, inputs_behind, refusals
from cnnspec.passes.sizes.ways import same_weights
from cnnspec.pipeline import Compiled, at_inputs, network_of, sizes_of, written_shapes
from cnnspec.reports.numbers import counted
from cnnspec.reports.sizes.trial import Tried
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.text import Span

if TYPE_CHECKING:
    from cnnspec.build.elaborate import Built
    from cnnspec.reports.look import Look


class Sizes:
    """The sizes of its inputs that a network takes with the same weights. As text it says them; `size in sizes` for a
    network of one input takes a shape, `(3, 224, 224)`. `written` are the shapes in the text, where those that it was
    compiled with are others."""

    def __init__(self, compiled: Compiled, written: Mapping[str, Shape] | None = None) -> None:
        answer = sizes_of(compiled)
        assert compiled.built is not None
        assert answer is not None, "what is not proved is searched"
        self._compiled, self._built, self.answer = compiled, compiled.built, answer
        self.written = written or written_shapes(compiled)

    @property
    def graph(self) -> Graph:
        return self._built.graph

    @property
    def proved(self) -> bool:
        """Whether these are all sizes, exactly; else more may work than are told."""
        return self.answer.proved

    def __contains__(self, shape: object) -> bool:
        inputs = self.graph.inputs
        if len(inputs) != 1:
            raise TypeError("the model has several inputs: `sizes.works({'left': (1, 64, 64)})`")
        return isinstance(shape, tuple) and self.works({next(iter(inputs)): shape})

    def works(self, inputs: Mapping[str, Shape]) -> bool:
        """Whether the network takes these shapes (channels first, without the batch); inputs that are not named are as
        they are written. What is not proved is tried. ValueError as for `trial`."""
        if self.proved:
            asked = self.asked(inputs)
            sizes = {name: asked[name.input][name.axis] for name in self.answer.written}
            return self.answer.takes(sizes)
        return not self.trial(inputs).because

    def asked(self, inputs: Mapping[str, Shape]) -> dict[str, Shape]:
        """All inputs, with these shapes in place of the written ones. ValueError for an input that there is not, and
        for another number of axes or of channels."""
        return asked_of(self.written, inputs)

    def trial(self, inputs: Mapping[str, Shape]) -> Tried:
        """Tries one size, step by step. ValueError where these are no shapes for the inputs."""
        asked = self.asked(inputs)
        built, because = self._at(asked)
        outputs: dict[str, Shape] = {}
        if built is not None and not because:
            outputs = _outputs(built, asked)
        return self.beside(Tried(asked, outputs, because, {}, {}, {}))

    def beside(self, tried: Tried) -> Tried:
        """With what works beside it, where it does not."""
        answer, asked = self.answer, tried.inputs
        sizes = {name: asked[name.input][name.axis] for name in answer.written}
        unfit = [input for input in answer.products if tried.because and not fits(answer, input, sizes)]
        unfit = unfit or (list(answer.products) if tried.because else [])
        own = {input: [name for name in sizes if name.input == input] for input in unfit}
        beside = {input: nearest_of_all(answer, input, sizes) for input in unfit}
        return tried._replace(
            nearest={name: nearest_of_axis(answer, name, sizes) for names in own.values() for name in names},
            square={input: nearest_square(answer, input, sizes) for input, names in own.items() if len(names) > 1},
            beside={input: (asked[input][0], *each.values()) for input, each in beside.items() if each},
        )

    def _at(self, asked: Mapping[str, Shape]) -> tuple[Built | None, tuple[Diagnostic, ...]]:
        """The network there, and what is in the way. Where it is known that nothing is, what an auxiliary head has
        against the size is no matter."""
        if not self._built.decisions and self._is_the_same_for_all():
            found = tuple(_told_of(self.graph, self._built.shapes, asked))
            return (None, found) if found else (self._built, ())
        sizes = {name: asked[name.input][name.axis] for name in self.answer.written}
        takes = self.proved and self.answer.takes(sizes)
        other = at_inputs(self._compiled, asked)
        errors = tuple(each for each in other.diagnostics if each.is_error)
        if takes and other.built is not None:
            return other.built, ()
        if other.built is None or errors:
            return None, errors
        if same_weights(network_of(self._built), network_of(other.built)):
            return other.built, ()
        message = "the text makes another network of it, with other weights"
        start = Label(Span(self._compiled.source, 0, 0)) if self._compiled.source else None
        return None, (Diagnostic("shape-mismatch", Severity.ERROR, message, start),)

    def _is_the_same_for_all(self) -> bool:
        """Whether the text comes out alike for every size: proved, and on one way."""
        return not self._built.sizes_used or self.proved

    def to_dict(self) -> dict[str, Any]:
        """By docs/sizes.md."""
        from cnnspec.reports.sizes.sets import sizes_record

        return sizes_record(self.graph, self.answer)

    def to_text(self, look: Look | None = None) -> str:
        """What `cnnspec sizes` prints."""
        from cnnspec.reports.look import Look as Plain
        from cnnspec.reports.sizes.sets import sizes_text

        return sizes_text(self.graph, self.answer, look or Plain(), self.written)

    def __str__(self) -> str:
        from cnnspec.reports.look import Look as Plain
        from cnnspec.reports.sizes.sets import sizes_said

        return sizes_said(self.graph, self.answer, Plain())

    def __repr__(self) -> str:
        return f"<cnnspec.Sizes of {self.graph.name}: {self}>"


def asked_of(written: Mapping[str, Shape], inputs: Mapping[str, Shape]) -> dict[str, Shape]:
    """The written shapes with others in place of some. ValueError as for `Sizes.asked`."""
    whole = dict(written)
    for name, shape in inputs.items():
        if name not in whole:
            raise ValueError(f"the model has no input `{name}`; its inputs are {', '.join(whole)}")
        here = whole[name]
        if len(shape) != len(here) or shape[0] != here[0] or min(shape) < 1:
            what = counted(here[0], "value")
            if len(here) > 1:
                what = f"{counted(here[0], 'channel')} and {_axes(here)}"
            meant = likely(shape, here)
            named = f"{name}=" if len(written) > 1 else ""
            help = f": try {named}{dress((here[0], *meant[1:]))}" if meant else ""
            raise ValueError(f"`{name}` has {what}, as in {dress(here)}, not {dress(shape)}{help}")
        whole[name] = shape
    return whole


def _axes(shape: Shape) -> str:
    return "1 axis" if len(shape) == 2 else f"{len(shape) - 1} axes"


def _outputs(built: Built, asked: Mapping[str, Shape]) -> dict[str, Shape]:
    shapes: dict[str, Shape] = dict(asked)
    for node in built.graph:
        if node.id in built.graph.running and node.id not in shapes:
            shapes[node.id] = node.layer.infer(tuple(shapes[each] for each in node.inputs))
    return {name: shapes[id] for name, id in built.graph.outputs.items()}


def _told_of(graph: Graph, shapes: ShapeTable, asked: Mapping[str, Shape]) -> Iterator[Diagnostic]:
    """Why each input is refused, by the first step; of several the ones that are to blame are named."""
    told = set[str]()
    for each in refusals(graph, shapes, asked):
        behind = inputs_behind(graph, each.node)
        if behind <= told:
            continue
        told |= behind
        found = _told(each)
        if len(behind) < len(asked):
            named = ", ".join(f"`{name}` is {dress(asked[name])}" for name in asked if name in behind)
            found = found._replace(message=f"{found.message} ({named})")
        yield found


def _told(found: Refused) -> Diagnostic:
    """Why a step cannot be, at its place in the text."""
    node, error = found.node, found.error
    if error is not None:
        notes = error.notes or found.worked
        return Diagnostic(
            error.id, Severity.ERROR, error.message, Label(node.span, error.label), notes=notes, trace=node.trace
        )
    needed, owned = (dress(each.shape) if each else "no" for each in (found.needed, found.owned))
    whose = f"`{found.needed.name}`" if found.needed else "its weights"
    message = f"`{node.id}` would need {needed} numbers in {whose}, and it has {owned}"
    label = Label(node.span, "the weights are for another size")
    return Diagnostic("shape-mismatch", Severity.ERROR, message, label, notes=found.worked, trace=node.trace)

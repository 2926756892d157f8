"""The whole road on one page: read, parse, build, analyse.

Each stage gives what it could make and a list of troubles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.build.elaborate import Built, build
from cnnspec.build.modules import Parsed
from cnnspec.build.options import PLAIN, Options
from cnnspec.collector import collector_paused
from cnnspec.contract.register import words
from cnnspec.contract.values import Shape
from cnnspec.files import Library, read_source
from cnnspec.ir.graph import Graph, Unknown
from cnnspec.passes.analysis import Analysis, analyse
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.quantities import quantities
from cnnspec.reading import Refusal
from cnnspec.source.diagnostic import Diagnostic, in_order
from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree
from cnnspec.syntax.limits import SyntaxLimits
from cnnspec.syntax.parse import parse

if TYPE_CHECKING:
    from cnnspec.build.budgets import Kept
    from cnnspec.ir.account import Account
    from cnnspec.passes.sizes.answer import Answer
    from cnnspec.passes.sizes.valid import Expand, Network

Expansion = Callable[[Mapping[str, Shape]], tuple[Graph, ShapeTable] | None]
"""The network of a text for inputs of other shapes; None where the text refuses them."""


class Trees(NamedTuple):
    """The text as it was read, and the files that it uses itself, by the paths that it calls them by."""

    file: tree.File
    uses: Mapping[str, tree.File]


class Compiled:
    """One model of one text, checked. `built` is None where the text holds no model that could be built; `options` are
    those it was built with, `used` the files that it read besides, and `library` where they came from."""

    def __init__(
        self,
        source: Source | None,
        built: Built | None,
        diagnostics: tuple[Diagnostic, ...],
        options: Options = PLAIN,
        used: tuple[Source, ...] = (),
        trees: Trees | None = None,
        library: Library | None = None,
    ) -> None:
        self.source = source
        self.built = built
        self.diagnostics = in_order(diagnostics)
        self.options = options
        self.used = used
        self.trees = trees
        self.library = library
        self.only_budgets = False
        """Whether what is wrong, if anything is, are conditions on the finished model alone."""
        self.kept: tuple[Kept, ...] = ()
        """Bounds on the finished model that hold."""

    def with_built(self, built: Built) -> Compiled:
        """The same text with a model that was changed since: another recipe, what pictures are like."""
        other = copy(self)
        other.__dict__.pop("analysis", None)
        other.built = built
        return other

    def telling(self, diagnostics: tuple[Diagnostic, ...], first: tuple[Diagnostic, ...] = ()) -> Compiled:
        """The same with other findings; what is to be told `first` stands before those in order."""
        other = copy(self)
        other.diagnostics = (*first, *in_order(diagnostics))
        return other

    @property
    def ok(self) -> bool:
        """No error was found (there may be warnings)."""
        return self.built is not None and not any(each.is_error for each in self.diagnostics)

    @property
    def whole(self) -> bool:
        """The network is all there, and can be asked about; the only errors that there may be are those of its budgets
        (`require params <= 12M`)."""
        return self.only_budgets or self.ok

    @cached_property
    def analysis(self) -> Analysis:
        """Every number of the network; partial where a step was refused."""
        assert self.built is not None, "there is no model to analyse"
        with collector_paused():
            return analyse(self.built.graph, self.built.shapes)


def compile_file(name: str, options: Options = PLAIN) -> Compiled:
    """The network under a path, `-` (standard input) or `zoo:NAME`."""
    source = read_source(name, options.limits)
    if isinstance(source, Diagnostic):
        return Compiled(None, None, (source,))
    return compile_source(source, options)


def compile_each(name: str, options: Options = PLAIN) -> tuple[Compiled, ...]:
    """Every model of a file, for a check of them all; only the chosen one if the options choose."""
    source = read_source(name, options.limits)
    if isinstance(source, Diagnostic):
        return (Compiled(None, None, (source,)),)
    return compile_models(source, options)


def compile_models(source: Source, options: Options = PLAIN, library: Library | None = None) -> tuple[Compiled, ...]:
    """Every model of a text; only the chosen one if the options choose."""
    first = compile_source(source, options, library)
    if options.model is not None or not any(each.id == "unknown-model" for each in first.diagnostics):
        return (first,)
    items = parse(source, options.limits.syntax)[0].items
    models = dict.fromkeys(item.name.name for item in items if isinstance(item, tree.Model))
    found, told = [], set[Diagnostic]()
    for model in models:
        one = compile_source(source, options._replace(model=model), library)
        found.append(one.telling(tuple(each for each in one.diagnostics if each not in told)))
        told.update(one.diagnostics)
    return tuple(found)


def compile_source(source: Source, options: Options = PLAIN, library: Library | None = None) -> Compiled:
    """The network in a text; files that it uses come from the library, else from beside the file that bears the
    source's name."""
    with collector_paused():
        compiled = _compiled(source, options, library or Library(source.name, options.limits))
        return _within_budget(compiled) if compiled.ok else compiled


def expansion(compiled: Compiled) -> Expansion | None:
    """How the text comes out for inputs of other shapes; None where it asks for no shape (`in.h`): its steps are the
    same for all. Conditions on the finished model are about the file's own numbers, and not asked there."""
    source, built = compiled.source, compiled.built
    if source is None or built is None or not built.reads_shapes:
        return None

    def expand(inputs: Mapping[str, Shape]) -> tuple[Graph, ShapeTable] | None:
        other = at_inputs(compiled, inputs)
        return (other.built.graph, other.built.shapes) if other.ok and other.built else None

    return expand


def network_of(built: Built) -> Network:
    """What the pass over all sizes asks for."""
    from cnnspec.ir.decisions import Asked, Read
    from cnnspec.passes.sizes.valid import Network

    return Network(
        built.graph, built.shapes, Asked(built.decisions, frozenset(Read(*each) for each in built.sizes_used))
    )


def sizes_of(compiled: Compiled, *, search: bool = True) -> Answer | None:
    """Which sizes the network takes with the same weights; without `search`, None where that is not proved."""
    from cnnspec.passes.sizes.answer import answer

    assert compiled.built is not None, "there is no model"
    with collector_paused():
        return answer(network_of(compiled.built), asked_again(compiled), search=search)


def asked_again(compiled: Compiled) -> Expand | None:
    """How the text comes out for inputs of other shapes; None where its steps are the same for all."""
    source, built = compiled.source, compiled.built
    if source is None or built is None or not (built.decisions or built.sizes_used):
        return None

    def expand(inputs: Mapping[str, Shape]) -> Network | None:
        other = at_inputs(compiled, inputs)
        return network_of(other.built) if other.built and runs(other) else None

    return expand


def runs(compiled: Compiled) -> bool:
    """Whether all that must be there is; an auxiliary head may be refused, as it is not there at inference."""
    built = compiled.built
    if built is None:
        return False
    graph = built.graph
    known = all(built.shapes[id] is not None and not isinstance(graph.nodes[id].layer, Unknown) for id in graph.checked)
    return known and not any(each.is_error and each.id == "require" for each in compiled.diagnostics)


def written_shapes(compiled: Compiled) -> dict[str, Shape]:
    """The inputs as they are written, by name."""
    assert compiled.built is not None, "there is a model"
    return {id: node.layer.infer(()) for id, node in compiled.built.graph.inputs.items()}


def at_inputs(compiled: Compiled, inputs: Mapping[str, Shape]) -> Compiled:
    """The same text for inputs of these shapes; conditions on the finished model are not asked there."""
    assert compiled.source is not None, "there is no text"
    asked: dict[str | None, Shape] = dict(inputs.items())
    options = compiled.options._replace(inputs=asked, searched=True)
    library = compiled.library or Library(compiled.source.name, options.limits)
    with collector_paused():
        return _compiled(compiled.source, options, library)


def _compiled(source: Source, options: Options, library: Library) -> Compiled:
    limits = options.limits.syntax
    uses: dict[str, tree.File] = {}

    def use(path: str, by: Source) -> Parsed | Refusal:
        found = library.read(path, by)
        if isinstance(found, Refusal):
            return found
        parsed = Parsed(*_read(found, limits))
        if by is source:
            uses[path] = parsed.file
        return parsed

    file, troubles = _read(source, limits)

    def build_with(options: Options) -> tuple[Built | None, tuple[Diagnostic, ...]]:
        return build(file, options, words(), use, library.read)

    built, more = build_with(options)
    if more and options.parameters:
        from cnnspec.build.unfit_words import without_unfit_words

        built, more = without_unfit_words((built, more), file, options, build_with)
    if troubles and more:
        troubles = tuple(each for each in troubles if not _is_rewritten(each, more) and not _is_bound_of(each, more))
    return Compiled(source, built, (*troubles, *more), options, library.sources, Trees(file, uses), library)


def _is_rewritten(trouble: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    """Whether fixes of other findings write anew all that its own fix would touch: then it is told with those."""
    edits = [edit.span for each in found if each.fix for edit in each.fix.edits]
    own = [edit.span for edit in trouble.fix.edits] if trouble.fix else []
    return bool(own) and all(any(_is_inside(each, other) for other in edits) for each in own)


def _is_bound_of(trouble: Diagnostic, found: Sequence[Diagnostic]) -> bool:
    """Whether a number without meaning bounds what nobody knows either: of `require latency <= 5ms` the name is told,
    and what there is in its place."""
    if trouble.id != "malformed-number" or trouble.fix or trouble.label is None:
        return False
    span = trouble.label.span
    names = (each.label.span for each in found if each.id == "unknown-name" and not each.fix and each.label)
    return any(each.source is span.source and each.end < span.start and each.line == span.line for each in names)


def _is_inside(part: Span, whole: Span) -> bool:
    return part.source is whole.source and whole.start < part.start and part.end <= whole.end


def _read(source: Source, limits: SyntaxLimits) -> tuple[tree.File, tuple[Diagnostic, ...]]:
    """The tree of a text and what is wrong with its syntax; lines with a mistake are read as they were likely meant."""
    file, troubles = parse(source, limits)
    if troubles:
        from cnnspec.syntax.as_meant import as_meant

        file = as_meant(file, troubles, limits)
    return file, troubles


def _within_budget(compiled: Compiled) -> Compiled:
    """The same with what there is to say of conditions on the finished model (`require params <= 12M`)."""
    built = compiled.built
    if built is None or built.budgets is None:
        return compiled

    def accounts(quantity: str) -> Account:
        from cnnspec.passes.accounts import account

        return account(quantity, built.graph, built.shapes, compiled.analysis)

    found, kept = built.budgets(quantities(built.graph, built.shapes, compiled.analysis), accounts)
    told = compiled.telling((*compiled.diagnostics, *found))
    told.only_budgets, told.kept = True, kept
    return told

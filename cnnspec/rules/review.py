"""What the lints have to say of a text and its models: each told once, and only what is selected and not allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from types import ModuleType

from cnnspec.collector import collector_paused
from cnnspec.contract.register import words
from cnnspec.files import Library
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.rules.allow import Allowances
from cnnspec.rules.catalogue import is_lint, module_of
from cnnspec.rules.lints.unused_allow import RULE as UNUSED
from cnnspec.rules.network import Network
from cnnspec.rules.selection import EVERYTHING_USUAL, Selection
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from cnnspec.syntax import tree


def reviewed(
    models: Sequence[Compiled], selection: Selection = EVERYTHING_USUAL, library: Library | None = None
) -> tuple[Compiled, ...]:
    """The models of one text with what the lints find; fixes are tried before they are told. A text with errors is left
    as it is: what is to be said of it would follow from these.

    `library` is where the text's files came from, if that is not the disk.
    """
    source = models[0].source
    if source is None or _has_errors(models):
        return tuple(models)
    with collector_paused():
        results = _found(models, selection)

    def look(mended: Source) -> list[Diagnostic] | None:
        again = compile_models(mended, models[0].options._replace(model=asked), library)
        return None if _has_errors(again) else [each for found in _found(again, selection) for each in found]

    asked = models[0].options.model if len(models) == 1 else None
    whole = [each for found in results for each in found]
    if any(each.fix is not None for each in whole):
        from cnnspec.rules.tried import with_tried_fixes  # most checks have nothing to try

        whole = with_tried_fixes(whole, source, look)
    told = []
    for one, found in zip(models, results, strict=True):
        always = (each for each in one.diagnostics if not is_lint(each.id))
        told.append(one.telling((*always, *whole[: len(found)])))
        whole = whole[len(found) :]
    return tuple(told)


def _has_errors(models: Sequence[Compiled]) -> bool:
    return any(each.is_error for one in models for each in one.diagnostics)


def _found(models: Sequence[Compiled], selection: Selection) -> list[list[Diagnostic]]:
    """What there is to say, by model, with what the build found; what is of the text alone stands with the first."""
    active = selection.active()
    modules = [module_of(id) for id in active]
    text = _text(models[0])
    allowed = Allowances(_sources(models))
    told = _Told()
    results: list[list[Diagnostic]] = []
    for place, one in enumerate(models):
        found = [each for each in one.diagnostics if is_lint(each.id) and each.id in active]
        found += [] if place else [*_in_text(modules, text), *(each for each in allowed.bad if each.id in active)]
        found += _in_network(modules, one, text)
        results.append(told.first([each for each in found if not allowed.silence(each)]))
    if UNUSED.id in active:
        results[0] += allowed.unused(text.source, active)
    return [told.counted(found) for found in results]


def _sources(models: Sequence[Compiled]) -> Iterable[Source]:
    """The text and every text that it uses."""
    return dict.fromkeys(each for one in models for each in (one.source, *one.used) if each is not None)


def _text(one: Compiled) -> Text:
    assert one.trees is not None, "what was read has a tree"
    used = {
        path: tuple(item.name.name for item in file.items if isinstance(item, tree.Block))
        for path, file in one.trees.uses.items()
    }
    return Text(one.trees.file, words(), used)


def _in_text(modules: list[ModuleType], text: Text) -> Iterator[Diagnostic]:
    for each in modules:
        if look := getattr(each, "in_text", None):
            yield from look(text)


def _in_network(modules: list[ModuleType], one: Compiled, text: Text) -> Iterator[Diagnostic]:
    if one.built is None:
        return
    own = not one.options.parameters and not one.options.inputs
    net = Network(one.built.graph, one.built.shapes, one.built.labels, one.built.recipe, own)
    for each in modules:
        if look := getattr(each, "in_network", None):
            yield from look(net, text)


class _Told:
    """What was told already: a finding at one place of the text is told once, however many uses a block has."""

    def __init__(self) -> None:
        self._uses: dict[tuple[str, str, int, int], set[str]] = {}

    def first(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """Those that are met for the first time."""
        new = []
        for each in found:
            key = _key(each)
            if key not in self._uses:
                new.append(each)
            self._uses.setdefault(key, set()).add(each.trace[-1].path if each.trace else "")
        return new

    def counted(self, found: list[Diagnostic]) -> list[Diagnostic]:
        """With the number of further uses of the block that the same was found in."""
        return [self._counted(each) for each in found]

    def _counted(self, each: Diagnostic) -> Diagnostic:
        more = len(self._uses.get(_key(each), ())) - 1
        if more < 1:
            return each
        uses = "one more use" if more == 1 else f"{more:,} more uses"
        return each._replace(notes=(*each.notes, f"the same in {uses} of this block"))


def _key(found: Diagnostic) -> tuple[str, str, int, int]:
    assert found.label is not None, "a lint points at its place"
    span = found.label.span
    return found.id, span.source.name, span.start, span.end

"""A value that has another shape than its `=>` says: the arguments that give that shape, or the shape that it has."""

from collections.abc import Iterator

from cnnspec.build.chains import way_to
from cnnspec.build.failures import WrongShape
from cnnspec.contract.values import Shape, dress
from cnnspec.fixes import writing
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.sites import Site
from cnnspec.fixes.tuning import tunings
from cnnspec.ir.graph import Node
from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Span
from cnnspec.syntax import tree

MOST_TUNED = 6
"""Layers before the value that are given other arguments."""


def expectation_candidates(case: Case, failure: WrongShape) -> Iterator[Candidate]:
    """The arguments first: where the shape that is was right, the next `=>` speaks against them."""
    shape = case.shapes[failure.value]
    assert shape is not None, "only a known shape can be another one"
    dims = failure.expect.dims
    way = way_to(failure.value, case.nodes)
    yield from _as_a_whole(case, failure)
    if len(dims) == len(shape):
        yield from _of_the_use(case, failure, shape, dims, by_place=True)
        yield from _tuned(case, failure, way, dims)
        yield from _of_the_use(case, failure, shape, dims)
    span = failure.expect.span
    start = span.start + len(span.text) - len(span.text.removeprefix("=>").lstrip())
    title = f"expect the shape that it has, {dress(shape)}"
    yield Candidate(title, (Edit(Span(span.source, start, span.end), dress(shape)),), "expectation")


def _as_a_whole(case: Case, failure: WrongShape) -> Iterator[Candidate]:
    """A stride that only the first of several copies has, and the value itself beside a lone branch."""
    span = failure.expect.span
    place = case.sites.around(Span(span.source, span.end - 1, span.end))
    core = place.step.core if place else None
    if place is None or not isinstance(core, tree.Apply):
        return
    stride = next((each for each in core.args if each.slash), None)
    times = place.step.repeat.value if isinstance(place.step.repeat, tree.Number) else 1
    if stride is not None and isinstance(times, int) and times > 1 and place.step.label is None:
        plain = " ".join((core.word.span.text, *(each.span.text for each in core.args if each is not stride)))
        text = f"{core.span.text} -> {plain} x{times - 1}" if times > 2 else f"{core.span.text} -> {plain}"
        whole = core.span.to(place.step.repeat.span) if place.step.repeat else core.span
        yield Candidate(f"`{stride.span.text}` in the first copy alone: `{text}`", (Edit(whole, text),), "repeat")
    if core.body is not None and len(core.body.lines) == 1:
        start = core.body.lines[0].span.start
        edit = Edit(Span(span.source, start, start), "id | ")
        yield Candidate("the value itself is a branch, too: `id`", (edit,), "branch")


def is_as_expected(shape: Shape | None, dims: tuple[int | None, ...]) -> bool:
    same_rank = shape is not None and len(shape) == len(dims)
    return same_rank and all(want in (None, is_) for want, is_ in zip(dims, shape or (), strict=True))


def _tuned(case: Case, failure: WrongShape, way: list[str], dims: tuple[int | None, ...]) -> Iterator[Candidate]:
    """Other arguments of a layer that leads to the value, the nearest first."""
    layers = [id for id in reversed(way) if "kernel" in case.nodes[id].layer.fields][:MOST_TUNED]
    found: list[tuple[int, int, Candidate]] = []
    for far, id in enumerate(layers):
        node = case.nodes[id]
        for tuned in tunings(node.layer):
            if is_as_expected(case.replay.shape({id: tuned.layer}, failure.value), dims):
                for text, edit in case.tuned(node, tuned):
                    title = (
                        f"`{text}` makes it so" if edit.replacement else f"it is so without `{edit.span.text.strip()}`"
                    )
                    found.append((tuned.rank, far, Candidate(title, (edit,), tuned.field, tuned.rank in (1, 3))))
    yield from _channels(case, failure, layers, dims)
    yield from (each for _, _, each in sorted(found, key=lambda each: each[:2]))


def _channels(case: Case, failure: WrongShape, layers: list[str], dims: tuple[int | None, ...]) -> Iterator[Candidate]:
    """As many channels as are expected, from the layer that makes them."""
    wanted = dims[0]
    for id in layers:
        node: Node = case.nodes[id]
        if "channels" in node.layer.fields and wanted is not None:
            layer = type(node.layer)(**{**node.layer.arguments, "channels": wanted})
            if is_as_expected(case.replay.shape({id: layer}, failure.value), dims):
                for edit in case.written(node, node.layer, "channels", str(wanted)):
                    yield Candidate(f"{wanted} channels make it so", (edit,), "channels")
            return


def _of_the_use(
    case: Case, failure: WrongShape, shape: Shape, dims: tuple[int | None, ...], *, by_place: bool = False
) -> Iterator[Candidate]:
    """Where a block gives the value: its stride, or the number of its arguments that the channels follow. `by_place`:
    only a stride that may stand among them without its `/`."""
    for frame in case.nodes[failure.value].trace:
        use = case.sites.step(frame.span)
        if use is None or not isinstance(use.step.core, tree.Apply) or not use.step.span.end >= failure.expect.span.end:
            continue
        wanted = [is_ if want is None else want for is_, want in zip(shape, dims, strict=True)]
        if by_place:
            yield from _stride_by_place(use.step.core, shape, wanted)
        elif shape[1:] != tuple(wanted[1:]):
            yield from _stride(use, use.step.core, shape, wanted)
        elif shape[0] != wanted[0]:
            yield from _scaled(use.step.core, shape[0], wanted[0])


def _stride(use: Site, step: tree.Apply, shape: Shape, wanted: list[int]) -> Iterator[Candidate]:
    ratios = {-(-is_ // want) for is_, want in zip(shape[1:], wanted[1:], strict=True) if want > 0}
    arg = next((each for each in step.args if each.slash), None)
    if arg is not None and ratios == {1}:
        yield Candidate(f"it is so without `{arg.span.text}`", (writing.without(arg),), "stride")
    elif arg is None and len(ratios) == 1:
        yield Candidate(f"`/{max(ratios)}` makes it so", (writing.added(step, f"/{max(ratios)}"),), "stride")


def _stride_by_place(step: tree.Apply, shape: Shape, wanted: list[int]) -> Iterator[Candidate]:
    ratios = {-(-is_ // want) for is_, want in zip(shape[1:], wanted[1:], strict=True) if want > 0} - {1}
    plain = [each for each in reversed(step.args) if each.name is None and not each.slash]
    arg = next((each for each in plain if {each.value.span.text} == set(map(str, ratios))), None)
    if arg is not None and not any(each.slash for each in step.args):
        text = f"/{arg.value.span.text}"
        yield Candidate(f"`{text}` is a stride, `{arg.span.text}` is not", (Edit(arg.span, text),), "stride")


def _scaled(step: tree.Apply, is_: int, wanted: int) -> Iterator[Candidate]:
    for arg in step.args:
        value = arg.value.value if isinstance(arg.value, tree.Number) and not arg.slash else 0
        if isinstance(value, int) and value and (value * wanted) % is_ == 0:
            number = value * wanted // is_
            yield Candidate(f"`{number}` makes it so", (Edit(arg.value.span, str(number)),), "channels")

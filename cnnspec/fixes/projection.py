"""A shortcut that is brought to the shape of the branch beside it, as residual networks do it: a 1x1 layer of the kind
that the branch ends in, with its channels and stride in the block's own words, and what stands behind it there."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.build.chains import fork_of
from cnnspec.build.failures import RefusedStep
from cnnspec.contract.layer import Layer
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.sites import Site
from cnnspec.fixes.writing import argument, behind, is_id
from cnnspec.ir.graph import Node
from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Span
from cnnspec.syntax import tree

TITLE = "project the shortcut to the same shape"


class _Main(NamedTuple):
    """The branch that changes the shape: the layer that makes its channels, its step, the texts of channels and stride
    ("" without one), and the steps behind the layer that own weights."""

    layer: Layer
    step: tree.Apply
    channels: str
    stride: str
    tail: str


def projections(case: Case, failure: RefusedStep, places: tuple[int, int]) -> Iterator[Candidate]:
    """Projections of either branch to the other."""
    shapes = [case.shapes[failure.inputs[each]] or () for each in places]
    if len(shapes[0]) != len(shapes[1]) or len(shapes[0]) < 2 or max(places) >= len(failure.branches):
        return
    for main, short in (places, places[::-1]):
        have, want = (case.shapes[failure.inputs[each]] or () for each in (short, main))
        if any(w > h for h, w in zip(have[1:], want[1:], strict=True)):
            continue
        found = _main(case, failure, main, short)
        site = case.sites.chain_end(failure.branches[short])
        if found is not None and site is not None and not isinstance(site.step.core, tree.Loop):
            yield from _written(case, failure, found, site, short)


def _main(case: Case, failure: RefusedStep, main: int, short: int) -> _Main | None:
    """What the longer branch does, in its own words if they stand in the same definition as the merge."""
    one, other = failure.inputs[main], failure.inputs[short]
    way = [case.nodes[id] for id in fork_of(one, other, case.nodes, case.shapes).ways[0][1:]]
    last = next((i for i in reversed(range(len(way))) if {"kernel", "channels"} <= set(way[i].layer.fields)), None)
    merge, site = case.sites.step(failure.step.span), case.site(way[last]) if last is not None else None
    if last is None or merge is None or site is None or not isinstance(site.step.core, tree.Apply):
        return None
    strided = [node for node in way if _stride(node.layer) != 1]
    texts = [_argument(case, each, "stride", merge) for each in strided]
    channels = _argument(case, way[last], "channels", merge)
    tail = "".join(f" -> {text}" for node in way[last + 1 :] if (text := _owning(case, node, merge)))
    if channels is None or len(texts) > 1 or None in texts:
        have, want = (case.shapes[each] or () for each in (other, one))
        ratios = {-(-h // w) for h, w in zip(have[1:], want[1:], strict=True)}
        stride = "" if ratios == {1} else str(max(ratios))
        return _Main(way[last].layer, site.step.core, str(want[0]), stride, tail)
    return _Main(way[last].layer, site.step.core, channels, (texts[0] if texts else "") or "", tail)


def _owning(case: Case, node: Node, merge: Site) -> str | None:
    """The text of a step that owns weights; None of one whose arguments are another block's."""
    site = case.site(node)
    core = site.step.core if site else None
    if site is None or not isinstance(core, tree.Apply) or (core.args and site.owner is not merge.owner):
        return None
    operands = tuple(shape for each in node.inputs if (shape := case.shapes[each]) is not None)
    owns = len(operands) == len(node.inputs) and node.layer.weights(operands)  # what comes in may be hidden by an error
    return f"{node.layer.word}{core.span.text[len(core.word.name) :]}" if owns else None


def _stride(layer: Layer) -> object:
    """What a layer divides the extents by: 1, also for what has no window."""
    if "stride" not in layer.fields:
        return 1
    values = layer.arguments
    stride = values["kernel"] if values["stride"] is None else values["stride"]
    return 1 if isinstance(stride, tuple) and set(stride) == {1} else stride


def _argument(case: Case, node: Node, field: str, merge: Site) -> str | None:
    """The text of an argument, if it is written in the same definition as the merge."""
    site = case.site(node)
    if site is None or site.owner is not merge.owner or not isinstance(site.step.core, tree.Apply):
        return None
    found = argument(site.step.core, node.layer.fields, field)
    return found.value.span.text if found else None


def _written(case: Case, failure: RefusedStep, main: _Main, site: Site, short: int) -> Iterator[Candidate]:
    rank = len(case.shapes[failure.inputs[short]] or ()) - 1
    one = "x".join("1" * rank)
    stride = "" if not main.stride else f" /({main.stride})" if " " in main.stride else f" /{main.stride}"
    plain = main.layer.arguments["pad"] if "pad" in main.layer.fields else 0
    written = argument(main.step, main.layer.fields, "pad")
    pad = " pad=0" if isinstance(plain, int) and plain and written is None else ""
    bias = argument(main.step, main.layer.fields, "bias")
    more = f" {bias.span.text}" if bias else ""
    steps = f"{main.layer.word} {one} {main.channels}{stride}{pad}{more}{main.tail}"
    enters = failure.inputs[short] == failure.entry and isinstance(site.owner, tree.Block)
    condition = f"in.c != {main.channels}"
    if main.stride and not re.fullmatch(r"[0-9x]+", main.stride):
        condition = f"{main.stride} != 1 or {condition}"
    if enters and is_id(site.step) and _holds_elsewhere(case, failure):
        yield Candidate(TITLE, (Edit(site.step.span, f"if {condition} {{ {steps} }}"),), "projection")
    core = site.step.core
    if enters and isinstance(core, tree.Cond) and core.other is None and condition not in core.test.span.text:
        end = core.test.span.end
        wider = Edit(Span(core.span.source, end, end), f" or {condition.rpartition(' or ')[2]}")
        yield Candidate("project the shortcut where the channels change, too", (wider,), "projection")
    yield Candidate(TITLE, (behind(site, steps),), "projection")


def _holds_elsewhere(case: Case, failure: RefusedStep) -> bool:
    """Whether the same merge is right in another use of its block, so that the shortcut must stay there as it is."""
    return any(node.span == failure.step.span and case.shapes[id] is not None for id, node in case.nodes.items())

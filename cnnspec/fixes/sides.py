"""Two branches of a merge that disagree, and what one side says that the other does not."""

from collections.abc import Iterator
from typing import Any

from cnnspec.build.chains import Fork, fork_of
from cnnspec.build.failures import RefusedStep
from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape
from cnnspec.fixes import writing
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.sites import Site
from cnnspec.fixes.tuning import tunings
from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Span
from cnnspec.syntax import tree

MOST_TUNED = 12
"""Layers on each of the two ways, counted from where they part, that are given other arguments."""


class Sides:
    """Two branches of a merge that disagree, by place."""

    def __init__(self, case: Case, failure: RefusedStep, places: tuple[int, int]) -> None:
        self.case, self.failure, self.places = case, failure, places
        self.operands = tuple(case.shapes[each] or () for each in failure.inputs)
        inputs = failure.inputs
        self.fork: Fork = fork_of(inputs[places[0]], inputs[places[1]], case.nodes, case.shapes)

    def holds_with(self, place: int, shape: Shape | None) -> bool:
        """Whether the merge could be if that branch had this shape."""
        return shape is not None and self.holds((*self.operands[:place], shape, *self.operands[place + 1 :]))

    def holds(self, operands: tuple[Shape, ...]) -> bool:
        try:
            self.failure.layer.infer(operands)
        except LayerError:
            return False
        return True


def as_beside(sides: Sides) -> Iterator[Candidate]:
    """The stride or the channels of a layer in the other branch, in the words that stand there: `/s`, `4*c`."""
    case, merge = sides.case, sides.case.sites.step(sides.failure.step.span)
    both = zip(sides.places, sides.fork.ways, sides.fork.ways[::-1], strict=True)
    for place, way, other in sorted(both, key=lambda each: len(each[1])):  # the shortcut follows the longer one
        for field in ("stride", "channels"):
            texts = dict.fromkeys(_texts(case, other, field, merge))
            for id in [id for id in reversed(way[1:]) if field in case.nodes[id].layer.fields][:MOST_TUNED]:
                node = case.nodes[id]
                site = case.site(node)
                core = site.step.core if site else None
                for value, text in texts:
                    layer = type(node.layer)(**{**node.layer.arguments, field: value})
                    fits = layer != node.layer and sides.holds_with(
                        place, case.replay.shape({id: layer}, sides.failure.inputs[place])
                    )
                    if fits and site and site.owner is (merge and merge.owner) and isinstance(core, tree.Apply):
                        shown = f"/{text}" if field == "stride" else text
                        edit = writing.given(core, node.layer.fields, field, text)
                        if edit is not None:
                            yield Candidate(f"`{shown}` here too, as in the other branch", (edit,), field)


def same_in_each(sides: Sides) -> Iterator[Candidate]:
    """`pad=same` in a step that makes several of the branches, each with its own kernel or dilation."""
    case, tried = sides.case, set[Span]()
    for id in [id for way in sides.fork.ways for id in way[1:]]:
        node = case.nodes[id]
        if "pad" not in node.layer.fields or node.span in tried or not case.works_out(node):
            continue
        tried.add(node.span)
        alike = (each for each in case.nodes.values() if each.span == node.span and "pad" in each.layer.fields)
        changed = {each.id: type(each.layer)(**{**each.layer.arguments, "pad": "same"}) for each in alike}
        operands = [case.replay.shape(changed, each) for each in sides.failure.inputs]
        shapes = tuple(each for each in operands if each is not None)
        if len(shapes) == len(operands) and sides.holds(shapes):
            for edit in case.written(node, node.layer, "pad", "same"):
                yield Candidate("`pad=same` keeps the size", (edit,), "pad")


def padded_each(sides: Sides) -> Iterator[Candidate]:
    """`pad=1` in every step of a way that loses its border, where there are several."""
    case = sides.case
    for place, way in zip(sides.places, sides.fork.ways, strict=True):
        changed: dict[str, Layer] = {}
        edits: dict[Span, Edit] = {}
        texts = set[str]()
        for id in way[1:][: 2 * MOST_TUNED]:
            node = case.nodes[id]
            keeping = next((each for each in tunings(node.layer) if each.keeps_size), None)
            if keeping is None or node.layer.arguments["pad"] != 0:
                continue
            text, edit = next(iter(case.tuned(node, keeping)), (None, None))
            if text is not None and edit is not None:
                changed[id], edits[node.span] = keeping.layer, edit
                texts.add(text)
        if len(edits) > 1 and sides.holds_with(place, case.replay.shape(changed, sides.failure.inputs[place])):
            shown = " and ".join(f"`{each}`" for each in sorted(texts))
            verb = "keeps" if len(texts) == 1 else "keep"
            yield Candidate(f"{shown} in the {len(edits)} steps {verb} the size", tuple(edits.values()), "pad")


def _texts(case: Case, way: list[str], field: str, merge: Site | None) -> Iterator[tuple[Any, str]]:
    """What is worked out for a field on a way, and how that is written, in the definition that the merge stands in."""
    for id in way[1:]:
        node = case.nodes[id]
        site = case.site(node)
        if field in node.layer.fields and site and merge and site.owner is merge.owner:
            core = site.step.core
            arg = writing.argument(core, node.layer.fields, field) if isinstance(core, tree.Apply) else None
            if arg is not None and not isinstance(arg.value, (tree.Number, tree.Size)):
                yield node.layer.arguments[field], arg.value.span.text

"""Branches that disagree: another padding, stride or kernel where their sizes part; other channels; or steps that
bring one to the other's shape."""

from collections.abc import Iterator

from cnnspec.build.chains import Fork, fork_of
from cnnspec.build.failures import RefusedStep
from cnnspec.contract.errors import LayerError
from cnnspec.contract.repairs import Before
from cnnspec.contract.values import Shape, dress
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.projection import projections
from cnnspec.fixes.tuning import Tuned, tunings
from cnnspec.fixes.writing import behind
from cnnspec.ir.graph import Node
from cnnspec.syntax import tree

MOST_TUNED = 12
"""Layers on each of the two ways, counted from where they part, that are given other arguments."""


class Join:
    """Two branches of a merge that disagree, by place."""

    def __init__(self, case: Case, failure: RefusedStep, places: tuple[int, int]) -> None:
        self.case, self.failure, self.places = case, failure, places
        self.operands = tuple(case.shapes[each] or () for each in failure.inputs)
        inputs = failure.inputs
        self.fork: Fork = fork_of(inputs[places[0]], inputs[places[1]], case.nodes, case.shapes)

    def holds_with(self, place: int, shape: Shape | None) -> bool:
        """Whether the merge could be if that branch had this shape."""
        if shape is None:
            return False
        try:
            self.failure.layer.infer((*self.operands[:place], shape, *self.operands[place + 1 :]))
        except LayerError:
            return False
        return True

    def candidates(self) -> Iterator[Candidate]:
        """The likeliest first: extents that differ by little are a padding's, by a stride the shortcut's; channels that
        differ are the shortcut's where one branch is the value itself."""
        one, other = (self.operands[each] for each in self.places)
        tuned = sorted(self._tuned(), key=lambda each: each[0])
        padded = [each for rank, each in tuned if rank[0] < 2]
        shortcuts = list(projections(self.case, self.failure, self.places))
        is_shortcut = any(self.failure.inputs[each] == self.fork.node for each in self.places)
        channels = list(self._channels())
        if channels and not (is_shortcut and one[1:] == other[1:]):
            yield from channels
        if _far_apart(one[1:], other[1:]):
            yield from shortcuts
            yield from padded
        else:
            yield from padded
            yield from shortcuts
        yield from (each for rank, each in tuned if rank[0] >= 2)
        yield from channels
        yield from self._proposed()

    def _tuned(self) -> Iterator[tuple[tuple[int, int, int], Candidate]]:
        """With a rank: how usual the slip is, how far from where the branches part, and in which order it was found."""
        count = 0
        for place, way in zip(self.places, self.fork.ways, strict=True):
            target = self.failure.inputs[place]
            layers = [id for id in way[1:] if "kernel" in self.case.nodes[id].layer.fields]
            parting = [i for i, id in enumerate(layers) if id in self.fork.parting]
            begin = max(0, (parting[0] if parting else 0) - MOST_TUNED // 2)
            for distance, id in enumerate(layers[begin : begin + MOST_TUNED]):
                node = self.case.nodes[id]
                for tuned in tunings(node.layer):
                    shape = self.case.replay.shape({id: tuned.layer}, target)
                    if self.holds_with(place, shape):
                        far = abs(distance + begin - parting[0]) if parting else MOST_TUNED
                        for each in self._written(node, tuned, shape):
                            yield (tuned.rank, far, count), each
                            count += 1

    def _written(self, node: Node, tuned: Tuned, shape: Shape | None) -> Iterator[Candidate]:
        text = f"/{tuned.value}" if tuned.layer.fields[tuned.field].slash else f"{tuned.field}={tuned.value}"
        if tuned.field == "kernel":
            text = f"{tuned.layer.word} {tuned.value}"
        for edit in self.case.written(node, node.layer, tuned.field, tuned.value):
            title = f"`{text}` gives {dress(shape)}"
            if not edit.replacement:
                title = f"without `{edit.span.text.strip()}` it gives {dress(shape)}"
            yield Candidate(title, (edit,), tuned.field, tuned.rank > 0)

    def _channels(self) -> Iterator[Candidate]:
        """As many channels as the other branch has, from the layer that makes them."""
        for mine, other in (self.places[::-1], self.places):
            wanted = self.operands[other][0]
            for id in reversed(self.fork.ways[self.places.index(mine)][1:]):
                node = self.case.nodes[id]
                if "channels" in node.layer.fields:
                    layer = type(node.layer)(**{**node.layer.arguments, "channels": wanted})
                    shape = self.case.replay.shape({id: layer}, self.failure.inputs[mine])
                    if self.holds_with(mine, shape):
                        title = f"{wanted} channels, as the other branch has"
                        for edit in self.case.written(node, node.layer, "channels", str(wanted)):
                            yield Candidate(title, (edit,), "channels")
                    break

    def _proposed(self) -> Iterator[Candidate]:
        """What the merge itself proposes."""
        for repair in self.failure.error.repairs:
            if not isinstance(repair, Before) or repair.operand not in self.places:
                continue
            if repair.operand >= len(self.failure.branches):
                continue
            site = self.case.sites.chain_end(self.failure.branches[repair.operand])
            for steps in self._sized(repair):
                if site is not None:
                    family = "projection" if repair.title else steps.split()[0]
                    far_fetched = repair.extents_of is not None and not self._grows()
                    yield Candidate(repair.title or f"`{steps}` behind it", (behind(site, steps),), family, far_fetched)

    def _grows(self) -> bool:
        """Whether a step makes a map larger on one of the ways, as decoders do."""
        shapes, nodes = self.case.shapes, self.case.nodes
        sizes = [(shapes[nodes[id].inputs[0]], shapes[id]) for way in self.fork.ways for id in way[1:]]
        return any(
            before and after and max(after[1:], default=0) > max(before[1:], default=0) for before, after in sizes
        )

    def _sized(self, repair: Before) -> Iterator[str]:
        """The steps with `like=@e` for the size, if the other branch is such a reference, else with its numbers."""
        if repair.extents_of is None:
            yield repair.steps
            return
        place = repair.extents_of
        site = self.case.sites.chain_end(self.failure.branches[place]) if place < len(self.failure.branches) else None
        if site is not None and isinstance(site.step.core, tree.Ref) and len(site.chain.steps) == 1:
            yield repair.steps.format(size=f"like={site.step.core.span.text}")
        yield repair.steps.format(size=f"to={dress(self.operands[place][1:])}")


def _far_apart(one: Shape, other: Shape) -> bool:
    """Whether extents are the same, or differ by about a stride."""
    pairs = [(min(both), max(both)) for both in zip(one, other, strict=False) if len(set(both)) > 1]
    return not pairs or any(2 * small <= large + 1 for small, large in pairs)


def join_candidates(case: Case, failure: RefusedStep) -> Iterator[Candidate]:
    """For a merge whose branches disagree."""
    about = failure.error.about
    assert isinstance(about, int), "the error is about an operand"
    if len(failure.inputs) > 1:
        yield from Join(case, failure, (0, about) if about else (0, 1)).candidates()

"""Branches that disagree: another padding, stride or kernel where their sizes part; other channels; or steps that
bring one to the other's shape."""

from collections.abc import Iterator

from cnnspec.build.failures import RefusedStep
from cnnspec.contract.repairs import Before
from cnnspec.contract.values import Shape, dress
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.projection import projections
from cnnspec.fixes.sides import MOST_TUNED, Sides, as_beside, padded_each, same_in_each
from cnnspec.fixes.tuning import Tuned, tunings
from cnnspec.fixes.writing import behind, given
from cnnspec.ir.graph import Node
from cnnspec.syntax import tree


class Join(Sides):
    """The candidates for them."""

    def candidates(self) -> Iterator[Candidate]:
        """The likeliest first: extents that differ by little are a padding's, by a stride the shortcut's; channels that
        differ are the shortcut's where one branch is the value itself."""
        one, other = (self.operands[each] for each in self.places)
        tuned = sorted(self._tuned(), key=lambda each: each[0])
        padded = [each for rank, each in tuned if rank[0] < 2]
        shortcuts = list(projections(self.case, self.failure, self.places))
        is_shortcut = any(self.failure.inputs[each] == self.fork.node for each in self.places)
        yield from as_beside(self)
        yield from same_in_each(self)
        yield from padded_each(self)
        if self._joins_levels() and _far_apart(one[1:], other[1:]):
            yield from self._proposed(levels=True)
        channels = list(self._channels())
        if channels and not (is_shortcut and one[1:] == other[1:]):
            yield from channels
        if _far_apart(one[1:], other[1:]):
            yield from shortcuts
            yield from padded
        else:
            yield from padded
            yield from self._proposed(levels=True) if self._joins_levels() else ()
            yield from shortcuts
        yield from self._padded_and_projected(shortcuts)
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
        for text, edit in self.case.tuned(node, tuned):
            shown = f"{tuned.layer.word} {tuned.value}" if tuned.field == "kernel" else text
            title = f"`{shown}` gives {dress(shape)}"
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
                        yield from self._as_come_in(node, wanted)
                        for edit in self.case.written(node, node.layer, "channels", str(wanted)):
                            yield Candidate(title, (edit,), "channels")
                    break

    def _as_come_in(self, node: Node, wanted: int) -> Iterator[Candidate]:
        """`in.c` channels, in the block that the merge stands in."""
        site, merge = self.case.site(node), self.case.sites.step(self.failure.step.span)
        entry = self.case.shapes.get(self.failure.entry or "")
        if site and merge and site.owner is merge.owner and isinstance(site.owner, tree.Block) and entry:
            core = site.step.core
            if entry[0] == wanted and isinstance(core, tree.Apply):
                edit = given(core, node.layer.fields, "channels", "in.c")
                if edit is not None:
                    yield Candidate("`in.c` channels, as many as come in", (edit,), "channels")

    def _padded_and_projected(self, shortcuts: list[Candidate]) -> Iterator[Candidate]:
        """Both, where the branch loses its border and has other channels than the value beside it."""
        for mine, other in (self.places, self.places[::-1]):
            way = self.fork.ways[self.places.index(mine)][1:]
            if self.failure.inputs[other] != self.fork.node:
                continue
            for id in (each for each in way if "kernel" in self.case.nodes[each].layer.fields):
                for tuned in tunings(self.case.nodes[id].layer):
                    shape = self.case.replay.shape({id: tuned.layer}, self.failure.inputs[mine])
                    fits = shape is not None and shape[1:] == self.operands[other][1:]
                    if tuned.keeps_size and fits and not self.holds_with(mine, shape):
                        for text, edit in self.case.tuned(self.case.nodes[id], tuned):
                            for each in shortcuts:
                                yield Candidate(f"`{text}`, and {each.title}", (edit, *each.edits), "projection")

    def _proposed(self, *, levels: bool = False) -> Iterator[Candidate]:
        """What the merge itself proposes; between `levels`, what brings one branch to the size of a reference."""
        for repair in self.failure.error.repairs:
            if not isinstance(repair, Before) or repair.operand not in self.places:
                continue
            if repair.operand >= len(self.failure.branches):
                continue
            if levels and (repair.extents_of is None or self._reference(repair.extents_of) is None):
                continue
            site = self.case.sites.chain_end(self.failure.branches[repair.operand])
            for steps in self._sized(repair):
                if site is not None and not isinstance(site.step.core, tree.Loop):  # its turns are branches
                    family = "projection" if repair.title else steps.split()[0]
                    far_fetched = repair.extents_of is not None and not levels and not self._grows()
                    yield Candidate(repair.title or f"`{steps}` behind it", (behind(site, steps),), family, far_fetched)

    def _joins_levels(self) -> bool:
        """Whether channels may differ and sizes do, and one map is only referred to; the larger one, if they are a
        stride apart, as in a decoder. There the other one is brought to its size."""
        one, other = (self.operands[each] for each in self.places)
        larger = self.places[0] if max(one[1:], default=0) > max(other[1:], default=0) else self.places[1]
        meant = (larger,) if _far_apart(one[1:], other[1:]) else self.places
        may_differ = one[1:] != other[1:] and self.holds((one, (one[0] + 1, *one[1:])))
        return may_differ and any(self._reference(each) is not None for each in meant)

    def _reference(self, place: int) -> str | None:
        """The text of a branch that is a reference alone."""
        branches = self.failure.branches
        site = self.case.sites.chain_end(branches[place]) if place < len(branches) else None
        is_bare = site is not None and isinstance(site.step.core, tree.Ref) and len(site.chain.steps) == 1
        return site.step.core.span.text if site and is_bare else None

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
        reference = self._reference(place)
        if reference is not None:
            yield repair.steps.format(size=f"like={reference}")
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

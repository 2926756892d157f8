"""What a region of a result depends on, and what depends on a region of an operand: a layer's `reads`, both ways."""

from functools import cached_property, lru_cache
from operator import itemgetter

from cnnspec.contract.layer import Layer
from cnnspec.contract.reads import Along, Moved
from cnnspec.contract.values import Shape, Shapes
from cnnspec.passes.regions import Box, Region, bits, members, region, regrouped


class Axis:
    """One axis of an operand, as `Along` has it. Answers are kept: deep networks repeat themselves."""

    def __init__(self, along: Along, before: int, after: Shape) -> None:
        self.axis, self.places, self.shift = along
        self.all = (1 << before) - 1
        self._all_after = 0 if self.axis is None else (1 << after[self.axis]) - 1
        self.is_same = along == Along(self.axis) and self.axis is not None and self.all == self._all_after
        self._back: dict[int, int] = {}
        self._onward: dict[int, int] = {}

    @cached_property
    def sources(self) -> tuple[int, ...]:
        """What each place of the result's axis reads, as sets."""
        assert self.places is not None
        return _sets(self.places)

    @property
    def shifted(self) -> range:
        """The one place that each place of the result's axis reads, where there is such a one; without `places`."""
        return range(self.shift, self.shift + self._all_after.bit_length())

    @property
    def reads_all(self) -> bool:
        """Whether each place of the operand is read by some result."""
        return self.axis is None or self.back(self._all_after) == self.all

    @property
    def has_blind(self) -> bool:
        """Whether some place of the result's axis reads nothing."""
        if self.places is not None:
            return not all(self.places)
        return self.axis is not None and self.onward(self.all) != self._all_after

    def back(self, places: int) -> int:
        """What these places of the result's axis read."""
        if self.axis is None:
            return self.all
        if self.places is None:
            return _shifted(places, self.shift) & self.all
        if (known := self._back.get(places)) is None:
            known = 0
            for at in members(places):
                known |= self.sources[at]
            self._back[places] = known
        return known

    def onward(self, places: int) -> int:
        """The places of the result's axis that read any of these."""
        if self.places is None:
            return _shifted(places, -self.shift) & self._all_after
        if (known := self._onward.get(places)) is None:
            known = self._onward[places] = bits(at for at, each in enumerate(self.sources) if each & places)
        return known


def _shifted(places: int, by: int) -> int:
    return places << by if by >= 0 else places >> -by


@lru_cache(maxsize=1024)
def _sets(places: tuple[range, ...]) -> tuple[int, ...]:
    """Equal ones are one object, as the axes of a map mostly are."""
    return tuple(((1 << len(each)) - 1) << each.start if each.step == 1 else bits(each) for each in places)


class IndexMap:
    """From one operand of a layer to its result. `nothing`: the operand lends its shape only."""

    def __init__(self, layer: Layer, shapes: Shapes, operand: int) -> None:
        self.before, self.after = shapes[operand], layer.infer(shapes)
        reads = layer.reads(shapes, operand)
        self.nothing = reads is None
        self.moved = reads if isinstance(reads, Moved) else None
        along = () if reads is None or isinstance(reads, Moved) else reads
        axes = zip(along, self.before, strict=bool(along))
        self.axes = tuple(Axis(each, extent, self.after) for each, extent in axes)
        self.same = bool(along) and all(each.is_same and each.axis == axis for axis, each in enumerate(self.axes))

    def back(self, wanted: Region) -> Region:
        """What this region of the result reads."""
        if self.same or self.nothing:
            return wanted if self.same else ()
        if self.moved:
            split, order = self.moved.split, self.moved.order
            ordered = tuple(split[axis] for axis in order)
            turned = itemgetter(*map(order.index, range(len(order)))) if len(order) > 1 else None
            boxes = (each for box in wanted for each in regrouped(box, self.after, ordered))
            placed = (turned(box) if turned else box for box in boxes)
            return region(each for box in placed for each in regrouped(box, split, self.before))
        return region(self._box_back(box) for box in wanted)

    def _box_back(self, box: Box) -> Box:
        return tuple(each.back(0 if each.axis is None else box[each.axis]) for each in self.axes)

    def onward(self, given: Region) -> Region:
        """What of the result reads any value of this region."""
        if self.same or self.nothing:
            return given if self.same else ()
        if self.moved:
            split, order = self.moved.split, self.moved.order
            ordered = tuple(split[axis] for axis in order)
            boxes = (each for box in given for each in regrouped(box, self.before, split))
            placed = (tuple(box[axis] for axis in order) for box in boxes)
            return region(each for box in placed for each in regrouped(box, ordered, self.after))
        return region(self._box_onward(box) for box in given)

    def _box_onward(self, box: Box) -> Box:
        made = [(1 << extent) - 1 for extent in self.after]
        for each, places in zip(self.axes, box, strict=True):
            if each.axis is not None:
                made[each.axis] &= each.onward(places)
        return tuple(made)


class IndexMaps:
    """Those of one network, each made once for equal layers with equal operands."""

    def __init__(self) -> None:
        self._made: dict[tuple[Layer, Shapes, int], IndexMap] = {}

    def of(self, layer: Layer, shapes: Shapes, operand: int) -> IndexMap:
        key = layer, shapes, operand
        if (made := self._made.get(key)) is None:
            made = self._made[key] = IndexMap(*key)
        return made

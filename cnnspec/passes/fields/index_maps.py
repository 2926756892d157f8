"""What a region of a result depends on, and what depends on a region of an operand: a layer's `reads`, both ways."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter

from cnnspec.contract.reads import Along, Moved
from cnnspec.contract.values import Shape
from cnnspec.passes.fields.regions import Box, Region, bits, members, region, regrouped
from cnnspec.passes.fold import Kind


class Axis:
    """One axis of an operand, as `Along` has it. Answers are kept: deep networks repeat themselves."""

    def __init__(self, along: Along, before: int, after: Shape) -> None:
        self.axis, self.places, self.shift = along
        self.all = (1 << before) - 1
        self._all_after = 0 if self.axis is None else (1 << after[self.axis]) - 1
        self.is_same = self.places is None and self.shift == 0 and self.all == self._all_after
        self._back: dict[int, int] = {}
        self._onward: dict[int, int] = {}

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
            known = self._back[places] = _union(self.places[at] for at in members(places))
        return known

    def onward(self, places: int) -> int:
        """The places of the result's axis that read any of these."""
        if self.places is None:
            return _shifted(places, -self.shift) & self._all_after
        if (known := self._onward.get(places)) is None:
            known = self._onward[places] = bits(_reading(self.places, places))
        return known


def _shifted(places: int, by: int) -> int:
    return places << by if by >= 0 else places >> -by


def _union(ranges: Iterable[range]) -> int:
    """Long axes have many; what follows without a gap is put together first."""
    whole, first, end = 0, 0, 0
    for each in filter(None, ranges):
        if each.step != 1 and len(each) > 1:
            whole |= bits(each)
        elif first <= each.start <= end:
            end = max(end, each[-1] + 1)
        else:
            whole |= ((1 << end - first) - 1) << first
            first, end = each.start, each[-1] + 1
    return whole | ((1 << end - first) - 1) << first


def _reading(ranges: Sequence[range], places: int) -> Iterator[int]:
    """The numbers of the ranges that hold any of these places."""
    if not places:
        return
    low, high = (places & -places).bit_length() - 1, places.bit_length() - 1
    is_run = places.bit_count() == high - low + 1
    for at, each in enumerate(ranges):
        if not each or each[-1] < low or each.start > high:
            continue
        if (is_run and each.step == 1) or places >> each.start & _pattern(len(each), each.step):
            yield at


@lru_cache(maxsize=256)
def _pattern(count: int, step: int) -> int:
    return bits(range(0, count * step, step))


def _sharing(axes: Iterable[Along]) -> Iterator[Along]:
    """Equal lists as one object: those of a map's axes mostly are."""
    last: tuple[range, ...] | None = None
    for each in axes:
        if each.places is not last and each.places == last:
            each = each._replace(places=last)
        last = each.places
        yield each


class IndexMap:
    """From one operand of a layer to its result. `nothing`: the operand lends its shape only."""

    def __init__(self, kind: Kind, operand: int) -> None:
        self.before, self.after = kind.operands[operand], kind.result
        reads = kind.layer.reads(kind.operands, operand)
        self.nothing = reads is None
        self.moved = reads if isinstance(reads, Moved) else None
        along = () if reads is None or isinstance(reads, Moved) else reads
        axes = zip(_sharing(along), self.before, strict=bool(along))
        self.axes = tuple([Axis(each, extent, self.after) for each, extent in axes])
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
    """Those of one network, each made once for a kind of layer."""

    def __init__(self) -> None:
        self._made: dict[tuple[Kind, int], IndexMap] = {}

    def of(self, kind: Kind, operand: int) -> IndexMap:
        key = kind, operand
        if (made := self._made.get(key)) is None:
            made = self._made[key] = IndexMap(*key)
        return made

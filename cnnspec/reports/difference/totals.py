"""The totals of two networks side by side, and what becomes of tensors, in words: the same for all forms."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.compare.difference import Difference, Numbers
from cnnspec.compare.growth import BYTES, Growth
from cnnspec.compare.interface import told as told_interface
from cnnspec.compare.steps import Sort
from cnnspec.compare.tensors import Tensors
from cnnspec.reports.difference.lines import Line
from cnnspec.reports.numbers import counted, ends, memory, short, size, thousands
from cnnspec.reports.step import said

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

TITLES = {
    "params": "Parameters",
    "buffers": "Buffers",
    "macs": "MACs",
    "ops": "Other ops",
    "depth": "Depth",
    "rf": "Receptive field",
    "memory": "Memory",
    "weights": "  weights",
    "activations": "  values at once",
    "aux_params": "Auxiliary heads",
    "aux_macs": "  their MACs",
}
BESIDES = {
    "image": "how pictures are prepared (`image`)",
    "labels": "the names of the classes (`labels`)",
    "train": "the recipe (`train`)",
}


FEW = 3
"""So many steps are named."""


class Total(NamedTuple):
    """`Parameters`, `25,557,032`, `20,741,120`, `-4,815,912`, `-18.8%`; the last two are empty where they are equal."""

    title: str
    old: str
    new: str
    difference: str = ""
    share: str = ""

    @property
    def differs(self) -> bool:
        return self.old != self.new or bool(self.difference)


def names(found: Difference) -> tuple[str, str]:
    """What each of the two is called: its file, with what was asked of it (`zoo:mobilenet_v2 width=0.9`)."""
    one, other = (_name(each) for each in (found.a, found.b))
    return one, other


def _name(compiled: Compiled) -> str:
    options = compiled.options
    asked = [f"{name}={said(value)}" for name, value in options.parameters.items()]
    asked += [f"{name or 'input'}={size(shape)}" for name, shape in options.inputs.items()]
    model = [options.model] if options.model else []
    return " ".join([compiled.source.name if compiled.source else "", *model, *asked])


def parameters_said(found: Difference, arrow: str) -> str:
    """`width=16 → 20`: what the texts give the models' parameters; what was asked of them stands beside the files."""
    asked = {*found.a.options.parameters, *found.b.options.parameters}
    told = found.parameters.items()
    return ", ".join(f"{name}={said(old)} {arrow} {said(new)}" for name, (old, new) in told if name not in asked)


def totals(found: Difference, brief: bool = False) -> list[Total]:
    """Buffers and auxiliary heads are left out where neither network has any; `brief` numbers have three digits."""
    a, b = found.numbers
    told = []
    for name, title in TITLES.items():
        old, new = getattr(a, name), getattr(b, name)
        if not old and not new and name in ("buffers", "aux_params", "aux_macs"):
            continue
        told.append(_field(title, a, b) if name == "rf" else _total(title, old, new, name in BYTES, brief))
    return [*_ends(found), *told]


def _field(title: str, a: Numbers, b: Numbers) -> Total:
    """With a `~` where units differ, and it is that of the one that sees furthest."""
    shown = ["none" if each.rf is None else f"{'~' if each.units_differ else ''}{each.rf:,}" for each in (a, b)]
    if a.rf is None or b.rf is None or a.rf == b.rf:
        return Total(title, shown[0], shown[1])
    return Total(title, shown[0], shown[1], signed(b.rf - a.rf), share(a.rf, b.rf))


def _ends(found: Difference) -> list[Total]:
    """Shapes that go in and come out, where they differ; one after the other where there are several."""
    told = []
    for title, place, what in (("Input", 0, "inputs"), ("Output", 1, "outputs")):
        old, new = (ends(list(each[place].values()), what) for each in found.ends)
        if old != new:
            told.append(Total(title, old, new))
    return told


def _total(title: str, old: int, new: int, is_bytes: bool, brief: bool) -> Total:
    dress = memory if is_bytes else short if brief else thousands
    if old == new:
        return Total(title, dress(old), dress(new))
    sign = "+" if new > old else "-"
    return Total(title, dress(old), dress(new), sign + dress(abs(new - old)), share(old, new))


def remainder(found: Difference, listed: Iterable[Line]) -> str:
    """What lies in no line of level 0, so that all adds up: `-204,128 parameters, +1,000 MACs`; empty for nothing."""
    own = [each for each in listed if each.level == 0]
    old, new = found.numbers
    params = new.params - old.params - sum(each.params for each in own)
    macs = new.macs - old.macs - sum(each.macs for each in own)
    return ", ".join(f"{signed(number)} {unit}" for number, unit in ((params, "parameters"), (macs, "MACs")) if number)


def signed(number: int, is_bytes: bool = False) -> str:
    """`+2,359,296`, `-1.20 MB`; nothing for 0."""
    if not number:
        return ""
    return ("+" if number > 0 else "-") + (memory(abs(number)) if is_bytes else thousands(abs(number)))


def share(old: int, new: int) -> str:
    """`-18.8%`, `+0.0012%`; nothing where there was nothing, or nothing differs."""
    if not old or old == new:
        return ""
    percent = 100 * (new - old) / old
    if abs(percent) < 0.05:
        return f"{percent:+.1g}%"
    return f"{percent:+,.1f}%" if abs(percent) < 1000 else f"{percent:+,.0f}%"


def verdict(found: Difference) -> str:
    """One sentence: the same, the same under other names, the same with another interface, or how many steps differ."""
    if found.is_identical:
        return "the same network"
    besides = f"; what differs is {', and '.join(BESIDES[each] for each in found.besides)}" if found.besides else ""
    if found.has_same_steps:
        renamed = sum(each.is_renamed and bool(each.row.node.inputs) for each in found.steps)
        same = "the same steps under another interface" if found.interface else "the same network"
        names = f", where {counted(renamed, 'step')} bear{'s' if renamed == 1 else ''} another name"
        return same + (names if renamed else "") + besides
    besides = ("; another interface" if told_interface(found.interface) else "") + besides
    words = {Sort.ADDED: "added", Sort.REMOVED: "removed", Sort.CHANGED: "changed", Sort.MOVED: "moved"}
    counts = [(len(found.of(sort)), word) for sort, word in words.items()]
    told = ", ".join(f"{thousands(count)} {word}" for count, word in counts if count)
    follows = len(found.of(Sort.FOLLOWS))
    only = f"{thousands(follows)} only follow{'s' if follows == 1 else ''}" if follows else ""
    steps = ", ".join(filter(None, (told, only)))
    return f"steps: {steps}{besides}"


def unrelated(found: Difference) -> str:
    """Of two networks that are no two versions of one: so, and in numbers."""
    alike, of = found.common
    return f"Hardly anything in common: {thousands(alike)} of {counted(of, 'multiplying layer')}"


def checkpoint(found: Tensors) -> list[str]:
    """What becomes of an old checkpoint, a line each."""
    counts = (
        (len(found.kept), "fits under its name", "fit under their names"),
        (len(found.renamed), "fits under another name", "fit under another name"),
        (len(found.reshaped), "fits no more, as its shape has changed", "fit no more, as shapes have changed"),
        (len(found.left), "has no place any more", "have no place any more"),
        (len(found.fresh), "is new", "are new"),
    )
    told = [(count, one if count == 1 else several) for count, one, several in counts if count]
    return [
        f"{counted(count, 'tensor') if not place else thousands(count)} {what}"
        for place, (count, what) in enumerate(told)
    ]


def settled(found: Difference, code: Callable[[str], str]) -> str:
    """What the tensors that load meet, if a step before them reads its operands in another order: `but `conv3` meets
    its input channels in another order`; empty else. `code` dresses a name."""
    told = []
    for channels in (True, False):
        steps = [code(each.step) for each in found.unsettled if each.channels is channels]
        if steps:
            several = len(steps) > 1
            its = f"{'their' if several else 'its'} input channels in another order" if channels else "other values"
            told.append(f"{_few(steps)} meet{'' if several else 's'} {its}")
    return f"but {', and '.join(told)}" if told else ""


def _few(names: Sequence[str]) -> str:
    if len(names) > FEW:
        return f"{', '.join(names[:FEW])} and {len(names) - FEW:,} more"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def mistaken(found: Tensors) -> str:
    """What whoever loads by name has to know."""
    count = len(found.mistaken)
    names = "1 name is now another step's" if count == 1 else f"{thousands(count)} names are now other steps'"
    return f"{names}, of the same shape: loading by name alone would go wrong in silence"


def following(steps: int) -> str:
    """Of steps of which nothing was changed."""
    return f"{counted(steps, 'step')} only follow{'s' if steps == 1 else ''}: other shapes, costs or receptive fields"


def renames(found: Tensors, every: bool = False) -> list[tuple[str, str, int]]:
    """Old name, new name, and how many tensors: whole scopes as `layer3.*` where all that was below goes along; each
    tensor alone if `every`."""
    if every:
        return [(old, new, 1) for old, new in found.renamed.items()]
    below: dict[str, list[str]] = {}
    for name in (*found.kept, *found.renamed, *found.reshaped, *found.left):
        for place, sign in enumerate(name):
            if sign == ".":
                below.setdefault(name[:place], []).append(name)
    folds: dict[tuple[str, str], list[str]] = {}
    known: dict[tuple[str, str], bool] = {}
    for old in found.renamed:
        folds.setdefault(_prefixes(old, found.renamed, below, known), []).append(old)
    return [
        (f"{old}.*", f"{new}.*", len(names)) if len(names) > 1 else (names[0], found.renamed[names[0]], 1)
        for (old, new), names in folds.items()
    ]


def _prefixes(
    old: str, renamed: Mapping[str, str], below: Mapping[str, list[str]], known: dict[tuple[str, str], bool]
) -> tuple[str, str]:
    """The shortest pair of scopes all of whose tensors go from one to the other: `features` and `stem`."""
    one, other = old.split("."), renamed[old].split(".")
    best = old, renamed[old]
    for tail in range(1, min(len(one), len(other))):
        if one[-tail:] != other[-tail:]:
            break
        head, to = pair = ".".join(one[:-tail]), ".".join(other[:-tail])
        if head == to:
            break
        if pair not in known:
            known[pair] = all(renamed.get(each) == to + each[len(head) :] for each in below[head])
        if known[pair]:
            best = pair
    return best


def told_growth(each: Growth) -> str:
    """`params grew by 1,200,000 (5.9%), and may by 5%`"""
    is_bytes = each.bound.quantity in BYTES
    grown = each.new - each.old
    if grown <= 0:
        by = "did not grow"
    else:
        part = share(each.old, each.new).lstrip("+")
        by = f"grew by {signed(grown, is_bytes).lstrip('+')}{f' ({part})' if part else ''}"
    return f"{each.bound.quantity} {by}, and may by {each.bound.text}"

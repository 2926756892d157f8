"""The explanation of one layer: its sections, from what comes in to what it would cost otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from math import prod

from cnnspec.contract.facts import Equation, Formula
from cnnspec.contract.formula import names, value, whole
from cnnspec.contract.symbols import extents, letters, times
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Input
from cnnspec.passes.explained.derivation import Derivation
from cnnspec.passes.memory.precision import FP32
from cnnspec.reports.explained.document import Document, Part, Section, Sentence, Worked
from cnnspec.reports.explained.field import field_parts
from cnnspec.reports.explained.legend import legend, once
from cnnspec.reports.explained.place import flags, placed, summary
from cnnspec.reports.explained.texts import Texts
from cnnspec.reports.numbers import memory, per_axis, percent, size, thousands
from cnnspec.reports.step import step


def layer_document(derived: Derivation, file: str, texts: Texts, others: tuple[str, ...] = ()) -> Document:
    """All of one layer; `file` is the network's, `others` are the nodes that reuse its weights."""
    row = derived.row
    written = "" if isinstance(row.node.layer, Input) else step(row.node.layer, row.node.inputs)
    parts = (
        ("place", [*placed(row.node, texts), *flags(derived, texts, others)]),
        ("shape", list(_shape(derived, texts))),
        ("parameters", list(_parameters(derived, texts))),
        ("work", list(_work(derived, texts))),
        ("field", list(field_parts(derived, file, texts))),
        ("instead", list(_instead(derived, texts))),
        ("stacked", [*_stacked(derived, texts), *_run(derived, texts)]),
    )
    sections = once(Section(texts("title", key), tuple(found)) for key, found in parts if found)
    return Document(row.node.id, written, summary(row.node.layer, texts), sections)


def _shape(derived: Derivation, texts: Texts) -> Iterator[Part]:
    row = derived.row
    assert row.shape is not None
    if isinstance(row.node.layer, Input):
        yield Sentence(texts("shape", "input", shape=_dressed(row.shape, texts)))
        return
    operands = texts("symbol", "comma").join(_dressed(each, texts) for each in derived.shapes)
    yield Sentence(texts("shape", "from-to", operands=operands, shape=_dressed(row.shape, texts)))
    yield from _joined(derived, texts)
    if not derived.sizes and len(derived.shapes) == 1:
        yield Sentence(texts("shape", "stays"))
    told: set[str] = set()
    for each in alike(derived.sizes):
        yield Worked(each.formula, each.name, remark=texts("note", each.note) if {each.note} - told - {""} else "")
        told.add(each.note)
    yield from legend((_both(each) for each in derived.sizes), texts)


def _both(equation: Equation) -> Formula:
    """Its name and its formula, for the legend."""
    return Formula(f"{equation.name} + {equation.formula.text}")


def _dressed(shape: Shape | None, texts: Texts) -> str:
    return texts("shape", "vector", n=shape[0]) if shape and len(shape) == 1 else size(shape)


def alike(equations: tuple[Equation, ...]) -> list[Equation]:
    """Those of axes on which all numbers are the same as one, `H' = W'`, written for the first of them."""
    found: list[Equation] = []
    kinds: dict[tuple[object, ...], int] = {}
    for each in equations:
        axis = each.name.removesuffix("'")
        text = each.formula.text.replace(axis, "@") if each.name.endswith("'") and axis != "C" else each.formula.text
        numbers = tuple(each.formula.values.get(name) for name in names([each.formula]))
        kind = (text, numbers, each.note)
        if kind in kinds and "@" in text:
            first = found[kinds[kind]]
            found[kinds[kind]] = first._replace(name=f"{first.name} = {each.name}")
        else:
            kinds[kind] = len(found)
            found.append(each)
    return found


def _joined(derived: Derivation, texts: Texts) -> Iterator[Sentence]:
    """Why several operands agree."""
    shapes, node = derived.shapes, derived.row.node
    if len(shapes) < 2:
        return
    if not node.layer.merges:
        yield Sentence(texts("shape", "lent", operand=node.inputs[1]))
    elif derived.sizes:
        yield Sentence(texts("shape", "channels", n=len(shapes)))
    elif len(set(shapes)) == 1:
        yield Sentence(texts("shape", "equal", n=len(shapes), shape=_dressed(shapes[0], texts)))
    else:
        yield Sentence(texts("shape", "gate", n=len(shapes)))


def _parameters(derived: Derivation, texts: Texts) -> Iterator[Part]:
    learned = [each for each in derived.tensors if each.weight.trainable]
    kept = [each for each in derived.tensors if not each.weight.trainable]
    if not derived.tensors:
        yield Sentence(texts("parameters", "none"))
        return
    yield from (Worked(each.formula, label=each.weight.name) for each in learned)
    total = sum(whole(each.formula) for each in learned)
    if len(learned) > 1:
        yield Worked(_sum([whole(each.formula) for each in learned]), label=texts("parameters", "total"))
    if total:
        taken, share = FP32.bytes * total, percent(total, derived.network.params)
        bytes = memory(taken) if taken >= 1000 else texts("parameters", "few", n=str(taken))
        key = "bytes" if derived.row.node.reuse_of else "bytes-share"
        yield Sentence(texts("parameters", key, bytes=bytes, share=share))
    if kept:
        yield Sentence(texts("parameters", "buffers"))
        yield from (Worked(each.formula, label=each.weight.name) for each in kept)
    yield from legend((each.formula for each in derived.tensors), texts)


def _sum(numbers: list[int]) -> Formula:
    return Formula(" + ".join(map(str, numbers)))


def _work(derived: Derivation, texts: Texts) -> Iterator[Part]:
    row = derived.row
    assert row.shape is not None
    if isinstance(row.node.layer, Input):
        return
    if not any(row.cost):
        yield Sentence(texts("work", "none"))
        return
    used = names(each.formula for each in derived.work)
    volumes: list[Worked] = []
    if "X" in used:
        volumes.append(_volume("X", derived.shapes[0] or (), "", texts("work", "entering")))
    if "E" in used:
        volumes.append(_volume("E", row.shape, "'", texts("work", "values")))
    yield from volumes
    shares = [each for each in derived.work if whole(each.formula)]
    yield from (Worked(each.formula, label=texts("operation", each.kind)) for each in shares)
    others = [whole(each.formula) for each in shares if each.kind != "mac"]
    if len(others) > 1:
        yield Worked(_sum(others), label=texts("work", "total"))
    if row.cost.macs:
        if row.runs and derived.network.macs:
            share, macs = percent(row.cost.macs, derived.network.macs), thousands(derived.network.macs)
            yield Sentence(texts("work", "share", share=share, macs=macs))
        yield Sentence(texts("work", "mac"), dim=True)
    yield from legend([*(each.formula for each in volumes), *(each.formula for each in derived.work)], texts)


def _volume(name: str, shape: Shape, prime: str, label: str) -> Worked:
    return Worked(Formula(times(letters(shape, prime)), extents(shape, prime)), name, label)


def _instead(derived: Derivation, texts: Texts) -> Iterator[Part]:
    """Other layers for the same shape, each beside the layer's own number."""
    own = sum(whole(each.formula) for each in derived.tensors if each.weight.trainable)
    compared = {key: formula for key, formula in derived.instead.items() if texts.has("instead", key)}
    if not compared or not own:
        return
    yield Sentence(texts("parameters", "shared"))
    if {1} == {*_windows(derived, "F")}:
        yield Sentence(texts("parameters", "pointwise"))
    yield Worked(Formula(str(own)), label=texts("instead", "own"))
    for key, formula in compared.items():
        yield Worked(formula, label=texts("instead", key), remark=ratio(whole(formula), own, texts))
    if "dense" in derived.instead:
        macs, dense = thousands(derived.row.cost.macs), thousands(prod(derived.instead["dense"].values.values()))
        yield Sentence(texts("instead", "macs", macs=macs, dense=dense))
    yield from legend(compared.values(), texts)


def ratio(other: int, own: int, texts: Texts) -> str:
    """`41,405 times as many`, `31.2% of that`"""
    if other == own:
        return texts("instead", "same")
    if other > own:
        return texts("instead", "times", ratio=f"{other / own:,.0f}" if other >= 10 * own else f"{other / own:.2g}")
    return texts("instead", "part", share=percent(other, own))


def _stacked(derived: Derivation, texts: Texts) -> Iterator[Part]:
    """A large kernel as a row of kernels of 3."""
    if "stacked" not in derived.instead:
        return
    stack, share = derived.instead["stacked"], derived.instead["stacked-share"]
    t, kernel = share.values["t"], share.values["F"]
    row = derived.row
    rank = len(row.shape or ()) - 1
    small, large = size((3,) * rank), size((kernel,) * rank)
    yield Sentence(texts("stacked", "see", t=t, small=small, kernel=large))
    yield Worked(Formula("1 + t*(3 - 1)", {"t": t}), "F")
    yield Sentence(texts("stacked", "equal-channels"))
    yield Worked(share, remark=_told(share))
    own = sum(whole(each.formula) for each in derived.tensors if each.weight.trainable)
    yield Sentence(texts("stacked", "here", before=stack.values["C"], after=stack.values["K"], t=t))
    yield Worked(stack)
    key = "more" if whole(stack) > own else "less"
    yield Sentence(texts("stacked", key, own=thousands(own), t=t))
    strides, dilations = _windows(derived, "S"), _windows(derived, "d")
    if max(strides) > 1:
        yield Sentence(texts("stacked", "stride", stride=per_axis(strides)))
    if dilations:
        yield Sentence(texts("stacked", "dilation", dilation=per_axis(dilations)))
    yield from legend([share, stack], texts)


def _windows(derived: Derivation, name: str) -> tuple[int, ...]:
    """A number of the window on each axis that the equations say it of."""
    values = (each.formula.values for each in derived.sizes if each.name.endswith("'"))
    return tuple(each[name] for each in values if name in each)


def _told(share: Formula) -> str:
    found = Fraction(value(share))
    return percent(found.numerator, found.denominator)


def _run(derived: Derivation, texts: Texts) -> Iterator[Part]:
    """A row of convolutions as one large kernel."""
    run = derived.run
    if run is None:
        return
    n, kernel = len(run.nodes), size(run.kernel)
    kernels = texts("symbol", "comma").join(map(size, run.kernels))
    yield Sentence(texts("stacked", "run", n=n, kernels=kernels, kernel=kernel, first=run.nodes[0]))
    for axis, side in enumerate(run.kernel):
        if axis == 0 or len({*run.kernel}) > 1:
            yield Worked(Formula(" + ".join(["1", *(f"({each[axis]} - 1)" for each in run.kernels)])), "F")
            assert side == 1 + sum(each[axis] - 1 for each in run.kernels)
    sides = [times(map(str, each)) for each in (*run.kernels, run.kernel)]
    share = Formula(f"({' + '.join(sides[:-1])}) / ({sides[-1]})")
    yield Sentence(texts("stacked", "equal-channels"))
    yield Worked(share, remark=_told(share))
    yield Sentence(texts("stacked", "run-here"))
    yield Worked(run.own, label=texts("stacked", "run-own", n=n))
    yield Worked(run.single, label=texts("stacked", "run-single", kernel=kernel))
    own, single = whole(run.own), whole(run.single)
    key = "run-share" if own < single else "run-more" if own > single else "run-same"
    yield Sentence(texts("stacked", key, share=percent(own, single)))

"""How the receptive field of a layer comes about, or why there is no single one."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.passes.explained.derivation import Derivation, Look, Seen
from cnnspec.passes.fields.receptive_field import Fields
from cnnspec.reports.explained.document import Part, Sentence, Table, Worked
from cnnspec.reports.explained.legend import legend
from cnnspec.reports.explained.texts import Texts
from cnnspec.reports.numbers import per_axis, size

LISTED = 12
"""So many steps are shown on the way from the input."""


def field_parts(derived: Derivation, file: str, texts: Texts) -> Iterator[Part]:
    """The recurrence axis by axis, what it comes to in words; or words alone."""
    seen, fields = derived.sight.seen, derived.row.field
    if seen is Seen.WINDOW:
        yield from _recurrence(derived.sight.looks, texts)
    if seen in (Seen.UNION, Seen.STAYS) and fields is not None:
        yield Sentence(texts("field", seen.value))
    if seen is Seen.UNION:
        for source, each in derived.sight.sources:
            if each is not None:
                yield Sentence(texts("field", "union-row", source=source, **_numbers(each)))
    if fields is None:
        yield Sentence(texts("field", seen.value, source=derived.sight.lost_at))
        yield Sentence(texts("field", "ask", file=file, layer=derived.row.node.id), dim=True)
    elif seen is Seen.BEGINS:
        yield Sentence(texts("field", "begins"))
    else:
        yield _result(fields, texts)
        yield from _growth(derived, texts)


def _recurrence(looks: tuple[Look, ...], texts: Texts) -> Iterator[Part]:
    """Once where all axes are the same."""
    same = len({each[1:4] for each in looks}) == 1
    for look in looks[:1] if same else looks:
        if len(looks) > 1:
            yield Sentence(texts("field", "same-on-axes") if same else texts("field", "axis", axis=look.axis))
        yield from (Worked(each.formula, each.name) for each in look.equations)
    formulas = [each.formula for look in looks for each in look.equations]
    yield from legend(formulas, texts)


def _growth(derived: Derivation, texts: Texts) -> Iterator[Part]:
    """The windows on the way, the last ones where they are many."""
    grown = derived.sight.grown
    if len(grown) < 2:
        return
    yield Sentence(texts("field", "growth"))
    dilated = any(window.dilation > 1 for each in grown for window in each.windows)
    symbols = ("F", *("d" * dilated), "S", "r", "j", "a")
    rows = []
    for each in grown[-LISTED:]:
        kernel, stride, _, dilation = map(_axis, zip(*each.windows, strict=True))
        size, step, start = map(_axis, zip(*each.field.axes, strict=True))
        rows.append((each.node, kernel, *([dilation] if dilated else []), stride, size, step, start))
    if len(grown) > LISTED:
        rows.insert(0, (texts("field", "above", n=len(grown) - LISTED), *("" for _ in symbols)))
    yield Table((texts("scope", "name"), *symbols), tuple(rows), (False, *(True for _ in symbols)))


def _axis(numbers: tuple[int, ...]) -> str:
    """One number where all axes agree: `−3`, else `(0, −1)`."""
    told = [str(each).replace("-", "−") for each in numbers]
    return told[0] if len(set(told)) == 1 else f"({', '.join(told)})"


def _result(fields: Fields, texts: Texts) -> Sentence:
    start = tuple(each.start for each in fields.axes)
    text = texts(
        "field",
        "result-padding" if min(start) < 0 else "result",
        size=size(tuple(each.size for each in fields.axes)),
        input=fields.input,
        stride=per_axis(tuple(each.stride for each in fields.axes)),
        start=_axis(start),
    )
    return Sentence(text)


def _numbers(fields: Fields) -> dict[str, str]:
    return {
        "size": per_axis(tuple(each.size for each in fields.axes)),
        "stride": per_axis(tuple(each.stride for each in fields.axes)),
        "start": _axis(tuple(each.start for each in fields.axes)),
    }

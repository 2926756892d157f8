"""Steps as torch and Keras call them, `Conv2D(64, (3, 3), activation="relu")`, and as they are written here."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from cnnspec.contract.fields import Field
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import elsewhere, plain
from cnnspec.contract.synonyms import called_elsewhere
from cnnspec.source.text import Span
from cnnspec.syntax import tree

_KNOWN_HERE = frozenset((
    "in_channels", "in_features", "num_features", "num_channels", "num_parameters", "normalized_shape", "input_shape",
    "input_dim", "inplace", "dim", "axis", "data_format", "device", "dtype", "name", "training",
))  # fmt: skip
"""What comes in, and how values are stored: nothing that a step says here."""

Values = dict[str, tree.Expr]
MOST_CHARACTERS = 1000
"""Of a call that is read."""


class Called(NamedTuple):
    """A call as a step: the span of the call, what is written for it, and the arguments by their names here."""

    span: Span
    text: str
    args: tuple[tree.Arg, ...]


def called(cls: type[Layer], step: tree.Apply, words: Mapping[str, type[Layer]]) -> Called | None:
    """What another tool's call of a word means; None if it is none, or says something that has no name here."""
    span, said = _call(step)
    values, behind = Values(), ""
    said_args = [each for each in step.args if each.span.start < said]
    given = [each.value for each in said_args if each.name is None and not each.slash]
    if span is None or any(each.slash or isinstance(each.value, tree.Ref) for each in said_args):
        return None
    for arg in said_args:
        if arg.name is None or isinstance(arg.value, tree.Ref):
            continue
        name, value = arg.name.name, arg.value
        field = name if name in cls.fields else called_elsewhere(name, cls.fields)
        if name == "activation":
            found = elsewhere(_bare(value), words)
            if found is None:
                return None
            behind = f" -> {found}"
        elif field is not None:
            values[field] = value
        elif name not in _KNOWN_HERE:
            return None
    needed = [each.name for each in cls.fields.values() if each.required]
    for order in _orders(cls, step.word.name):
        whole = values | _by_place(cls, order, [each for each in given if not isinstance(each, tree.Ref)])
        if all(name in whole for name in needed):
            args = tuple(tree.Arg(tree.Ident(name, each.span), each, False, each.span) for name, each in whole.items())
            return Called(span, _written(cls, whole, step.word.name) + behind, args)
    return None


def _call(step: tree.Apply) -> tuple[Span | None, int]:
    """From the word to the `)` that closes its arguments, or to the next one where its result is called,
    `Conv2D(8, 3)(x)`; and where its arguments end."""
    source, start = step.word.span.source, step.word.span.end
    said = _closed(source.text, start)
    if said is None:
        return None, start
    applied = _closed(source.text, said)
    return Span(source, step.word.span.start, said if applied is None else applied), said


def _closed(text: str, start: int) -> int | None:
    """Behind the `)` that closes the `(` at that place."""
    if not text.startswith("(", start):
        return None
    depth = 0
    for found in re.finditer(r"[()]", text[start : start + MOST_CHARACTERS]):
        depth += 1 if found[0] == "(" else -1
        if depth == 0:
            return start + found.end()
    return None


def _orders(cls: type[Layer], name: str) -> Iterator[list[str]]:
    """What stands by place: in torch what comes in is first, "" here, and channels come before the kernel."""
    own = [each.name for each in cls.fields.values() if each.positional]
    own.sort(key=lambda each: each != "channels")
    more = [each for each in cls.fields if each not in own] if "kernel" in own else []
    if not name.endswith("D") and (not own or own[0] in ("channels", "features")):
        yield ["", *own, *more]
    yield [*own, *more]


def _by_place(cls: type[Layer], order: list[str], given: list[tree.Expr]) -> Values:
    found = Values()
    for place, value in enumerate(given):
        name = order[place] if place < len(order) else ""
        if not name and "bias" in cls.fields and _bare(value) in ("yes", "no", "True", "False"):
            name = "bias"
        if name:
            found[name] = value
    return found


def _written(cls: type[Layer], values: Values, name: str) -> str:
    rank = re.search(r"([123])[dD]$", name)
    parts = [cls.word]
    for field in cls.fields.values():
        if field.name not in values:
            continue
        text = _value(field, values[field.name])
        if rank and field.name == "kernel" and text.isdigit():
            text = "x".join([text] * int(rank[1]))
        if not field.positional and text == _default(field):
            continue
        parts.append(text if field.positional else f"/{text}" if field.slash else f"{field.name}={text}")
    return " ".join(parts)


def _default(field: Field) -> str:
    return {True: "yes", False: "no"}.get(field.default, "") if isinstance(field.default, bool) else str(field.default)


def _value(field: Field, value: tree.Expr) -> str:
    text = _bare(value)
    return {"True": "yes", "False": "no"}.get(text) or field.kind.also.get(plain(text), text)


def _bare(value: tree.Expr) -> str:
    """As it is written here; what stands in the text may be `(3, 3)`, or have quotes."""
    match value:
        case tree.Size(sizes, _):
            return "x".join(map(str, sizes))
        case tree.Flag(flag, _):
            return "yes" if flag else "no"
        case tree.Text(text, _) | tree.Name(text, _):
            return text
    return value.span.text.removeprefix("(").removesuffix(")")

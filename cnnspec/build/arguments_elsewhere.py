"""Arguments as other tools name and write them, and as they are written here."""

import re
from collections.abc import Collection, Mapping

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Field, Kind
from cnnspec.contract.synonyms import called_elsewhere
from cnnspec.contract.values import Dim, Value
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.text import Span
from cnnspec.syntax import tree


def called_here(
    field: Field, value: str, fields: Mapping[str, Field], arg: tree.Arg, args: tuple[tree.Arg, ...]
) -> tuple[str, bool]:
    """An argument that has another tool's name, as it is written here, and whether that is by its place: if those
    before it stand there."""
    if field.slash:
        return f"/{value}", False
    places = [each.name for each in fields.values() if each.positional and not each.kind.many]
    index = args.index(arg) if arg in args else len(places)
    if index < len(places) and places[index] == field.name and _stand_in_order(args[:index], places, fields):
        return value, True
    return f"{field.name}={value}", False


def without_quotes(value: tree.Expr | tree.Ref, words: Collection[str] | None = None) -> str:
    """A value as it is written, a text that is one of these words, or any name, without its quotes."""
    if isinstance(value, tree.Text) and (value.value.isidentifier() if words is None else value.value in words):
        return value.value
    return value.span.text


def plain_value(text: str, span: Span) -> tree.Expr:
    """A word, a text, yes or no, or a whole number."""
    if text[0] == '"':
        return tree.Text(text[1:-1], span)
    if text in ("yes", "no"):
        return tree.Flag(text == "yes", span)
    return tree.Number(int(text), span) if text.isdigit() else tree.Name(text, span)


def _stand_in_order(args: tuple[tree.Arg, ...], places: list[str], fields: Mapping[str, Field]) -> bool:
    """Whether these arguments are those of the first places, by place or by what other tools call them."""
    names = [None if each.name is None else called_elsewhere(each.name.name, fields) for each in args]
    return all(
        not arg.slash and (arg.name is None or name == place)
        for arg, name, place in zip(args, names, places, strict=False)
    )


def as_step_behind(arg: tree.Arg, args: tuple[tree.Arg, ...]) -> tuple[str, Fix | None]:
    """`activation=relu`, which is a step of its own."""
    value, source, end = without_quotes(arg.value), arg.span.source, args[-1].span.end
    help = f"an activation is a step of its own: `-> {value}`"
    if re.match(r"\s*x[\s\d(]", source.text[end : end + 20]):  # it would be repeated alone
        return help, None
    start = len(source.text[: arg.span.start].rstrip(" \t"))
    if arg is args[-1]:
        return help, Fix(help, (Edit(Span(source, start, end), f" -> {value}"),), safe=False)
    edits = (Edit(Span(source, start, arg.span.end), ""), Edit(Span(source, end, end), f" -> {value}"))
    return help, Fix(help, edits, safe=False)


def numbers_apart(fields: Mapping[str, Field], args: tuple[tree.Arg, ...]) -> Fix | None:
    """`input 3 224 224`, `conv 3 3 64` and `linear 512 10`: numbers of one size apart, or what comes in said too."""
    by_place = [each for each in fields.values() if each.positional]
    given = [each for each in args if each.name is None and not each.slash]
    numbers = [each.value.value for each in given if isinstance(each.value, tree.Number)]
    if not by_place or len(numbers) < len(given) or by_place[0].kind.many or len(given) <= len(by_place):
        return None
    together = len(given) - len(by_place) + 1
    size, rest = given[:together], given[together:]
    span = given[0].span.to(given[-1].span)
    if _takes(by_place[0].kind, Dim(int(each) for each in numbers[:together])):
        if by_place[0].name == "kernel" and len(set(numbers[:together])) > 1:  # as likely another tool's order
            return None
        right = " ".join(("x".join(each.span.text for each in size), *(each.span.text for each in rest)))
        return Fix(f"a size is written with `x`: `{right}`", (Edit(span, right),), safe=False)
    if len(by_place) == 1 and len(given) == 2 and _takes(by_place[0].kind, 2):
        what, last = by_place[0].name, given[-1].span.text
        title = f"how many come in is known; only its own {what} are said: `{last}`"
        return Fix(title, (Edit(span, last),), safe=False)
    return None


def _takes(kind: Kind, value: Value) -> bool:
    try:
        kind.make(value)
    except ArgumentError:
        return False
    return True

"""A word stays at the frameworks' default where `set` gives its sister another one.

`set` names words exactly: `set conv pad=same` says nothing of `depthwise`. Name both, or say at the step which is
meant.

```cnn fails
set conv pad=same bias=no

model Net {
  input 3x32x32
  conv 3x3 8 -> bn -> relu
  depthwise 3x3 -> bn -> relu
}
```

```cnn
set conv, depthwise pad=same bias=no

model Net {
  input 3x32x32
  conv 3x3 8 -> bn -> relu
  depthwise 3x3 -> bn -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.contract.facts import Chapter
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Word, describe
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", Severity.HINT)


def in_text(text: Text) -> Iterator[Diagnostic]:
    sets = [(line, end) for line, end in text.bound if isinstance(line, tree.Set)]
    told = set[tuple[str, str]]()
    for line, end in sets:
        for word in line.words:
            for cls, step in _sisters_below(text.words.get(word.name), line, end, text):
                for arg in line.args:
                    field = arg.name.name if arg.name else ""
                    if field in cls.fields and (cls.word, field) not in told and not _is_said(cls, field, step, sets):
                        told.add((cls.word, field))
                        yield _found(cls, field, step, arg)


def _sisters_below(
    named: type[Layer] | None, line: tree.Set, end: int, text: Text
) -> Iterator[tuple[type[Layer], tree.Apply]]:
    """The steps below a `set` whose word is of the same family as the one that it names."""
    if named is None or not text.between(named.word, line.span.end, end):
        return
    for name in text.by_word:
        cls = text.words.get(name)
        if cls is not None and _are_sisters(cls, named):
            yield from ((cls, each) for each in text.between(name, line.span.end, end))


def _are_sisters(one: type[Layer], other: type[Layer]) -> bool:
    """Two kinds of convolution; one that is transposed makes maps larger, and has other needs."""
    return one is not other and one.chapter is Chapter.CONVOLUTIONS and one.__mro__[1] is other.__mro__[1]


def _is_said(cls: type[Layer], field: str, step: tree.Apply, sets: list[tuple[tree.Set, int]]) -> bool:
    """Whether the step, or a `set` that holds there for its own word, says the argument."""
    if any((each.name and each.name.name == field) or (cls.fields[field].slash and each.slash) for each in step.args):
        return True
    for line, end in sets:
        holds = line.span.end <= step.span.start < end and any(each.name == cls.word for each in line.words)
        if holds and any(each.name and each.name.name == field for each in line.args):
            return True
    return False


def _found(cls: type[Layer], field: str, step: tree.Apply, arg: tree.Arg) -> Diagnostic:
    default = cls.fields[field].default
    shown = (
        f"{field}={describe(Word(default) if isinstance(default, str) else default)}"
        if isinstance(default, (int, str))
        else f"its own {field}"
    )
    return RULE.found(
        f"`{cls.word}` stays at `{shown}` here",
        step.word.span,
        secondary=(Label(arg.span, f"this is not for `{cls.word}`"),),
        help=f"`set` names words exactly: `set …, {cls.word} {arg.span.text}`, or `{field}=` at the step",
    )

"""A default that `set` gives affects no layer.

`set` holds for what stands below it in its file or body, and for the words that it names exactly; a step that says the
argument itself does not need it.

```cnn fails
set conv pad=same
set depthwise bias=no

model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```

```cnn
set conv pad=same

model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.contract.fields import Field
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Span
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    for line, end in text.bound:
        if not isinstance(line, tree.Set):
            continue
        idle = [(word, arg) for word in line.words for arg in line.args if not _affects(word, arg, line, end, text)]
        if len(idle) == len(line.words) * len(line.args):
            fix = text.deletion(line.span)
            yield RULE.found(f"`{line.span.text}` affects no layer", line.span, help="delete it", fix=fix)
            continue
        for arg in line.args:
            if all((word, arg) in idle for word in line.words):
                yield _found(f"`{arg.span.text}` affects no layer", arg.span)
        for word in line.words:
            if all((word, arg) in idle for arg in line.args):
                yield _found(f"there is no `{word.name}` below that this is for", word.span)


def _found(message: str, span: Span) -> Diagnostic:
    return RULE.found(message, span, help="leave it out")


def _affects(word: tree.Ident, arg: tree.Arg, line: tree.Set, end: int, text: Text) -> bool:
    """Whether a step below takes the default: one of that word that does not say the argument itself, or one whose word
    is a parameter, and may be that word."""
    assert arg.name is not None, "what `set` gives has a name"
    cls = text.words.get(word.name)
    field = cls.fields.get(arg.name.name) if cls else None
    for name in text.by_word:
        if name == word.name or text.may_be(name):
            for step in text.between(name, line.span.end, end):
                if name != word.name or not _says(step, arg.name.name, field):
                    return True
    return False


def _says(step: tree.Apply, name: str, field: Field | None) -> bool:
    slash = field is not None and field.slash
    return any((each.name is not None and each.name.name == name) or (slash and each.slash) for each in step.args)

"""A merge has a single branch, and so is that branch.

```cnn fails
model Net {
  input 3x32x32
  concat { conv 3x3 8 -> relu }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```

Where an `if` or a `for` decides how many branches there are, one may be left, and nothing is said.
"""

from collections.abc import Iterator

from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.rules.walk import Place
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.syntax import tree

RULE = rule(__name__, "lint", fixes=True)


def in_text(text: Text) -> Iterator[Diagnostic]:
    for apply in text.applies:
        word = text.words.get(apply.word.name)
        if word is None or not word.merges or apply.body is None:
            continue
        lines = apply.body.lines
        if len(lines) == 1 and isinstance(lines[0], tree.Chain) and not _varies(lines[0]):
            place = text.place_of(apply.span)
            yield RULE.found(
                f"`{apply.word.name}` has one branch, and is that branch",
                apply.word.span,
                help="leave the merge out",
                fix=_fix(apply, lines[0], place) if place else None,
            )


def _varies(chain: tree.Chain) -> bool:
    return any(isinstance(step.core, (tree.Cond, tree.Loop)) or step.repeat for step in chain.steps)


def _fix(apply: tree.Apply, branch: tree.Chain, place: Place) -> Fix | None:
    """The branch in place of the merge; a label or a repeat means the merge as a whole, and stays."""
    step = place.step
    if step.label or step.repeat or step.expect or "#" in apply.span.text:
        return None
    return Fix("", (Edit(apply.span, branch.span.text),), safe=True)

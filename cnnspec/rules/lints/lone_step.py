"""A single norm, activation or dropout is a line of a merge, and so a branch of its own.

In a body that is no merge's, a line goes on with the value above it; in a merge's, it takes the value that comes into
the merge. Steps that were meant to follow each other are joined with `->`.

```cnn fails
model Net {
  input 16x32x32
  add {
    conv 3x3 16 pad=1
    bn
    conv 3x3 16 pad=1
    id
  }
}
```

```cnn
model Net {
  input 16x32x32
  add {
    conv 3x3 16 pad=1 -> bn -> conv 3x3 16 pad=1
    id
  }
}
```

Branches that are written on one line, with `|` between them, are taken as they stand.
"""

from collections.abc import Iterator
from itertools import pairwise

from cnnspec.build.structural import STRUCTURAL
from cnnspec.contract.facts import Chapter
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic, Label
from cnnspec.syntax import tree

RULE = rule(__name__, "lint")

FINISHING = frozenset({Chapter.NORMS, Chapter.ACTIVATIONS, Chapter.REGULARIZATION})
"""What follows a step that does the work, and is seldom a branch."""


def in_text(text: Text) -> Iterator[Diagnostic]:
    for apply in text.applies:
        word = text.words.get(apply.word.name)
        if word is None or not word.merges or apply.body is None or apply.body.bars:
            continue
        lines = apply.body.lines
        for before, line in pairwise(lines):
            if _is_lone(line, text) and _is_step(before) and before.span.line != line.span.line:
                yield RULE.found(
                    f"`{line.span.text}` is a branch of its own: each line of `{apply.word.name}` is one",
                    line.span,
                    "takes what comes into the merge",
                    secondary=(Label(before.span, "another branch"),),
                    help="`->` joins steps to one branch",
                )
                break


def _is_lone(line: tree.Line, text: Text) -> bool:
    """Whether a line is one plain step of those that follow others."""
    if not isinstance(line, tree.Chain) or len(line.steps) != 1 or line.steps[0].label is not None:
        return False
    core = line.steps[0].core
    word = text.words.get(core.word.name) if isinstance(core, tree.Apply) else None
    return word is not None and word.chapter in FINISHING


def _is_step(line: tree.Line) -> bool:
    """Whether a line ends in a word or block that does something, which another step could follow."""
    core = line.steps[-1].core if isinstance(line, tree.Chain) else None
    return isinstance(core, tree.Apply) and core.word.name not in STRUCTURAL

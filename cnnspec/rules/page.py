"""The page of a rule, read from its docstring: prose, programs that fail, programs that are right.

```cnn fails                     a whole file of which `check` says what the page is about
```cnn fails --set widht=2       the same, with options of `check`
```cnn                           a whole file of which it does not
```cnn file=blocks.cnn           a file that the programs below it use
```console fails                 a command and what it says, where no text alone is to blame
"""

import re
from inspect import cleandoc
from typing import NamedTuple

from cnnspec.rules.catalogue import module_of
from cnnspec.rules.rule import Rule

_FENCE = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Prose(NamedTuple):
    """One or more paragraphs."""

    text: str


class Program(NamedTuple):
    """A fenced block. `language` is `cnn` or `console`; `options` are those of `check`; `beside` is the name of the
    file where the block is one that other programs use."""

    language: str
    text: str
    fails: bool
    options: tuple[str, ...] = ()
    beside: str | None = None


class Page(NamedTuple):
    rule: Rule
    summary: str
    blocks: tuple[Prose | Program, ...]

    @property
    def programs(self) -> tuple[Program, ...]:
        return tuple(each for each in self.blocks if isinstance(each, Program) and each.beside is None)

    @property
    def files(self) -> dict[str, str]:
        """What programs may use, by name."""
        found = (each for each in self.blocks if isinstance(each, Program))
        return {each.beside: each.text for each in found if each.beside is not None}


def page_of(id: str) -> Page:
    """The page of a rule that there is."""
    module = module_of(id)
    assert module.__doc__ is not None, f"{id} has no page"
    summary, _, rest = cleandoc(module.__doc__).partition("\n")
    blocks: list[Prose | Program] = []
    end = 0
    for fence in _FENCE.finditer(rest):
        blocks += _prose(rest[end : fence.start()])
        blocks.append(_program(fence[1], fence[2].split(), fence[3]))
        end = fence.end()
    return Page(module.RULE, summary, (*blocks, *_prose(rest[end:])))


def _prose(text: str) -> list[Prose | Program]:
    return [Prose(text.strip())] if text.strip() else []


def _program(language: str, said: list[str], text: str) -> Program:
    beside = next((each.removeprefix("file=") for each in said if each.startswith("file=")), None)
    fails = said[:1] == ["fails"]
    options = () if beside else tuple(said[fails:])
    return Program(language, text, fails, options, beside)

"""Programs for tests: a text in, what the compiler makes of it out."""

import os
from collections.abc import Mapping

from cnnspec.build.options import PLAIN, Limits, Options
from cnnspec.contract.values import Shape
from cnnspec.files import Library
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.reading import Refusal
from cnnspec.source.text import Source


class Shelf(Library):
    """Files that are on no disk, by their names beside the main one."""

    def __init__(self, main: str, texts: Mapping[str, str]) -> None:
        super().__init__(main, Limits())
        self._texts = {os.path.realpath(name): text for name, text in texts.items()}

    def read(self, path: str, by: Source) -> Source | Refusal:
        real = self.locate(path, by)
        if isinstance(real, Refusal) or real not in self._texts:
            return real if isinstance(real, Refusal) else Refusal("file-not-found", f"there is no file `{path}`")
        name = os.path.relpath(real)
        self._paths[name] = real
        return self._sources.setdefault(real, Source(name, self._texts[real]))


def compiled(
    text: str, options: Options = PLAIN, name: str = "model.cnn", files: Mapping[str, str] | None = None
) -> Compiled:
    """A whole file; with `files`, those that it uses."""
    return compile_source(Source(name, text), options, Shelf(name, files) if files else None)


def model(lines: str, shape: str = "3x32x32") -> str:
    """A file with one model, whose input is given."""
    return f"model Example {{\n  input {shape}\n{lines}\n}}\n"


def good(text: str, options: Options = PLAIN) -> Compiled:
    """A file that must compile without any finding."""
    result = compiled(text, options)
    assert not result.diagnostics, [(each.id, each.message, each.label) for each in result.diagnostics]
    assert result.built is not None
    return result


def steps(lines: str, shape: str = "3x32x32") -> Compiled:
    """Lines of a model that must compile without any finding."""
    return good(model(lines, shape))


def shapes(result: Compiled) -> dict[str, Shape | None]:
    """The shapes by node."""
    assert result.built is not None
    return dict(result.built.shapes)


def last(result: Compiled) -> Shape | None:
    """The shape of the only output."""
    assert result.built is not None
    (output,) = result.built.graph.outputs.values()
    return result.built.shapes[output]


def findings(text: str, options: Options = PLAIN) -> list[tuple[str, str]]:
    """Every diagnostic as (id, the text it points at)."""
    return [(each.id, each.label.span.text if each.label else "") for each in compiled(text, options).diagnostics]

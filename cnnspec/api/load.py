"""From a file or a text to a Model, or to what is wrong with it."""

import os
import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from cnnspec.api.model import Model, Path
from cnnspec.api.options import Size, options
from cnnspec.files import STDIN
from cnnspec.fixes.solve import solved, solved_one
from cnnspec.pipeline import Compiled, compile_each, compile_file, compile_source
from cnnspec.reports.findings.text import render_all
from cnnspec.reports.look import Look
from cnnspec.resources import zoo_names
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source


class SpecError(Exception):
    """A network has errors. `diagnostics` are all findings; as a string they are shown as `cnnspec check` does."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = list(diagnostics)
        super().__init__("\n" + render_all(self.diagnostics, Look()).rstrip())


class BudgetWarning(UserWarning):
    """A network that was loaded is over its budget (`require params <= 12M`); the text is that of `cnnspec check`."""


def load(
    path: Path,
    /,
    *,
    model: str | None = None,
    input: Size | Mapping[str, Size] | None = None,
    limits: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> Model:
    """The network in a file, or `zoo:NAME`; SpecError if it has errors. One whose only errors are its budgets is
    loaded with a BudgetWarning: it has all its numbers, but cannot be exported or run.

    Further keywords replace the model's parameters (`width=0.5`); one that is called like a keyword of this function
    goes into `parameters`. `model` chooses among several, `input` is another shape: `"3x320x320"`, `(3, 320, 320)`, or
    one by the name of each input; `limits` raise bounds: `{"nodes": 1_000_000}`.
    """
    return _model(compile_file(_name(path), options(model, input, limits, parameters, more)))


def loads(
    text: str,
    /,
    *,
    name: str = "<text>",
    model: str | None = None,
    input: Size | Mapping[str, Size] | None = None,
    limits: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> Model:
    """The network in a text, which messages call `name`; what it uses is looked for beside a file of that name."""
    return _model(compile_source(Source(name, text), options(model, input, limits, parameters, more)))


def check(
    paths: Path | Iterable[Path],
    /,
    *,
    model: str | None = None,
    input: Size | Mapping[str, Size] | None = None,
    limits: Mapping[str, int] | None = None,
    parameters: Mapping[str, Any] | None = None,
    **more: Any,
) -> list[Diagnostic]:
    """Everything there is to say about one file or several; an empty list if all is well. Options as for `load`."""
    wanted = options(model, input, limits, parameters, more)
    names = [paths] if isinstance(paths, (str, os.PathLike)) else paths
    found = (solved(compile_each(_name(each), wanted), wanted) for each in names)
    return [diagnostic for each in found for one in each for diagnostic in one.diagnostics]


def zoo() -> list[str]:
    """The networks that come with cnnspec; `load("zoo:NAME")` takes one."""
    return list(zoo_names())


def _model(compiled: Compiled) -> Model:
    if not compiled.whole:
        raise SpecError(solved_one(compiled).diagnostics)
    if not compiled.ok:
        warnings.warn(BudgetWarning(str(SpecError(compiled.diagnostics))), stacklevel=3)
    return Model(compiled)


def _name(path: Path) -> str:
    name = os.fsdecode(path)
    if name == STDIN:
        raise ValueError("`-` is the command line's; read the text and give it to `loads`")
    return name

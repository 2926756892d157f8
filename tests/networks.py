"""What several tests need: the example networks compiled once, texts as programs, and the tables of truth."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from cnnspec.build.options import Options
from cnnspec.passes.analysis import Row
from cnnspec.pipeline import Compiled, compile_file, compile_source
from cnnspec.resources import zoo_names
from cnnspec.source.text import Source
from tests import ROOT

EXAMPLES = ROOT / "examples"
PROGRAMS = ROOT / "tests" / "programs"
ZOO = zoo_names()


@cache
def truth(name: str) -> dict[str, Any]:
    """One table of tests/truth, without its remark."""
    table: dict[str, Any] = json.loads((ROOT / "tests" / "truth" / f"{name}.json").read_text(encoding="utf-8"))
    table.pop("_about")
    inner: dict[str, Any] = table.get(name, table)
    return inner


def compiled(path: Path, options: Options | None = None) -> Compiled:
    """A file that must be free of errors and warnings."""
    result = compile_file(str(path), options or Options())
    assert result.ok, [each.message for each in result.diagnostics]
    return result


def file_of(name: str) -> Path:
    """An example, or else one of the tests' own programs."""
    path = EXAMPLES / f"{name}.cnn"
    return path if path.exists() else PROGRAMS / f"{name}.cnn"


@cache
def network(name: str) -> Compiled:
    """The same, compiled as its file has it."""
    return compiled(file_of(name))


def program(body: str, options: Options | None = None) -> Compiled:
    """A model given by the lines of its body, free of errors and warnings."""
    source = Source("program.cnn", f"cnn 1\nmodel M {{\n{body}\n}}\n")
    result = compile_source(source, options or Options())
    assert result.ok, [each.message for each in result.diagnostics]
    return result


def last(result: Compiled, path: str) -> Row:
    """The row of a node, or of what leaves a scope."""
    rows = [row for row in result.analysis.rows if row.node.id == path or row.node.id.startswith(f"{path}.")]
    return rows[-1]

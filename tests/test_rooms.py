"""The walls of the house: who imports whom, read from the code and held to the table of docs/architecture.md."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

from cnnspec.contract.register import words
from tests import ROOT

PACKAGE = ROOT / "cnnspec"
FILES = sorted(path for path in PACKAGE.rglob("*.py"))
MODULES = {".".join(path.relative_to(ROOT).with_suffix("").parts): path for path in FILES}


class Room(NamedTuple):
    floor: int
    rooms: frozenset[str]
    libraries: frozenset[str]
    on_demand: frozenset[str]


class Import(NamedTuple):
    """One imported module, and whether loading the file imports it."""

    module: str
    line: int
    at_load: bool


@cache
def rooms() -> dict[str, Room]:
    """The table of docs/architecture.md."""
    table: dict[str, Room] = {}
    for line in (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and cells[0].isdigit():
            libraries = re.findall(r"`(\w+)`( \(on demand\))?", cells[4])
            table[cells[1].strip("`")] = Room(
                int(cells[0]),
                frozenset(re.findall(r"`(\w+)`", cells[3])),
                frozenset(name for name, _ in libraries),
                frozenset(name for name, late in libraries if late),
            )
    return table


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def room_imported(module: str) -> str:
    """`cnnspec.ir.graph` is of `ir`; what is no room is a name of the package itself."""
    name = module.partition(".")[2].partition(".")[0]
    return name if name in rooms() or name == "__version__" else "__init__"


def imports(path: Path) -> Iterator[Import]:
    """Every import of a file, those that only the type checker sees left out."""
    yield from _imports(ast.parse(path.read_text(encoding="utf-8")), at_load=True)


def _imports(parent: ast.AST, at_load: bool) -> Iterator[Import]:
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        if isinstance(node, ast.Import):
            yield from (Import(each.name, node.lineno, at_load) for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"a relative import in line {node.lineno}"
            assert node.module is not None
            names = {_module(node.module, each.name) for each in node.names}
            yield from (Import(name, node.lineno, at_load) for name in sorted(names))
        inside = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from _imports(node, at_load and not inside)


def _module(origin: str, name: str) -> str:
    """`from cnnspec.syntax import tree` imports a module, `from cnnspec.ir.graph import Graph` a name of one."""
    whole = f"{origin}.{name}"
    return whole if origin == "cnnspec" or whole in MODULES else origin


def test_the_table_lists_every_room() -> None:
    assert {room_of(path) for path in FILES} <= set(rooms())
    assert len(rooms()) >= 14


def test_imports_run_down_without_a_circle() -> None:
    for name, room in rooms().items():
        for other in room.rooms:
            assert rooms()[other].floor <= room.floor, f"{name} may not import {other} from above"
    TopologicalSorter({name: room.rooms for name, room in rooms().items()}).prepare()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_imports_what_its_room_may(path: Path) -> None:
    room = rooms()[room_of(path)]
    for each in imports(path):
        top = each.module.partition(".")[0]
        where = f"line {each.line} imports {each.module}"
        if top == "cnnspec":
            target = room_imported(each.module)
            assert target in {room_of(path), "__version__", *room.rooms}, where
        elif top not in sys.stdlib_module_names:
            assert top in room.libraries, where
            assert not (each.at_load and top in room.on_demand), f"{where} when it is loaded"


def test_modules_import_each_other_in_no_circle() -> None:
    loaded = {name: {each.module for each in imports(path) if each.at_load} for name, path in MODULES.items()}
    TopologicalSorter({name: found & MODULES.keys() for name, found in loaded.items()}).prepare()


# Words that mean something of their own where they stand. Everything else that a layer is called by belongs to layers/.
STRUCTURAL = {
    "build": {"id", "none", "reuse", "max", "min", "input", "output"},
    # a step of `image` and `augment`; what others call the schedule `polynomial`; and the argument `factor`; a function
    # of formulas
    "contract": {"crop", "linear", "scale", "max"},
    "ir": {"input"},
    "rules": {"input", "output", "sigmoid"},  # what a fix writes
    "source": {"input", "output"},
}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_layer_is_named_outside_layers(path: Path) -> None:
    """No comparison with a word, no import of a class: what differs by layer is a fact that the layer states."""
    if room_of(path) == "layers":
        return
    allowed = set(STRUCTURAL.get(room_of(path), set()))
    # `pad` is an argument of many layers besides.
    allowed |= {field for layer in words().values() for field in layer.fields}
    texts = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Constant)]
    named = {(text.value, text.lineno) for text in texts if isinstance(text.value, str) and text.value in words()}
    assert {each for each in named if each[0] not in allowed} == set()
    assert not [each for each in imports(path) if each.module.startswith("cnnspec.layers")]


FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "yaml", "imp"}
FORBIDDEN_CALLS = {"eval", "exec", "__import__", "breakpoint"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_nothing_that_is_read_is_run(path: Path) -> None:
    """No evaluation of texts, no unpickling, no shell."""
    for each in imports(path):
        assert each.module.partition(".")[0] not in FORBIDDEN_MODULES, f"line {each.line}"
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            call = ast.unparse(node.func)
            assert call not in FORBIDDEN_CALLS, f"line {node.lineno}"
            assert not call.endswith(("torch.load", "os.system", "os.popen")), f"line {node.lineno}"
            for keyword in node.keywords:
                risky = keyword.arg in {"shell", "allow_pickle"} and ast.unparse(keyword.value) != "False"
                assert not risky, f"line {node.lineno}"

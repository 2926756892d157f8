"""What a project says once for every `check`: a table of `cnnspec.toml` or `pyproject.toml`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from cnnspec.source.nearest import nearest

OWN, SHARED = "cnnspec.toml", "pyproject.toml"
FLAGS = ("strict", "pedantic", "perf")
LISTS = ("select", "ignore")
KEYS = (*FLAGS, *LISTS, "format")


def configuration(folder: Path | None = None) -> dict[str, Any]:
    """The defaults of `check`'s options, as the nearest configuration from a folder upwards has them; empty if there is
    none. The command line goes before it. A usage error where the file is wrong."""
    try:
        start = (folder or Path.cwd()).resolve()
    except OSError:  # the folder that we stand in is gone
        return {}
    for each in (start, *start.parents):
        for file in (each / OWN, each / SHARED):
            if os.path.isfile(file) and (ours := _ours(file)) is not None:
                return _options(ours, file)
    return {}


def _ours(file: Path) -> Any:
    """What a file says of us; None where a `pyproject.toml` says nothing, whatever else is wrong in it."""
    import tomllib

    try:
        content = file.read_bytes()
        if file.name == SHARED and b"cnnspec" not in content:
            return None
        whole = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise _refused(file, (error.strerror or str(error)).lower()) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(file, f"it is not TOML: {str(error)[:200]}") from error
    if file.name == OWN:
        return whole
    tools = whole.get("tool")
    return tools.get("cnnspec") if isinstance(tools, dict) else None


def _options(ours: Any, file: Path) -> dict[str, Any]:
    _known(ours, ("check",), file)
    table = ours.get("check", {})
    _known(table, KEYS, file)
    for key, value in table.items():
        if key in FLAGS and not isinstance(value, bool):
            raise _refused(file, f"`{key}` must be true or false")
        if key in LISTS and not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
            raise _refused(file, f'`{key}` must be a list of rules: {key} = ["lost-border"]')
        if key == "format" and not isinstance(value, str):
            raise _refused(file, '`format` must be a text: format = "concise"')
    return {("form" if key == "format" else key): value for key, value in table.items()}


def _known(table: Any, keys: tuple[str, ...], file: Path) -> None:
    if not isinstance(table, dict):
        raise _refused(file, "the settings must be a table: `[check]`")
    for key in table:
        if key not in keys:
            near = nearest(key, keys)
            help = f"did you mean `{near}`?" if near else f"what can be set is {', '.join(keys)}"
            raise _refused(file, f"nothing is called `{key}`; {help}")


def _refused(file: Path, why: str) -> click.UsageError:
    return click.UsageError(f"{os.path.relpath(file)}: {why}", click.get_current_context(silent=True))

"""What a project says once for every `check`: a table of `cnnspec.toml` or `pyproject.toml`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from cnnspec.cli.conventions import FORMS
from cnnspec.cli.verb import Verb
from cnnspec.files import STDIN
from cnnspec.source.nearest import nearest

OWN, SHARED = "cnnspec.toml", "pyproject.toml"
FLAGS = ("strict", "pedantic", "perf")
LISTS = ("select", "ignore")
KEYS = (*FLAGS, *LISTS, "format")


class Configured(Verb):
    """A command whose options are, where the command line leaves them out, as the project's configuration has them. It
    is read when all is understood that was typed: help needs none."""

    def invoke(self, ctx: click.Context) -> Any:
        typed = ctx.params
        said = configuration()
        if typed["diff"] or (typed["fix"] and STDIN in typed["files"]):
            said.pop("form", None)  # standard output is taken
        for name, value in said.items():
            if ctx.get_parameter_source(name) is ParameterSource.DEFAULT:
                typed[name] = value
        return super().invoke(ctx)


def configuration(folder: Path | None = None) -> dict[str, Any]:
    """The defaults of `check`'s options, as the nearest configuration from a folder upwards has them; empty if there is
    none. The command line goes before it. A ClickException names file, line and key where the file is wrong."""
    try:
        start = (folder or Path.cwd()).resolve()
    except OSError:  # the folder that we stand in is gone
        return {}
    for each in (start, *start.parents):
        for file in (each / OWN, each / SHARED):
            if os.path.isfile(file) and (ours := _ours(file)) is not None:
                return ours
    return {}


def _ours(file: Path) -> dict[str, Any] | None:
    """What a file says of us; None where a `pyproject.toml` says nothing, whatever else is wrong in it."""
    import tomllib

    try:
        content = file.read_bytes()
        if file.name == SHARED and b"cnnspec" not in content:
            return None
        text = content.decode("utf-8")
        whole = tomllib.loads(text)
    except OSError as error:
        raise _refused(file, (error.strerror or str(error)).lower()) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _refused(file, f"it is not TOML: {str(error)[:200]}") from error
    if file.name == OWN:
        return _Settings(file, text).options(whole)
    tools = whole.get("tool")
    ours = tools.get("cnnspec") if isinstance(tools, dict) else None
    return None if ours is None else _Settings(file, text).options(ours)


class _Settings:
    """The settings in a file, whose text tells where a key stands."""

    def __init__(self, file: Path, text: str) -> None:
        self._file, self._lines = file, text.splitlines()

    def options(self, ours: Any) -> dict[str, Any]:
        """The settings as options of `check`."""
        self._known(ours, ("check",), "check")
        table = ours.get("check", {})
        self._known(table, KEYS, "check")
        for key, value in table.items():
            if (wrong := _wrong(key, value)) is not None:
                raise self._refused(key, wrong)
        return {("form" if key == "format" else key): value for key, value in table.items()}

    def _known(self, table: Any, keys: tuple[str, ...], name: str) -> None:
        if not isinstance(table, dict):
            raise self._refused(name, "the settings must be a table: `[check]`")
        for key in table:
            if key not in keys:
                near = nearest(key, keys)
                help = f"did you mean `{near}`?" if near else f"what can be set is {', '.join(keys)}"
                raise self._refused(key, f"nothing is called `{key}`; {help}")

    def _refused(self, key: str, why: str) -> click.ClickException:
        """At the first line that gives the key a value, or begins a table of its name; in a file of several tools, from
        the first line on that names ours."""
        name = re.escape(key)
        gives = re.compile(rf"""\s*(\[\s*)?([\w-]+\s*\.\s*)*["']?{name}["']?\s*[=.\]]""")
        begin = 0 if self._file.name == OWN else next(i for i, line in enumerate(self._lines) if "cnnspec" in line)
        line = next((i + 1 for i, line in enumerate(self._lines) if i >= begin and gives.match(line)), None)
        return _refused(self._file, why, line)


def _wrong(key: str, value: Any) -> str | None:
    """What is wrong with the value of a key that is known."""
    if key in FLAGS:
        return None if isinstance(value, bool) else f"`{key}` must be true or false"
    if key == "format":
        forms = f"{', '.join(FORMS[:-1])} or {FORMS[-1]}"
        return None if value in FORMS else f'`format` must be {forms}: format = "concise"'
    if not (isinstance(value, list) and all(isinstance(each, str) for each in value)):
        return f'`{key}` must be a list of rules: {key} = ["lost-border"]'
    from cnnspec.rules.selection import selection

    try:
        selection(value)
    except ValueError as error:
        return f"`{key}`: {error}"
    return None


def _refused(file: Path, why: str, line: int | None = None) -> click.ClickException:
    place = os.path.relpath(file) if line is None else f"{os.path.relpath(file)}:{line}"
    return click.ClickException(f"{place}: {why}")

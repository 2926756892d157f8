"""Reading texts from outside: the file that a command names, and what that file uses.

Nothing here raises at a user. A file that the command names is read wherever it lies; a file that a text names is read
only inside the folder tree of the command's file.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from cnnspec.build.options import Limits
from cnnspec.reading import Refusal, read_file, reason_of, standard_input, text_of
from cnnspec.resources import GIT, ZOO, zoo_names, zoo_path
from cnnspec.source.diagnostic import Diagnostic, Severity
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Source

if TYPE_CHECKING:
    from cnnspec.revisions import Revision

STDIN = "-"
"""The name under which a text is read from standard input."""

IO_IDS = frozenset(
    {
        "file-not-found",
        "file-unreadable",
        "not-a-file",
        "file-too-large",
        "foreign-file",
        "empty-file",
        "not-text",
        "unknown-network",
    }
)
"""The diagnostics about a file itself, not about what is written in it: a command that meets one exits with 2."""

NO_TEXTS: Mapping[str, str] = MappingProxyType({})


def read_source(name: str, limits: Limits) -> Source | Diagnostic:
    """The text under a name given on the command line: a path, `-` for standard input, `zoo:NAME`, or
    `git:REV:FILE`."""
    if name == STDIN:
        text = standard_input(limits.file_bytes)
    elif name.startswith(GIT):
        text = _named_of_revision(name, limits.file_bytes)
    else:
        path = path_of(name)
        text = path if isinstance(path, Refusal) else read_file(path, name, limits.file_bytes)
    if isinstance(text, Refusal):
        return Diagnostic(text.id, Severity.ERROR, text.message, help=text.help, file=name)
    return Source(name, text)


def texts_of(names: Iterable[str]) -> Iterator[str | Diagnostic]:
    """The names, each once, and each folder replaced by the `.cnn` files below it, sorted; a folder that holds none or
    cannot be opened is told.

    What is hidden is passed over (`.git`), and links to folders are not followed.
    """
    given = set[str]()
    for name in dict.fromkeys(names):
        if name == STDIN or name.startswith((ZOO, GIT)) or not os.path.isdir(name):
            found: Iterable[str | Diagnostic] = (name,)
        else:
            found = _below(name)
        for each in found:
            key = os.path.normpath(each) if isinstance(each, str) else ""
            if key not in given:
                yield each
            given.update((key,) if key else ())


def _below(name: str) -> Iterator[str | Diagnostic]:
    """The texts in a folder and in those inside it."""
    closed: list[OSError] = []
    empty = True
    for folder, inner, files in os.walk(name, onerror=closed.append):
        inner[:] = sorted(each for each in inner if not each.startswith("."))
        for each in sorted(files):
            if each.endswith(".cnn"):
                empty = False
                yield os.path.normpath(os.path.join(folder, each))
    for error in closed:
        message = f"cannot look into `{error.filename}`: {reason_of(error)}"
        yield Diagnostic("file-unreadable", Severity.ERROR, message, file=error.filename)
    if empty and not closed:
        message, help = f"there are no `.cnn` files in `{name}`", "`cnnspec new` writes a first network"
        yield Diagnostic("file-not-found", Severity.ERROR, message, help=help, file=name)


def path_of(name: str) -> str | Refusal:
    """The path behind a name given on the command line (not `-`); whether a file is there is not asked."""
    if not name.startswith(ZOO):
        return name
    wanted = name.removeprefix(ZOO)
    if path := zoo_path(wanted):
        return path
    near = nearest(wanted, zoo_names())
    begin_so = [each for each in zoo_names() if each.startswith(wanted)]
    help = f"did you mean `{ZOO}{near}`?" if near else f"the networks are {', '.join(zoo_names())}"
    if len(wanted) > 2 and begin_so and near not in begin_so:
        help = f"there is {', '.join(f'`{ZOO}{each}`' for each in begin_so)}"
    return Refusal("unknown-network", f"the zoo has no network `{wanted}`", help)


class Library:
    """The files that belong to one main file, found relative to the file that asks and never outside the main file's
    folder tree. Each is read once, whatever ways lead to it; `texts` take the place of what is on the disk, by the name
    that messages call a file by."""

    def __init__(self, main: str, limits: Limits, texts: Mapping[str, str] = NO_TEXTS) -> None:
        self._limits, self._texts = limits, texts
        self._sources: dict[str, Source] = {}
        self._paths: dict[str, str] = {}
        self._root: str | None = None
        self._revision = _revision_of(main)
        path = STDIN if main == STDIN else path_of(main)
        if self._revision:
            self._paths[main] = os.path.join(os.sep, self._revision.path)
            self._root = os.path.dirname(self._paths[main])
        elif isinstance(path, str) and path != STDIN:
            self._paths[main] = _absolute(path)
            self._root = os.path.dirname(self._paths[main])

    @property
    def sources(self) -> tuple[Source, ...]:
        """What was read so far."""
        return tuple(self._sources.values())

    def read(self, path: str, by: Source) -> Source | Refusal:
        """The text of the file that `by` calls `path`."""
        real = self.locate(path, by)
        if isinstance(real, Refusal):
            return real
        if real not in self._sources:
            if len(self._sources) + 1 >= self._limits.files:
                return Refusal(
                    "limit-exceeded",
                    f"the network is spread over more than {self._limits.files} files",
                    self._limits.way_out("files"),
                )
            name = _beside(by.name, path)
            text = self._texts[name] if name in self._texts else self._text_of(real, path)
            if isinstance(text, Refusal):
                return text
            self._sources[real] = Source(name, text)
            self._paths[name] = real
        return self._sources[real]

    def _text_of(self, real: str, path: str) -> str | Refusal:
        limit = self._limits.file_bytes
        return _of_revision(self._revision, real, path, limit) if self._revision else read_file(real, path, limit)

    def locate(self, path: str, by: Source) -> str | Refusal:
        """The absolute path of the file that `by` calls `path`; whether it is there is not asked."""
        if self._root is None:
            return Refusal(
                "outside-folder",
                "a text from standard input has no folder in which other files could be found",
                "save it as a file",
            )
        if not path:
            return Refusal("file-not-found", "the name of the file is empty")
        if os.path.isabs(path) or "\\" in path or os.path.splitdrive(path)[0]:
            help = "write the path from this file's own folder, with `/` between folders"
            return Refusal("outside-folder", f"`{path}` is not a relative path", help)
        if "\0" in path:
            return Refusal("file-not-found", "the name of the file holds a zero byte")
        asker = self._paths.get(by.name)
        assert asker is not None, f"{by.name} was not read by this library"
        real = os.path.join(os.path.dirname(asker), path)
        real = os.path.normpath(real) if self._revision else os.path.realpath(real)
        if not real.startswith(self._root.rstrip(os.sep) + os.sep):
            help = "only files beside or below the main file are read: copy it there"
            return Refusal("outside-folder", f"`{path}` lies outside the folder of the main file", help)
        return real


def _absolute(path: str) -> str:
    """The path without links; where the folder that we stand in is gone, one that leads to no file, as a relative path
    does there."""
    try:
        return os.path.realpath(path)
    except OSError:
        return os.path.normpath(os.path.join(os.sep, "(deleted)", path))


def _beside(asker: str, path: str) -> str:
    """What messages call a file that was found through another one."""
    if asker.startswith(ZOO):
        return ZOO + path
    if asker.startswith(GIT):
        return _beside_in_revision(asker, path)
    return os.path.normpath(os.path.join(os.path.dirname(asker), path))


def _beside_in_revision(asker: str, path: str) -> str:
    """`git:HEAD:./a/model.cnn` uses `git:HEAD:./a/blocks.cnn`."""
    from cnnspec.revisions import parts

    revision, file = parts(asker)
    beside = os.path.normpath(os.path.join(os.path.dirname(file), path)).replace(os.sep, "/")
    return f"{GIT}{revision}:{'./' if file.startswith('./') else ''}{beside}"


def _named_of_revision(name: str, limit: int) -> str | Refusal:
    """The text under a name such as `git:HEAD:model.cnn`."""
    from cnnspec.revisions import GitError, Revision  # which brings subprocess

    try:
        revision = Revision(name)
        return _of_revision(revision, os.sep + revision.path, revision.file, limit)
    except GitError as error:
        return Refusal(error.id, error.message, error.help)


def _of_revision(revision: "Revision", path: str, shown: str, limit: int) -> str | Refusal:
    """The text of a file by its path from the root of the repository, as if that were the root of the machine."""
    from cnnspec.revisions import GitError

    try:
        data = revision.read(path.lstrip(os.sep).replace(os.sep, "/"), shown, limit)
    except GitError as error:
        return Refusal(error.id, error.message, error.help)
    return text_of(data, f"`{shown}`", limit)


def _revision_of(main: str) -> "Revision | None":
    """The revision that a file's name has; None for other names, and for what cannot be one."""
    if not main.startswith(GIT):
        return None
    from cnnspec.revisions import GitError, Revision

    try:
        revision = Revision(main)
        return revision if revision.path else None
    except GitError:  # who reads the file is told
        return None

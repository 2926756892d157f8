"""Texts as git has them: `git:REV:FILE` is what the file was at that revision, without checking anything out.

FILE is from the root of the repository, as git has it; `./FILE` and `../FILE` are from the folder that we stand in. git
is asked by plain commands, never through a shell; nothing of what it prints is obeyed, and it changes nothing.
"""

import os
import posixpath
import subprocess
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType

from cnnspec.resources import GIT

SECONDS = 60
"""So long git may take: a clone without its objects fetches them."""
QUIET: Mapping[str, str] = MappingProxyType({"GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"})
LONGEST = 4096
EXAMPLE = "such as `git:HEAD~1:model.cnn` or `git:origin/main:./model.cnn`"

NO_OBJECT, LINK, FOLDER, REPOSITORY = "", "120000", "040000", "160000"
"""What git calls modes; the others are files."""


class GitError(Exception):
    """Why a text was not read: a diagnostic's id, message and help."""

    def __init__(self, id: str, message: str, help: str | None = None) -> None:
        super().__init__(message)
        self.id, self.message, self.help = id, message, help


class Revision:
    """One revision of the repository that we stand in, and a file of it that was named. Nothing is asked of git before
    it is needed; the same names may lead elsewhere for another object, as branches move."""

    def __init__(self, name: str) -> None:
        self.revision, self.file = parts(name)

    @cached_property
    def tree(self) -> str:
        """The hash of the tree, so that all files come from one."""
        if self._here is None:
            raise _NO_REPOSITORY
        done = _git("rev-parse", "--verify", "--quiet", f"{self.revision}^{{tree}}")
        if done.returncode:
            message = f"there is no revision `{self.revision}` in this repository"
            help = "`git fetch` may bring it; a checkout in CI often holds one commit alone (`fetch-depth: 0`)"
            raise GitError("file-not-found", message, help)
        return done.stdout.decode("ascii", "replace").strip()

    @cached_property
    def path(self) -> str:
        """The file, from the root of the repository."""
        path = self.file
        if path.startswith(("./", "../")):
            if self._here is None:
                raise _NO_REPOSITORY
            path = posixpath.join(self._here, path)
        path = posixpath.normpath(path)
        if path.startswith(("../", "/")) or path in ("..", "."):
            raise GitError("file-not-found", f"`{self.file}` is no file of the repository", _FROM_ROOT)
        return path

    def read(self, path: str, shown: str, limit: int) -> bytes:
        """The bytes of a file by its path from the root; of a larger one GitError, before it is read."""
        mode, hash, size = self._entry(path)
        if mode == NO_OBJECT:
            raise GitError("file-not-found", f"there is no file `{shown}` in `{self.revision}`", self._meant(path))
        if mode in (FOLDER, REPOSITORY):
            raise GitError("not-a-file", f"`{shown}` is a folder in `{self.revision}`", "name a file in it")
        if mode == LINK:
            raise GitError("not-a-file", f"`{shown}` is a link in `{self.revision}`", "name the file that it leads to")
        if size > limit:
            raise GitError("file-too-large", f"`{shown}` is larger than {limit:,} bytes in `{self.revision}`")
        done = _git("cat-file", "blob", hash)
        if done.returncode:
            raise GitError("file-unreadable", f"git cannot read `{shown}` in `{self.revision}`: {_reason(done)}")
        return done.stdout

    @cached_property
    def _here(self) -> str | None:
        """The folder that we stand in, from the repository's root; None outside of one."""
        done = _git("rev-parse", "--show-prefix")
        if done.returncode:
            reason = _reason(done)
            if "not a git repository" in reason:
                return None
            raise GitError("file-unreadable", f"git refuses this folder: {reason}")
        return os.fsdecode(done.stdout).strip("\n")

    def _entry(self, path: str) -> tuple[str, str, int]:
        """Mode, hash and size."""
        done = _git("--literal-pathspecs", "ls-tree", "-z", "-l", "--full-tree", self.tree, "--", path)
        if done.returncode:
            raise GitError("file-unreadable", f"git cannot look into `{self.revision}`: {_reason(done)}")
        for line in done.stdout.split(b"\0"):
            facts, _, found = line.partition(b"\t")
            if os.fsdecode(found) == path:
                mode, _, hash, size = facts.decode("ascii").split()
                return mode, hash, int(size) if size.isdigit() else 0
        return NO_OBJECT, "", 0

    def _meant(self, path: str) -> str | None:
        """A file of that name where a shell would look for it."""
        if not self._here or path != self.path or self.file.startswith("."):
            return None
        is_here = self._entry(posixpath.normpath(posixpath.join(self._here, self.file)))[0]
        return f"did you mean `{GIT}{self.revision}:./{self.file}`? {_FROM_ROOT}" if is_here else None


_NO_REPOSITORY = GitError("file-not-found", "this folder is in no git repository", "name a file by its path")
_FROM_ROOT = "without `./` a path is from the root of the repository"


def parts(name: str) -> tuple[str, str]:
    """`git:REV:FILE` in two; the first colon outside braces parts them (`HEAD^{/fix: it}:model.cnn`)."""
    text = name.removeprefix(GIT)
    depth, revision, file = 0, text, ""
    for place, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if sign == ":" and depth <= 0:
            revision, file = text[:place], text[place + 1 :]
            break
    if not revision or not file:
        raise GitError("file-not-found", f"`{name}` is not of the form git:REV:FILE", EXAMPLE)
    if revision.startswith("-") or any(each in name for each in "\0\n\r") or len(name) > LONGEST:
        raise GitError("file-not-found", f"`{revision[:40]}` is no revision", EXAMPLE)
    if file.startswith("/"):
        raise GitError("file-not-found", f"`{file}` is a path on this machine", _FROM_ROOT)
    return revision, file


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["git", *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env={**os.environ, **QUIET},
            timeout=SECONDS,
            check=False,
        )
    except FileNotFoundError as error:
        raise GitError("file-unreadable", "git is not installed, or not on the PATH") from error
    except subprocess.TimeoutExpired as error:
        raise GitError("file-unreadable", f"git did not answer within {SECONDS} seconds") from error
    except (OSError, ValueError) as error:
        raise GitError("file-unreadable", f"git cannot be run: {error}") from error


def _reason(done: subprocess.CompletedProcess[bytes]) -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[0].removeprefix("fatal: ") if lines else f"it ended with {done.returncode}"

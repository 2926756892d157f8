"""The bytes of one file as a text, or why it is none."""

import os
import stat
import sys
from typing import NamedTuple

from cnnspec.build.options import Limits
from cnnspec.resources import GIT, ZOO, example_path, zoo_path
from cnnspec.source.nearest import nearest

_START = 4096
_USUAL = (b"cnn ", b"model ", b"block ")
"""How nearly every text begins: what does is not asked what else it may be."""

_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)


class Refusal(NamedTuple):
    """Why a file was not read: a diagnostic's id, message and help, without a place."""

    id: str
    message: str
    help: str | None = None


def standard_input(limit: int) -> str | Refusal:
    if sys.stdin is None or sys.stdin.closed:
        return Refusal("file-unreadable", "there is no standard input")
    try:
        return text_of(sys.stdin.buffer.read(limit + 1), "standard input", limit)
    except OSError as error:
        return Refusal("file-unreadable", f"cannot read standard input: {reason_of(error)}")


def read_file(path: str, name: str, limit: int) -> str | Refusal:
    """The text of a regular file. It is opened without waiting, as a pipe without a writer would never answer."""
    try:
        handle = os.open(path, _FLAGS)
    except FileNotFoundError:
        return Refusal("file-not-found", f"there is no file `{name}`", _other_name(path, name))
    except (OSError, ValueError) as error:
        return _unopened(path, name, error)
    state = os.fstat(handle)
    if not stat.S_ISREG(state.st_mode):
        os.close(handle)
        return _no_file(name, stat.S_ISDIR(state.st_mode))
    with os.fdopen(handle, "rb") as file:
        try:
            if state.st_size > limit:
                return _foreign(file.read(_START), f"`{name}`") or _too_large(name, limit)
            return text_of(file.read(limit + 1), f"`{name}`", limit)
        except OSError as error:
            return Refusal("file-unreadable", f"cannot read `{name}`: {reason_of(error)}")


def _unopened(path: str, name: str, error: OSError | ValueError) -> Refusal:
    if os.path.isdir(path):
        return _no_file(name, True)
    if isinstance(error, NotADirectoryError):
        return Refusal("file-not-found", f"there is no file `{name}`: a part of its path is no folder")
    return Refusal("file-unreadable", f"cannot read `{name}`: {reason_of(error)}")


def _no_file(name: str, is_folder: bool) -> Refusal:
    if is_folder:
        return Refusal("not-a-file", f"`{name}` is a folder", "name a file in it")
    return Refusal("not-a-file", f"`{name}` is not a regular file", "`-` reads from standard input")


def _too_large(name: str, limit: int) -> Refusal:
    help = Limits(file_bytes=limit).way_out("file_bytes")
    return Refusal("file-too-large", f"`{name}` is larger than {limit:,} bytes", help)


def text_of(data: bytes, name: str, limit: int) -> str | Refusal:
    """UTF-8 with or without a byte order mark; line ends stay as they are."""
    if not data.startswith(_USUAL) and (other := _foreign(data[:_START], name)):
        return other
    if len(data) > limit:
        return _too_large(name.strip("`"), limit)
    zero = data.find(b"\0")
    if zero >= 0:
        return Refusal("not-text", f"{name} is not a text: byte {zero} is zero", "a `.cnn` file is UTF-8 text")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = error.start + (3 if data.startswith(b"\xef\xbb\xbf") else 0)
        message = f"{name} is not UTF-8: byte {at} is 0x{data[at]:02x}"
        return Refusal("not-text", message, "save it as UTF-8")
    if not text.strip():
        return Refusal("empty-file", f"{name} is empty")
    return text


def _foreign(start: bytes, name: str) -> Refusal | None:
    """What a file is that begins so, if it is known and no text of ours."""
    from cnnspec.foreign import foreign

    kind = foreign(start, name.strip("`"))
    return None if kind is None else Refusal("foreign-file", f"{name} is {kind.what}, not a network as text", kind.help)


def _other_name(path: str, name: str) -> str | None:
    """The file or network that was likely meant."""
    revision, _, file = name.partition(":")
    if file.startswith("//") and revision.lower() == "file" and (own := _path_of(file)):
        return f"a network is told by its path: `{own}`"
    if file.startswith("//"):
        return "a network is a file of this machine: fetch it first"
    if file and len(revision) > 1 and not name.startswith((ZOO, GIT)):
        return f"`{GIT}{name}` is the file `{file}` as git has it at `{revision}`"
    try:
        beside = [each for each in os.listdir(os.path.dirname(path) or os.curdir) if each.endswith(".cnn")]
    except OSError:
        beside = []
    wanted = os.path.basename(path)
    near = f"{wanted}.cnn" if f"{wanted}.cnn" in beside else nearest(wanted, beside)
    if near:
        return f"did you mean `{os.path.join(os.path.dirname(name), near)}`?"
    network = wanted.removesuffix(".cnn")
    if zoo_path(network):
        return f"`{ZOO}{network}` is the network that ships with cnnspec"
    if example_path(network) and wanted.endswith(".cnn"):
        return f"it ships with cnnspec, as examples/{wanted}: `cnnspec zoo {network} > {wanted}` copies it here"
    return None


def _path_of(address: str) -> str:
    """`/tmp/a.cnn` of `///tmp/a.cnn` and `//localhost/tmp/a.cnn`; empty for a file of another machine."""
    from urllib.parse import unquote

    host, slash, path = address.removeprefix("//").partition("/")
    return unquote(slash + path) if host in ("", "localhost") and path else ""


def reason_of(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return (reason or "it cannot be opened").lower()

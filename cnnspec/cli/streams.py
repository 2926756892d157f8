"""Standard output and error: safe for every encoding, and calm when the reader goes away or the disk is full."""

import os
import sys
from typing import TextIO


class OutputError(Exception):
    """Standard output cannot take what is written to it."""


class _Voice:
    """Whether this process says anything: of several that do the same, one speaks for all."""

    is_heard = True


def hush(is_hushed: bool = True) -> None:
    """From here on nothing is written; `hush(False)` takes it back."""
    _Voice.is_heard = not is_hushed


def say(text: str) -> None:
    """Data, to standard output. A reader that has gone (`| head`) is no error; OutputError on a full disk."""
    try:
        _write(sys.stdout, text)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"cannot write to standard output: {reason}") from error


def tell(text: str) -> None:
    """What is not data, to standard error; if that fails there is nowhere left to say so."""
    try:
        _write(sys.stderr, text)
    except OSError:
        return


def _write(stream: TextIO | None, text: str) -> None:
    if stream is None or stream.closed or not _Voice.is_heard:
        return
    encoding = stream.encoding or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except BrokenPipeError:
        _drop(stream)
    except OSError:
        _drop(stream)
        raise


def _drop(stream: TextIO) -> None:
    """From here on the stream leads nowhere, or Python would try again at its exit, and complain."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def hold_descriptors() -> None:
    """Opens what of 0, 1 and 2 is closed (`>&-`), so that no file of ours takes such a number, into which libraries
    print."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)

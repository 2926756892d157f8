"""Runs `cnnspec` in several processes that know of each other, as torchrun starts them, without the time that torch
takes to be imported: one process has it, and forks. It is spoken to in lines of JSON."""

import importlib
import json
import os
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from torch.distributed import TCPStore

PATIENCE = 300
"""Seconds after which one is taken to hang; a busy machine is slow."""


def main() -> None:
    for name in ("cnnspec.api.train", "onnxruntime", "cnnspec.reports.training.text", "cnnspec.runtime.session"):
        with suppress(ImportError):
            importlib.import_module(name)  # a child has it at once

    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(_all(asked["size"], asked["code"], asked["arguments"], asked["folder"])), flush=True)  # noqa: T201


def _all(size: int, code: str, arguments: list[str], folder: str) -> list[tuple[int, str, str]]:
    """Exit code, standard output and error of each. What hangs is ended, with the code -9."""
    # As torchrun does, this one holds the store by which they find each other.
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    common = {"WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(store.port)}
    common |= {"TORCHELASTIC_USE_AGENT_STORE": "True", "TORCHELASTIC_RESTART_COUNT": "0"}
    with tempfile.TemporaryDirectory() as place:
        outs = [[Path(place) / f"{rank}.{name}" for name in ("out", "err")] for rank in range(size)]
        children = []
        for rank in range(size):
            child = os.fork()
            if not child:
                _child(code, arguments, folder, {**common, "RANK": str(rank), "LOCAL_RANK": str(rank)}, outs[rank])
            children.append(child)
        codes = [_ended(child) for child in children]
        return [(codes[rank], *(each.read_text() for each in outs[rank])) for rank in range(size)]


def _child(code: str, arguments: list[str], folder: str, environment: dict[str, str], outs: list[Path]) -> None:
    result = 1
    try:
        os.environ.update(environment)
        os.chdir(folder)
        for number, path in zip((1, 2), outs, strict=True):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
        sys.argv = ["cnnspec", *arguments]
        exec(compile(code, "code", "exec"), {"__name__": "code"})  # noqa: S102 - the test's own
        result = 0
    except SystemExit as end:
        result = end.code if isinstance(end.code, int) else 1
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(result)


def _ended(child: int) -> int:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.005)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return -9


if __name__ == "__main__":
    main()

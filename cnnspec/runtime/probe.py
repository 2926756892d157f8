"""Loading a stranger's model in a process of its own first, since a crash there is only a message here."""

import signal
import subprocess
import sys
from pathlib import Path

from cnnspec.runtime.errors import ModelError

PATIENCE = 120
"""Seconds. VGG-16's half gigabyte takes about one; functions that call one another can take for ever."""

LOAD = """
import sys
import onnxruntime as ort
ort.set_default_logger_severity(4)
ort.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
"""
WINDOWS_CRASHES = 0xC0000000
"""Exit codes of Windows from here on are exceptions that nothing caught."""


def probe(path: Path) -> None:
    """ModelError if onnxruntime dies of loading the file, or does not end (docs/decisions/0005-strangers-models.md).

    An error that it reports is none of this function's: the load that follows reports it again, and better.
    """
    if not sys.executable:
        return
    # -P: nothing is imported from the folder that the user stands in.
    command = [sys.executable, "-P", "-c", LOAD, str(path)]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=PATIENCE)
    except subprocess.TimeoutExpired as problem:
        raise ModelError(f"{path} is not loaded by onnxruntime within {PATIENCE} seconds") from problem
    if done.returncode < 0 or done.returncode >= WINDOWS_CRASHES:
        raise ModelError(
            f"{path} makes onnxruntime crash ({_name(done.returncode)})",
            "the file is damaged, or needs another version of onnxruntime; `onnx.checker` may tell more",
        )


def _name(code: int) -> str:
    try:
        return signal.Signals(-code).name
    except ValueError:
        return hex(code)

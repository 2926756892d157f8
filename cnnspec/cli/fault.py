"""Our own fault: one polite message, and all that is needed to find it in a file."""

import os
import platform
import sys
import tempfile
import traceback

from cnnspec import __version__
from cnnspec.cli.streams import tell
from cnnspec.reports.look import visible


def report_fault(fault: BaseException) -> None:
    """Writes the traceback to a new file in the folder for temporary files, and says where it is."""
    kind = visible(traceback.format_exception_only(fault)[-1].strip())
    lines = ["error[internal-fault]: this is a fault of cnnspec, not of your network", f"  = note: {kind[:300]}"]
    try:
        path = _written(fault)
    except OSError as error:
        lines.append(f"  = note: its report could not be written: {(error.strerror or str(error)).lower()}")
    else:
        lines.append(f"  = note: a report is in {visible(path)}")
        lines.append("help: please send it to the project; it holds your command line, but nothing of your files")
    tell("\n".join([*lines, ""]))


def _written(fault: BaseException) -> str:
    handle, path = tempfile.mkstemp(prefix="cnnspec-fault-", suffix=".txt")
    with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"cnnspec {__version__}, Python {platform.python_version()}, {platform.platform()}\n")
        file.write(f"command: {sys.argv!r}\n\n")
        file.write("".join(traceback.format_exception(fault)))
    return path

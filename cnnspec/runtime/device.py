"""Which device, and why not the one that was hoped for."""

import ctypes
import importlib.metadata
import sys
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

from cnnspec.runtime.errors import DeviceError

CPU = "CPUExecutionProvider"
CUDA = "CUDAExecutionProvider"
INSTALL_CPU = "pip install 'cnnspec[cpu]'"
INSTALL_GPU = "pip install 'cnnspec[gpu]'"
WHEELS = ("onnxruntime", "onnxruntime-gpu")
CLEAN = "pip uninstall -y onnxruntime onnxruntime-gpu"
LIBRARIES = "pip install 'onnxruntime-gpu[cuda,cudnn]' brings CUDA and cuDNN"


class Device(NamedTuple):
    """`auto`, `cpu` or `cuda`, and the number of the card."""

    kind: str
    card: int = 0


class Lack(NamedTuple):
    """Why CUDA does not run, and what would help."""

    reason: str
    fix: str


NO_DRIVER = Lack(
    "no NVIDIA driver is found", "install the NVIDIA driver; a container must be started so that it sees the card"
)


def parse_device(text: str) -> Device:
    """`auto`, `cpu`, `cuda`, `cuda:1`; DeviceError on anything else."""
    kind, colon, index = text.strip().lower().partition(":")
    if kind in ("auto", "cpu") and not colon:
        return Device(kind)
    if kind == "cuda" and (not colon or (index.isascii() and index.isdigit() and len(index) < 4)):
        return Device(kind, int(index or 0))
    raise DeviceError(f"there is no device `{text}`", "auto, cpu, cuda and cuda:1 are")


def onnxruntime() -> ModuleType:
    """The package, quiet; DeviceError with the line that installs it."""
    try:
        import onnxruntime as ort
    except ImportError as problem:
        if problem.name == "onnxruntime":
            raise DeviceError(
                "onnxruntime is not installed", f"{INSTALL_CPU}, or for NVIDIA cards {INSTALL_GPU}"
            ) from None
        raise DeviceError(f"onnxruntime cannot be imported: {problem}", f"{CLEAN}, then {INSTALL_CPU}") from problem
    if not hasattr(ort, "InferenceSession"):
        # What is left of the package when one of two wheels over the same files was removed.
        raise DeviceError("onnxruntime is installed in part", f"{CLEAN}, then {INSTALL_CPU} or {INSTALL_GPU}")
    ort.set_default_logger_severity(4)  # what matters comes as an exception too
    module: ModuleType = ort
    return module


def lacks_cuda(ort: ModuleType) -> Lack | None:
    """Why this onnxruntime cannot run CUDA, as far as can be seen without trying."""
    if CUDA in ort.get_available_providers():
        return None
    if all(map(_installed, WHEELS)):
        reason = "onnxruntime and onnxruntime-gpu are both installed, and the one overwrites the other"
        return Lack(reason, f"{CLEAN}, then {INSTALL_GPU}")
    return Lack("this onnxruntime is built without it", f"{CLEAN}, then {INSTALL_GPU}")


def after_failure(ort: ModuleType, told: str = "") -> Lack:
    """Why CUDA did not start although this onnxruntime has it; `told` is its own message, if it gave one."""
    if not has_driver():
        return NO_DRIVER
    library = Path(str(ort.__file__)).parent / "capi" / "libonnxruntime_providers_cuda.so"
    if not told and library.exists():
        try:
            ctypes.CDLL(str(library))
        except OSError as problem:
            return Lack(f"a library is missing: {problem}", LIBRARIES)
    return Lack(told or "onnxruntime does not say why", LIBRARIES)


def has_driver() -> bool:
    """Whether NVIDIA's driver can be loaded."""
    try:
        ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return False
    return True


def _installed(wheel: str) -> bool:
    try:
        importlib.metadata.version(wheel)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True

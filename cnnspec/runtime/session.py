"""A model opened in onnxruntime, on the device that was asked for or not at all."""

import contextlib
import io
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from cnnspec.runtime.device import (
    CPU,
    CUDA,
    NO_DRIVER,
    Device,
    Lack,
    after_failure,
    has_driver,
    lacks_cuda,
    onnxruntime,
    parse_device,
)
from cnnspec.runtime.errors import DeviceError, ModelError
from cnnspec.runtime.ort_errors import failures_of, plain
from cnnspec.runtime.probe import probe

FLOATS = {"tensor(float)": np.float32, "tensor(float16)": np.float16, "tensor(double)": np.float64}
QUIET = 4
"""onnxruntime's log severity `fatal`; everything less comes as an exception, or is advice to its developers."""


class Tensor(NamedTuple):
    """An input or output: its shape, batch first (None is any size), and onnxruntime's type, `tensor(float)`."""

    name: str
    shape: tuple[int | None, ...]
    type: str


class Session:
    """A model that is ready to run.

    `provider` is onnxruntime's name of what runs it; `notes` say what was chosen and why; `metadata` is the file's.
    """

    def __init__(self, handle: Any, model: bytes | Path, notes: tuple[str, ...], failures: tuple[type[Exception], ...]):
        self._handle = handle
        self._failures = failures
        self.model = model
        self.notes = notes
        self.provider: str = handle.get_providers()[0]
        self.inputs = tuple(map(_tensor, handle.get_inputs()))
        self.outputs = tuple(map(_tensor, handle.get_outputs()))
        self.metadata: Mapping[str, str] = dict(handle.get_modelmeta().custom_metadata_map)

    def run(self, batch: NDArray[Any] | Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """All outputs by name. An array is the one input; several come by name. ModelError if the model fails."""
        given = batch if isinstance(batch, Mapping) else {self.inputs[0].name: batch}
        feed = {each.name: _of_type(given[each.name], each.type) for each in self.inputs}
        try:
            made = self._handle.run(None, feed)
        except self._failures as problem:
            raise ModelError(f"the model failed while it ran: {plain(problem)}") from problem
        return dict(zip((each.name for each in self.outputs), made, strict=True))


def open_session(
    model: bytes | str | Path, device: str = "auto", threads: int | None = None, *, trusted: bool = False
) -> Session:
    """Opens ONNX from memory or a file.

    `device` is auto, cpu, cuda or cuda:1. An explicit device that is not obtained is a DeviceError with the fix, never
    another device; auto takes CUDA if it can, else the CPU, and its note says why. A file is loaded in a process of
    its own first, unless it is `trusted`. ModelError if it is no model that onnxruntime takes.
    """
    wanted = parse_device(device)
    if threads is not None and threads < 1:
        raise DeviceError(f"{threads} threads run nothing", "leave it out for one a core")
    ort = onnxruntime()
    if not isinstance(model, bytes):
        model = _readable(Path(model))
        if not trusted:
            probe(model)
    if wanted.kind == "cpu":
        return _open(ort, model, [CPU], threads, ())
    opened = _without_trying(ort, wanted) or _on_cuda(ort, model, wanted, threads)
    if isinstance(opened, Session):
        return opened
    if wanted.kind == "cuda":
        raise DeviceError(f"the device `{device}` cannot be had: {opened.reason}", opened.fix)
    advice = f" ({opened.fix})" if has_driver() else ""
    return _open(ort, model, [CPU], threads, (f"runs on the CPU; not on CUDA: {opened.reason}{advice}",))


def _without_trying(ort: ModuleType, wanted: Device) -> Lack | None:
    """On a machine without an NVIDIA card, `auto` need not hear which wheel it would take."""
    return NO_DRIVER if wanted.kind == "auto" and not has_driver() else lacks_cuda(ort)


def _readable(path: Path) -> Path:
    try:
        if path.exists() and not path.is_file():
            raise ModelError(f"{path} is a {'folder' if path.is_dir() else 'device'}, not a model")
        with path.open("rb") as file:
            start = file.read(64)
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise ModelError(f"{path} cannot be read: {why.lower()}") from problem
    if not start:
        raise ModelError(f"{path} is empty")
    if start.startswith(b"version https://git-lfs"):
        raise ModelError(f"{path} is a Git LFS pointer, not the model itself", "git lfs pull")
    return path


def _on_cuda(ort: ModuleType, model: bytes | Path, wanted: Device, threads: int | None) -> Session | Lack:
    """On this card, or why not. With the CPU forbidden, a net with shape arithmetic is refused, as onnxruntime itself
    puts that on the CPU; so it is allowed in a second try, and the provider looked at."""
    # HEURISTIC: cuDNN's default search tries every algorithm at each new shape.
    cuda = [(CUDA, {"device_id": str(wanted.card), "cudnn_conv_algo_search": "HEURISTIC"})]
    note = f"runs on CUDA, card {wanted.card}"
    _preload(ort)
    try:
        try:
            return _open(ort, model, cuda, threads, (note,), no_cpu=True)
        except ModelError as problem:
            if "CPU EP" not in problem.message:
                raise
        session = _open(ort, model, cuda, threads, (note, "some of its nodes run on the CPU"))
    except ModelError as problem:
        said = plain(problem.__cause__ or problem)
        if "cuda" in said.lower() or "cudnn" in said.lower():
            return after_failure(ort, said)
        raise
    return session if session.provider == CUDA else after_failure(ort)


def _preload(ort: ModuleType) -> None:
    """Loads CUDA's libraries from their wheels, where they are; it prints what it misses."""
    if hasattr(ort, "preload_dlls"):  # since onnxruntime 1.21
        with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(OSError, RuntimeError):
            ort.preload_dlls()


def _open(
    ort: ModuleType,
    model: bytes | Path,
    providers: list[Any],
    threads: int | None,
    notes: tuple[str, ...],
    no_cpu: bool = False,
) -> Session:
    options = ort.SessionOptions()
    options.log_severity_level = QUIET
    if threads is not None:
        options.intra_op_num_threads = threads
    if no_cpu:
        options.add_session_config_entry("session.disable_cpu_ep_fallback", "1")
    source = model if isinstance(model, bytes) else str(model)
    failures = failures_of(ort)
    try:
        # enable_fallback=0: its wrapper would print on stdout and take another device.
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            handle = ort.InferenceSession(source, options, providers=providers, enable_fallback=0)
            return Session(handle, model, notes, failures)
    except failures as problem:
        name = "the model" if isinstance(model, bytes) else model
        said = plain(problem)
        hint = "a newer onnxruntime may take it" if "IR version" in said or "pset" in said else None
        raise ModelError(f"{name} is not taken by onnxruntime {ort.__version__}: {said}", hint) from problem


def _of_type(array: NDArray[Any], type: str) -> NDArray[Any]:
    return array.astype(FLOATS[type], copy=False) if type in FLOATS else array


def _tensor(found: Any) -> Tensor:
    shape = tuple(each if isinstance(each, int) and each > 0 else None for each in found.shape or ())
    return Tensor(found.name, shape, found.type)

"""What an export wrote, in a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import memory

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from cnnspec.api.deploy import Exported
    from cnnspec.api.torch_export import TorchExported

    Shapes = Mapping[str, Sequence[int | str]]


def exported_text(exported: Exported, look: Look) -> str:
    """`wrote model.onnx: 102.49 MB, opset 18, IR 10`, then inputs and outputs."""
    what = f"{memory(exported.bytes)}, opset {exported.opset}, IR {exported.ir_version}"
    return _text(exported.files, what, {"input": exported.inputs, "output": exported.outputs}, look)


def torch_exported_text(exported: TorchExported, look: Look) -> str:
    """`wrote resnet18/model.py: 3.29 kB`, then inputs, outputs and auxiliary heads."""
    values = {
        "input": _batched(exported.inputs),
        "output": _batched(exported.outputs),
        "aux": _batched(exported.aux),
    }
    return _text(exported.files, memory(exported.bytes), values, look)


def _batched(shapes: Mapping[str, Sequence[int]]) -> Shapes:
    return {name: ("batch", *shape) for name, shape in shapes.items()}


def _text(paths: Iterable[Path], what: str, kinds: Mapping[str, Shapes], look: Look) -> str:
    *files, last = (look.paint("bold", visible(str(each), look.encoding)) for each in paths)
    before = f"{', '.join(files)} and " if files else ""
    lines = [f"wrote {before}{last}: {what}"]
    for kind, values in kinds.items():
        for name, shape in values.items():
            lines.append(f"  {kind:<6}  {visible(name, look.encoding)}  {' x '.join(map(str, shape))}")
    return "\n".join([*lines, ""])

"""What an export wrote, in three lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import memory

if TYPE_CHECKING:
    from cnnspec.api.deploy import Exported


def exported_text(exported: Exported, look: Look) -> str:
    """`wrote model.onnx: 102.49 MB, opset 18, IR 10`, then inputs and outputs."""
    files = " and ".join(look.paint("bold", visible(str(each), look.encoding)) for each in exported.files)
    lines = [f"wrote {files}: {memory(exported.bytes)}, opset {exported.opset}, IR {exported.ir_version}"]
    for kind, values in (("input", exported.inputs), ("output", exported.outputs)):
        for name, shape in values.items():
            lines.append(f"  {kind:<6}  {visible(name, look.encoding)}  {' x '.join(map(str, shape))}")
    return "\n".join([*lines, ""])

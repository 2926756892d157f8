"""The sums of a network in words: the same lines under a table, in Markdown and in a notebook."""

from typing import NamedTuple

from cnnspec.passes.analysis import Analysis
from cnnspec.passes.memory.precision import FP32, Precision
from cnnspec.passes.padding import running_padding_macs
from cnnspec.reports.numbers import counted, memory, percent, short, thousands

CONVENTION = "1 MAC = 1 multiply-add of a convolution or dense layer = 2 FLOPs."


PARTIAL = "Totals are at least what is told: steps with errors are left out."


class Total(NamedTuple):
    """`Parameters`, `25,557,032`, `all trainable`"""

    name: str
    number: str
    remark: str = ""


def totals_in_words(analysis: Analysis, batch: int | None = None, precision: Precision = FP32) -> list[Total]:
    """Lower bounds where the analysis is not complete, as `partial` says; `batch` multiplies what is computed, not what
    is stored."""
    totals, times = analysis.totals, 1 if batch is None else batch
    per = "one sample" if batch is None else f"a batch of {thousands(batch)}"
    frozen = totals.params - totals.params_trainable
    trainable = f"{thousands(totals.params_trainable)} trainable" if frozen else "all trainable"
    stored = f"{memory(precision.bytes * totals.params)} {precision.told}"
    zeros = running_padding_macs(analysis.rows)
    lines = [
        Total("Parameters", thousands(totals.params), f"{trainable}, {stored}"),
        Total("Buffers", thousands(totals.buffer_elements), f"in {counted(totals.buffer_tensors, 'tensor')}"),
        Total("MACs", thousands(totals.macs * times), _in_short(totals.macs * times, per)),
        Total("Other ops", thousands(totals.ops * times), _in_short(totals.ops * times, per)),
        Total("Depth", thousands(totals.depth), "multiplying layers on the longest path"),
    ]
    if zeros:
        share = f"{percent(zeros, totals.macs)} of the MACs multiply padding zeros"
        lines.insert(3, Total("Padding MACs", thousands(zeros * times), share))
    if not totals.buffer_tensors:
        del lines[1]
    if totals.aux_params or totals.aux_macs:
        heads = f"parameters counted above; {thousands(totals.aux_macs * times)} MACs not"
        lines.append(Total("Auxiliary heads", thousands(totals.aux_params), heads))
    return lines


def partial(analysis: Analysis) -> tuple[str, ...]:
    """What has to be said of totals that are not complete; nothing of others."""
    return () if analysis.complete else (PARTIAL,)


def _in_short(number: int, per: str) -> str:
    return f"{short(number)} for {per}" if number >= 1000 else f"for {per}"

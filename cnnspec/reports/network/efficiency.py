"""What a network moves and how long that takes, in words: lines under the totals, the same in every format."""

from cnnspec.passes.memory.precision import FP32
from cnnspec.reports.network.measured import Measured, Times
from cnnspec.reports.network.totals import Total
from cnnspec.reports.numbers import counted, duration, memory, percent, quotient, rate


def efficiency_in_words(measured: Measured) -> list[Total]:
    """FLOPs a byte, and if a device was asked for the range of its time. Sizes and times are shown in three digits."""
    totals, asked = measured.totals, measured.asked
    told = []
    if totals.intensity is not None:
        remark = f"FLOPs a byte; {memory(totals.moved)} moved, nothing fused"
        told.append(Total("Intensity", quotient(totals.intensity), remark))
    if measured.times is not None:
        told += _range(measured.times, asked.times)
    return told


def _range(times: Times, batch: int) -> list[Total]:
    found, fusing = times.estimate, times.fusing
    if not found.slowest:
        return []
    fused = memory(sum(each.bytes(batch) for each in fusing.groups.values()))
    waiting = percent(found.slowest - found.computing, found.slowest)

    def line(name: str, ticks: int, remark: str) -> Total:
        return Total(name, duration(ticks * found.tick), remark)

    return [
        line("Fastest", found.fastest, f"elementwise steps fused, {fused} moved"),
        line("Slowest", found.slowest, f"nothing fused; memory bounds {waiting} of it"),
        line("On chip", found.on_chip, f"{memory(fusing.least.bytes(batch))} moved: weights, inputs, outputs"),
    ]


def assumed(measured: Measured) -> tuple[str, ...]:
    """What the range of times rests on, and leaves out, and what a number takes where it is not float32."""
    device, times, precision = measured.asked.device, measured.times, measured.asked.precision
    beside = "; biases, too (kernels take them in 32 bits); scales are left out" if precision.bytes == 1 else ""
    takes = f"weights and values: {counted(precision.bytes, 'byte')} a number, {precision.told}{beside}."
    width = () if precision == FP32 else (takes,)
    if device is None or times is None or not times.estimate.slowest:
        return width
    return (
        *width,
        f"fastest, slowest: one step after another, its FLOPs at {rate(device.flops, 'FLOP')}",
        f"or its {precision.told} bytes at {rate(device.bytes, 'B')}, whichever takes longer. Launches and",
        "kernels below these rates are left out.",
    )

"""The one place that knows how a transposed window spreads: (W - 1) S - 2P + D (F - 1) + output_pad + 1."""

from math import gcd
from typing import NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Equation, Formula
from cnnspec.contract.geometry import ends_of, per_axis
from cnnspec.contract.values import Pad, Shape, Sizes


class Spread(NamedTuple):
    """One axis: each of W values is spread over F results, D apart, and S further on for the next value; then `pad`
    is cut off at both ends, and `output_pad` more is kept at the end."""

    size: int
    kernel: int
    stride: int = 1
    pad_begin: int = 0
    pad_end: int = 0
    dilation: int = 1
    output_pad: int = 0

    @property
    def reach(self) -> int:
        """Results from the first that a value is spread to, to the last: dilation * (F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def extent(self) -> int:
        """How many results there are; below 1 if the padding cuts all of them off."""
        return (self.size - 1) * self.stride - self.pad_begin - self.pad_end + self.reach + self.output_pad

    def sources(self, at: int) -> range:
        """The values that are spread to result `at`: those i with at = i S - P + k D for a tap k."""
        step = self.dilation // gcd(self.stride, self.dilation)
        place = at + self.pad_begin
        reached = range(
            max(0, -((self.reach - 1 - place) // self.stride)), min(self.size - 1, place // self.stride) + 1
        )
        first = next((i for i in reached if (place - i * self.stride) % self.dilation == 0), None)
        return range(0) if first is None else range(first, reached.stop, step)

    def worked(self) -> str:
        """The arithmetic for this axis, as a teacher writes it."""
        pad = f"2*{self.pad_begin}" if self.pad_begin == self.pad_end else f"{self.pad_begin} - {self.pad_end}"
        more = f" + {self.output_pad}" if self.output_pad else ""
        why = "" if self.dilation == 1 else f" (kernel {self.kernel}, dilation {self.dilation}: reach {self.reach})"
        return f"({self.size} - 1) * {self.stride} - {pad} + {self.reach}{more} = {self.extent}{why}"


def spread_equation(axis: str, spread: Spread) -> Equation:
    """The extent of one axis as a formula with F, S, P, d and O (output_pad); `axis` is its letter."""
    size, kernel, stride, begin, end, dilation, more = spread
    reach, taps = ("F", {"F": kernel}) if dilation == 1 else ("d*(F - 1) + 1", {"F": kernel, "d": dilation})
    pad, pads = ("2*P", {"P": begin}) if begin == end else ("P_b - P_e", {"P_b": begin, "P_e": end})
    kept = {"O": more} if more else {}
    text = f"({axis} - 1)*S - {pad} + {reach}{' + O' if more else ''}"
    return Equation(f"{axis}'", Formula(text, {axis: size, **taps, **pads, "S": stride, **kept}))


def spread_pad_equation(word: str, axis: str, spread: Spread) -> Equation:
    """How `same` and its kin come to what is cut off on one axis."""
    size, kernel, stride, _, _, dilation, more = spread
    reach, taps = ("F", {"F": kernel}) if dilation == 1 else ("d*(F - 1) + 1", {"F": kernel, "d": dilation})
    if word == "same":
        half = "(F - 1) / 2" if dilation == 1 else "d*(F - 1) / 2"
        return Equation("P", Formula(half, taps), word)
    kept = {"O": more} if more else {}
    text = f"({axis} - 1)*S + {reach}{' + O' if more else ''} - {axis}*S"
    return Equation("P_b + P_e", Formula(text, {axis: size, **taps, "S": stride, **kept}), word)


def spreads(
    spatial: Shape, kernel: Sizes, stride: Sizes, pad: Pad, dilation: Sizes, output_pad: Sizes
) -> tuple[Spread, ...]:
    """A transposed window on every spatial axis, with `same` and its kin worked out."""
    rank = len(spatial)
    kernels, strides = per_axis(kernel, rank, "kernel"), per_axis(stride, rank, "stride")
    dilations, more = per_axis(dilation, rank, "dilation"), per_axis(output_pad, rank, "output_pad")
    bare = [
        Spread(w, f, s, 0, 0, d, o) for w, f, s, d, o in zip(spatial, kernels, strides, dilations, more, strict=True)
    ]
    ends = tuple(_same(pad, each) for each in bare) if isinstance(pad, str) else ends_of(pad, rank)
    return tuple(each._replace(pad_begin=begin, pad_end=end) for each, (begin, end) in zip(bare, ends, strict=True))


def _same(word: str, bare: Spread) -> tuple[int, int]:
    """`same` is (reach - 1) / 2 at both ends. `same_upper` and `same_lower` make W * S of W, as ONNX and TensorFlow:
    what is too much is cut off at both ends, an odd one at the end or at the begin."""
    if word == "same":
        if (bare.reach - 1) % 2:
            half = (bare.reach - 1) // 2
            extent = bare._replace(pad_begin=half, pad_end=half).extent
            raise LayerError(
                f"a kernel of {bare.kernel} has no symmetric `same` padding",
                about="pad",
                notes=(f"(kernel - 1) * dilation / 2 = ({bare.kernel} - 1) * {bare.dilation} / 2 is not whole",),
                hint=f"`pad={half}` makes {extent} of {bare.size}; `pad=same_upper` makes {bare.size * bare.stride}",
            )
        return (bare.reach - 1) // 2, (bare.reach - 1) // 2
    total = bare.extent - bare.size * bare.stride
    if total < 0:
        raise LayerError(
            f"`{word}` makes {bare.size * bare.stride} of {bare.size}, but the kernel spreads over {bare.extent} only",
            about="pad",
            notes=(bare.worked(),),
            hint=f"`output_pad={bare.output_pad - total}` keeps what is missing",
        )
    small, large = total // 2, total - total // 2
    return (small, large) if word == "same_upper" else (large, small)


def check_spreads(windows: tuple[Spread, ...]) -> None:
    """LayerError where padding leaves nothing, or where `output_pad` asks for results of a further value."""
    for each in windows:
        if each.output_pad >= each.stride:
            raise LayerError(
                f"an output_pad of {each.output_pad} is not smaller than the stride of {each.stride}",
                about="output_pad",
                notes=("it chooses among the sizes that a convolution with this stride would take to the same one",),
                hint=f"{each.stride - 1} at most",
            )
        if each.extent < 1:
            raise LayerError("the padding cuts everything off", about="pad", notes=(each.worked(),))

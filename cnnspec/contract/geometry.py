"""The one place that knows how a window slides: floor((W - F + 2P) / S) + 1 and its relatives."""

from typing import NamedTuple

from cnnspec.contract.errors import LayerError
from cnnspec.contract.facts import Equation, Formula
from cnnspec.contract.repairs import Given, Instead
from cnnspec.contract.values import Ends, Pad, Shape, Sizes, dress


class Slide(NamedTuple):
    """One axis: input size W, kernel F, stride S, padding before and after, dilation, and whether to round up."""

    size: int
    kernel: int
    stride: int = 1
    pad_begin: int = 0
    pad_end: int = 0
    dilation: int = 1
    ceil: bool = False

    @property
    def reach(self) -> int:
        """Pixels from the first tap to the last: dilation * (F - 1) + 1."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def room(self) -> int:
        """How far the window can move: W + 2P - reach; below 0 it hangs over, or does not fit."""
        return self.size + self.pad_begin + self.pad_end - self.reach

    @property
    def extent(self) -> int:
        """How many windows fit; 0 if none. `ceil` is torch's (`pooling_output_shape_pad_lr`): no window starts in the
        padding at the end, and one that starts on the map may hang over it, although it is up to S - 1 too large."""
        windows = self._rounded
        if self.ceil and (windows - 1) * self.stride >= self.size + self.pad_begin:
            windows -= 1
        return max(0, windows)

    @property
    def _rounded(self) -> int:
        """The quotient and 1, before a window is left out: 0 or below where not one fits."""
        return (-(-self.room // self.stride) if self.ceil else self.room // self.stride) + 1

    @property
    def ceil_pad_end(self) -> int:
        """The padding after that makes `extent` come out by the floor rule (what ONNX is given for ceil_mode)."""
        used = (self.extent - 1) * self.stride + self.reach
        return max(self.pad_end, used - self.size - self.pad_begin)

    def worked(self) -> str:
        """The arithmetic for this axis, as a teacher writes it."""
        pad = f"2*{self.pad_begin}" if self.pad_begin == self.pad_end else f"{self.pad_begin}+{self.pad_end}"
        reach = str(self.kernel) if self.dilation == 1 else f"{self.reach}"
        rounding = "ceil" if self.ceil else "floor"
        why = "" if self.dilation == 1 else f" (kernel {self.kernel}, dilation {self.dilation}: reach {self.reach})"
        if not self.ceil and self.room < 0:
            return f"{self.size} - {reach} + {pad} = {self.room}: no window fits{why}"
        windows, extent = self._rounded, self.extent
        dropped = f", less 1 that would start in the padding = {extent}" if 0 < extent < windows else ""
        none = "" if extent else ": no window fits"
        return f"{rounding}(({self.size} - {reach} + {pad}) / {self.stride}) + 1 = {windows}{dropped}{none}{why}"


def slide_equation(axis: str, slide: Slide, uneven: bool = False) -> Equation:
    """The extent of one axis as a formula with F, S, P and d; `axis` is its letter. `uneven`: the padding of both ends
    is named apart, which it is anyhow where it differs."""
    size, kernel, stride, begin, end, dilation, _ = slide
    reach, taps = ("F", {"F": kernel}) if dilation == 1 else ("(d*(F - 1) + 1)", {"F": kernel, "d": dilation})
    pad, pads = ("2*P", {"P": begin}) if begin == end and not uneven else ("P_b + P_e", {"P_b": begin, "P_e": end})
    rounding = "ceil" if slide.ceil else "floor"
    text = f"{rounding}(({axis} - {reach} + {pad}) / S) + 1"
    less = slide.extent < slide._rounded
    note = "ceil-less" if less else "ceil" if slide.ceil else ""
    return Equation(f"{axis}'", Formula(text + " - 1" * less, {axis: size, **taps, **pads, "S": stride}), note)


def pad_equation(word: str, axis: str, slide: Slide) -> Equation:
    """How `same` and its kin come to the padding of one axis."""
    size, kernel, stride, _, _, dilation, _ = slide
    reach, taps = ("F", {"F": kernel}) if dilation == 1 else ("d*(F - 1) + 1", {"F": kernel, "d": dilation})
    if word == "same":
        half = "(F - 1) / 2" if dilation == 1 else "d*(F - 1) / 2"
        return Equation("P", Formula(half, taps), word)
    text = f"max((ceil({axis} / S) - 1)*S + {reach} - {axis}, 0)"
    return Equation("P_b + P_e", Formula(text, {axis: size, **taps, "S": stride}), word)


def per_axis(value: Sizes, rank: int, about: str) -> tuple[int, ...]:
    """One number for each of `rank` spatial axes; LayerError about the field if it was written for another rank."""
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        written = "x".join(map(str, value))
        axes = "1 spatial axis" if rank == 1 else f"{rank} spatial axes"
        raise LayerError(
            f"`{about}` has {len(value)} numbers ({written}), but the input has {axes}",
            about=about,
            hint=f"one number for each axis, or a single number for all: `{value[0]}`",
            repairs=(Given(about, "x".join([str(value[0])] * rank)),) if len(set(value)) == 1 else (),
        )
    return tuple(value)


def check_kernel(kernel: Sizes, entering: Shape) -> None:
    """LayerError for a kernel that is written with the channels of what comes in behind its sides, as a filter's shape
    is told in lectures: 5x5x3 for a 5x5 over three channels."""
    if isinstance(kernel, int) or len(kernel) != len(entering) or kernel[-1] != entering[0]:
        return
    *sides, channels = map(str, kernel)
    rank, plain = len(sides), "x".join(sides)
    axes = "1 spatial axis" if rank == 1 else f"{rank} spatial axes"
    raise LayerError(
        f"`kernel` has {len(kernel)} numbers ({plain}x{channels}), but the input has {axes}",
        about="kernel",
        notes=(f"the last one, {channels}, is the input's channels: they are known, and never written",),
        hint=f"without the channels: `{plain}`",
        repairs=(Given("kernel", plain, f"`{plain}` reaches through all channels"),),
    )


def slides(
    spatial: Shape, kernel: Sizes, stride: Sizes, pad: Pad, dilation: Sizes, ceil: bool = False
) -> tuple[Slide, ...]:
    """A window on every spatial axis, with `same` and its kin worked out for this input."""
    rank = len(spatial)
    kernels, strides = per_axis(kernel, rank, "kernel"), per_axis(stride, rank, "stride")
    dilations = per_axis(dilation, rank, "dilation")
    if isinstance(pad, str):
        ends = tuple([_same(pad, *each) for each in zip(spatial, kernels, strides, dilations, strict=True)])
    else:
        ends = ends_of(pad, rank)
    axes = zip(spatial, kernels, strides, dilations, ends, strict=True)
    return tuple([Slide(w, f, s, begin, end, d, ceil) for w, f, s, d, (begin, end) in axes])


def ends_of(pad: Sizes | Ends, rank: int, about: str = "pad") -> tuple[tuple[int, int], ...]:
    """What stands at the begin and at the end of each spatial axis; LayerError if it was written for another rank."""
    if isinstance(pad, Ends):
        if len(pad) != 2 * rank:
            raise LayerError(
                f"`{about}` lists {len(pad)} numbers, but {rank} spatial axes have {2 * rank} ends",
                about=about,
                hint="all begins, then all ends: `0,0,1,1` is top, left, bottom, right",
            )
        return tuple(zip(pad[:rank], pad[rank:], strict=True))
    return tuple([(each, each) for each in per_axis(pad, rank, about)])


def _same(word: str, size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    reach = dilation * (kernel - 1) + 1
    if word == "same":
        if (reach - 1) % 2:
            half = (reach - 1) // 2
            extent = Slide(size, kernel, stride, half, half, dilation).extent
            raise LayerError(
                f"a kernel of {kernel} has no symmetric `same` padding",
                about="pad",
                notes=(f"(kernel - 1) * dilation / 2 = ({kernel} - 1) * {dilation} / 2 is not whole",),
                hint=f"`pad={half}` makes {extent} of {size}; `pad=same_upper` is TensorFlow's, the odd pixel after",
                repairs=(
                    Given("pad", "same_upper", "`pad=same_upper` is TensorFlow's, the odd pixel after"),
                    Given("pad", str(half), f"`pad={half}` makes {extent} of {size}"),
                ),
            )
        return (reach - 1) // 2, (reach - 1) // 2
    total = max((-(-size // stride) - 1) * stride + reach - size, 0)
    small, large = total // 2, total - total // 2
    return (small, large) if word == "same_upper" else (large, small)


def check_fits(windows: tuple[Slide, ...], whole: tuple[str, str] | None = None) -> None:
    """LayerError if on some axis not one window fits; `whole` is the word that does the same for all of a map,
    and what it does: ("gap", "averages")."""
    if all(each.extent for each in windows):
        return
    rank = len(windows)
    kernel, reach = dress(tuple(each.kernel for each in windows)), dress(tuple(each.reach for each in windows))
    size = tuple(each.size for each in windows)
    padded = tuple(each.size + each.pad_begin + each.pad_end for each in windows)
    largest = dress(tuple(_largest_kernel(each, full) for each, full in zip(windows, padded, strict=True)))
    of_all = f"`{whole[0]}` {whole[1]} the whole map" if whole else ""
    kind = "input" if padded == size else "padded input"
    gone = "the map is down to one position: remove a step that makes it smaller, here or above"
    raise LayerError(
        f"the {f'kernel of {kernel}' if rank == 1 else f'{kernel} kernel'}"
        f"{'' if kernel == reach else f', dilated to {reach},'} is larger than the "
        f"{f'{kind} of {padded[0]}' if rank == 1 else f'{dress(padded)} {kind}'}",
        about="kernel",
        notes=tuple(dict.fromkeys(each.worked() for each in windows if not each.extent)),
        hint=of_all or (gone if max(size) == 1 else f"a kernel of at most {largest} fits"),
        repairs=(*((Instead(whole[0], of_all),) if whole else ()), Given("kernel", largest, f"`{largest}` fits")),
    )


def _largest_kernel(window: Slide, padded: int) -> int:
    """The largest that fits on so many pixels. Rounded up, a window may hang over by S - 1; where it moves by its own
    size, S is smaller with it."""
    dilation, stride = window.dilation, window.stride
    if window.ceil and stride == window.kernel and dilation > 1:
        return (padded - 1) // (dilation - 1) + 1
    return (padded - 1 + (stride - 1 if window.ceil else 0)) // dilation + 1

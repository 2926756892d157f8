"""How a window slides: the formula before torch, exhaustively, and the padding words before onnxruntime."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest

from cnnspec.contract.geometry import Slide, slides
from tests.judges.examples import Case, bind, evaluated, operands, scaled_error

SIZES, KERNELS, STRIDES, PADS, DILATIONS = range(1, 25), range(1, 8), range(1, 5), range(4), (1, 2)


def grid(*, ceil: bool = False, half: bool = False, dilations: tuple[int, ...] = DILATIONS) -> Iterator[Slide]:
    """Every window of one axis; with `half` only padding up to half the kernel, as torch's pools demand."""
    for w, f, s, p, d in product(SIZES, KERNELS, STRIDES, PADS, dilations):
        if not half or 2 * p <= f:
            yield Slide(w, f, s, p, p, d, ceil)


def extent_in_torch(function: Callable[..., Any], *arguments: Any, **named: Any) -> int:
    """The result's last axis, 0 where torch refuses."""
    try:
        return int(function(*arguments, **named).shape[-1])
    except RuntimeError:
        return 0


@pytest.mark.torch
def test_convolutions_are_torchs() -> None:
    torch = pytest.importorskip("torch")
    inputs = {w: torch.empty(1, 1, w, device="meta") for w in SIZES}
    kernels = {f: torch.empty(1, 1, f, device="meta") for f in KERNELS}
    judged = refused = 0
    for each in grid():
        x, kernel = inputs[each.size], kernels[each.kernel]
        how = {"stride": each.stride, "padding": each.pad_begin, "dilation": each.dilation}
        found = extent_in_torch(torch.conv1d, x, kernel, **how)
        assert found == each.extent, each
        judged, refused = judged + 1, refused + (not found)
    assert judged == 24 * 7 * 4 * 4 * 2
    assert 0 < refused < judged / 4


@pytest.mark.torch
@pytest.mark.parametrize("ceil", [False, True], ids=["floor", "ceil"])
@pytest.mark.parametrize("pool", ["max_pool1d", "avg_pool1d", "max_pool2d", "avg_pool2d"])
def test_pools_are_torchs(pool: str, ceil: bool) -> None:
    """Also where rounding up lets the only window hang over a map that is smaller than it. In 2-D the other axis is of
    another size, and its window of another kind."""
    torch = pytest.importorskip("torch")
    function, flat = getattr(torch.nn.functional, pool), pool.endswith("1d")
    inputs = {w: torch.empty((1, 1, w) if flat else (1, 1, 9, w), device="meta") for w in SIZES}
    dilations, smaller = DILATIONS if pool.startswith("max") else (1,), 0
    for each in grid(ceil=ceil, half=True, dilations=dilations):
        how = {"dilation": each.dilation if flat else (1, each.dilation)} if len(dilations) > 1 else {}
        window = (each.kernel, each.stride, each.pad_begin)
        ours = window if flat else tuple(zip((2, 2, 1), window, strict=True))
        found = extent_in_torch(function, inputs[each.size], *ours, ceil_mode=ceil, **how)
        assert found == each.extent, each
        smaller += each.extent > 0 > each.room
    assert bool(smaller) == ceil


def test_ceil_mode_is_padding_at_the_end() -> None:
    """What ONNX is given for ceil_mode makes the same windows by the floor rule, none of them only padding."""
    hanging = 0
    for each in grid(ceil=True, half=True):
        if not each.extent:
            continue
        by_floor = each._replace(pad_end=each.ceil_pad_end, ceil=False)
        assert by_floor.extent == each.extent, each
        assert (each.extent - 1) * each.stride - each.pad_begin < each.size, each
        hanging += each.ceil_pad_end > each.pad_end
    assert hanging > 1000


@pytest.mark.parametrize("word", ["same_upper", "same_lower"])
def test_padding_words_are_onnxruntimes(word: str) -> None:
    """A convolution under auto_pad, for inputs whose size the model does not know, gives the same numbers."""
    onnxruntime = pytest.importorskip("onnxruntime")
    from onnx import TensorProto, helper

    for kernel, stride in product(range(1, 6), range(1, 4)):
        step = f"conv {kernel} 1 /{stride} pad={word} bias=no"
        how = {"auto_pad": word.upper(), "kernel_shape": [kernel], "strides": [stride]}
        graph = helper.make_graph(
            [helper.make_node("Conv", ["x", "w"], ["y"], **how)],
            "same",
            [
                helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 1, "L"]),
                helper.make_tensor_value_info("w", TensorProto.FLOAT, [1, 1, kernel]),
            ],
            [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1, 1, None])],
        )
        made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
        weight = np.arange(1, kernel + 1, dtype=np.float32).reshape(1, 1, kernel)
        for size in range(1, 14):
            case = Case(step, bind(step), ((1, size),), 0)
            (x,) = operands(case, 1)
            assert case.result == (1, -(-size // stride)), case.name
            found = session.run(None, {"x": x, "w": weight})[0]
            assert scaled_error(found, evaluated(case, [x], {"weight": weight})) <= 1e-5, case.name


@pytest.mark.parametrize("word", ["same_upper", "same_lower"])
def test_a_dilated_window_is_padded_as_one_of_its_reach(word: str) -> None:
    for size, kernel, stride in product(SIZES, KERNELS, STRIDES):
        (dilated,) = slides((size,), kernel, stride, word, 2)
        (full,) = slides((size,), 2 * kernel - 1, stride, word, 1)
        assert (dilated.pad_begin, dilated.pad_end, dilated.extent) == (full.pad_begin, full.pad_end, full.extent)
        assert dilated.extent == -(-size // stride)


def test_same_keeps_the_size_at_stride_one() -> None:
    for size, kernel, dilation in product(SIZES, KERNELS, (1, 2, 3)):
        if (kernel - 1) * dilation % 2 == 0:
            (window,) = slides((size,), kernel, 1, "same", dilation)
            assert window.pad_begin == window.pad_end
            assert window.extent == size


@pytest.mark.parametrize(
    ("window", "worked"),
    [
        (Slide(32, 3, 2, 1, 1), "floor((32 - 3 + 2*1) / 2) + 1 = 16"),
        (Slide(32, 3, 2), "floor((32 - 3 + 2*0) / 2) + 1 = 15"),
        (Slide(32, 3, 2, 0, 1), "floor((32 - 3 + 0+1) / 2) + 1 = 16"),
        (Slide(32, 3, 2, ceil=True), "ceil((32 - 3 + 2*0) / 2) + 1 = 16"),
        (Slide(32, 3, 1, dilation=2), "floor((32 - 5 + 2*0) / 1) + 1 = 28 (kernel 3, dilation 2: reach 5)"),
        (Slide(4, 7, 2, 1, 1), "4 - 7 + 2*1 = -1: no window fits"),
        (Slide(2, 3, 2, ceil=True), "ceil((2 - 3 + 2*0) / 2) + 1 = 1"),
        (Slide(2, 5, 2, ceil=True), "ceil((2 - 5 + 2*0) / 2) + 1 = 0: no window fits"),
        (
            Slide(3, 2, 2, 1, 1, ceil=True),
            "ceil((3 - 2 + 2*1) / 2) + 1 = 3, less 1 that would start in the padding = 2",
        ),
    ],
)
def test_the_arithmetic_is_shown(window: Slide, worked: str) -> None:
    assert window.worked() == worked

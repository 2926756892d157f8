"""Layers that change a map's size, before torch: one axis, exhaustively. And what stochastic depth does in training."""

from itertools import product

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from cnnspec.contract.errors import LayerError  # noqa: E402
from cnnspec.contract.geometry import Slide, slides  # noqa: E402
from cnnspec.contract.transposed import Spread, check_spreads, spreads  # noqa: E402
from tests.judges import examples, torch_module  # noqa: E402
from tests.judges.examples import Case, bind  # noqa: E402

pytestmark = pytest.mark.torch


def accepted(window: Spread) -> bool:
    try:
        check_spreads((window,))
    except LayerError:
        return False
    return True


def test_transposed_convolutions_are_torchs() -> None:
    """Every size that torch makes, and none where torch makes none."""
    judged = refused = 0
    for w, f, s, p, d, o in product(range(1, 10), range(1, 6), range(1, 5), range(4), (1, 2, 3), range(3)):
        window = Spread(w, f, s, p, p, d, o)
        x, kernel = torch.empty(1, 1, w, device="meta"), torch.empty(1, 1, f, device="meta")
        try:
            made = torch.conv_transpose1d(x, kernel, stride=s, padding=p, dilation=d, output_padding=o)
        except RuntimeError:
            assert not accepted(window), window
            refused += 1
            continue
        if o < s:  # torch also takes an output padding below the dilation, onnxruntime does not
            assert accepted(window) == (made.shape[-1] > 0), window
        assert made.shape[-1] == window.extent, window
        judged += 1
    assert judged > 5_000
    assert refused > 300


def test_a_transposed_convolution_takes_a_convolution_back() -> None:
    """The size that a convolution came from is one that some `output_pad` below the stride leads to, and only one."""
    for w, f, s, p, d in product(range(1, 20), range(1, 6), range(1, 5), range(3), (1, 2)):
        forward = Slide(w, f, s, p, p, d)
        if not forward.extent:
            continue
        back = [Spread(forward.extent, f, s, p, p, d, o).extent for o in range(s)]
        assert back.count(w) == 1, forward


@pytest.mark.parametrize("word", ["same_upper", "same_lower"])
def test_padding_words_make_the_stride_times_as_much(word: str) -> None:
    """And cut off where a convolution under the same word pads, so that each is the other's backward pass."""
    for w, f, s, d in product(range(1, 9), range(1, 7), range(1, 5), (1, 2)):
        if d * (f - 1) + 1 < s:
            continue
        (window,) = spreads((w,), f, s, word, d, 0)
        (forward,) = slides((w * s,), f, s, word, d)
        assert window.extent == w * s
        assert (window.pad_begin, window.pad_end) == (forward.pad_begin, forward.pad_end)
        assert forward.extent == w


@pytest.mark.parametrize("how", ["", "mode=bilinear", "mode=bilinear align_corners=yes"])
def test_resizing_is_torchs_at_every_size(how: str) -> None:
    for before, after in product(range(1, 20), range(1, 33)):
        case = Case("upsample", bind(f"upsample to={after} {how}"), ((2, before),), 0)
        arrays = examples.operands(case, 1)
        found = torch_module.outputs(case, arrays, {})
        assert examples.scaled_error(examples.evaluated(case, arrays, {}), found) <= 1e-9, (before, after)


@pytest.mark.parametrize("how", ["", "mode=bilinear", "mode=bilinear align_corners=yes"])
def test_resizing_to_any_size_is_onnxruntimes(how: str) -> None:
    """One model of one axis, run for every size before; the size after is the other operand's."""
    pytest.importorskip("onnxruntime")
    onnx_model = pytest.importorskip("tests.judges.onnx_model")
    layer = bind(f"upsample like=@x1 {how}")
    running = onnx_model.session(onnx_model.model(Case("upsample", layer, ((2, 4), (1, 9)), 0), {}, any_size=True))
    for before, after in product(range(1, 20), range(1, 33)):
        case = Case("upsample", layer, ((2, before), (1, after)), 0)
        arrays = examples.operands(case, 1)
        found = onnx_model.run(running, arrays)
        assert examples.scaled_error(found, examples.evaluated(case, arrays, {})) <= 1e-5, (before, after)


@pytest.mark.parametrize("shape", [(6,), (3, 5), (3, 4, 5), (2, 2, 3, 2)])
def test_drop_path_drops_whole_samples_in_training(shape: tuple[int, ...]) -> None:
    """Each sample is 0, or its values over the share that is kept, about as often as the rate says."""
    torch.manual_seed(0)
    x = torch.rand(400, *shape, dtype=torch.float64) + 0.5
    steps = bind("drop_path 0.25").torch((shape,))
    known = {"x0": x}
    last = x
    for step in steps:
        read = [known[name] for name in step.inputs] or [last]
        if step.target.startswith("nn."):
            last = getattr(torch.nn, step.target.removeprefix("nn."))(*step.positional).train()(*read)
        else:
            last = torch_module.run_step(step, {}, read)
        known[step.output] = last
    dropped = (last == 0).flatten(1).all(dim=1)
    assert torch.allclose(last[~dropped], x[~dropped] / 0.75)
    assert 0.15 < dropped.double().mean() < 0.35


def test_leaving_out_a_layer_at_inference_changes_nothing() -> None:
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5))
    assert np.array_equal(bind("drop_path 0.9").evaluate([x], {}), x)
    assert not bind("drop_path 0.9").onnx(((3, 4, 5),)).nodes

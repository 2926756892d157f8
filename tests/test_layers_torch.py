"""Every word, by its own examples, before torch: values, weights, their beginnings, MACs and receptive fields."""

import itertools

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from cnnspec.contract.facts import Reach  # noqa: E402
from cnnspec.layers._resize import nearest  # noqa: E402
from tests.judges import examples, perturbation, torch_module  # noqa: E402
from tests.judges.examples import Case, bind, cases  # noqa: E402

pytestmark = pytest.mark.torch
every_case = pytest.mark.parametrize("case", cases(), ids=lambda case: case.name)
own_size = [case for case in cases() if case.size == 0]
counted = [case for case in cases() if case.size == 0 or case.layer.cost(case.inputs).macs]
with_weights = [case for case in own_size if case.layer.weights(case.inputs)]
every_example = pytest.mark.parametrize("case", own_size, ids=lambda case: case.name)


@every_case
def test_torch_computes_what_numpy_does(case: Case) -> None:
    values = examples.weights(case)
    arrays = examples.operands(case, 3)
    found = torch_module.outputs(case, arrays, values)
    assert found.shape == (3, *case.result)
    assert examples.scaled_error(found, examples.evaluated(case, arrays, values)) <= 1e-9


@every_case
def test_torch_owns_the_same_tensors(case: Case) -> None:
    stated = [(each.name, each.shape, each.dtype, each.trainable) for each in case.layer.weights(case.inputs)]
    assert torch_module.state(torch_module.fresh(case)) == stated


@pytest.mark.parametrize("case", counted, ids=lambda case: case.name)
def test_torch_counts_the_same_macs(case: Case) -> None:
    values = examples.weights(case)
    for batch in (1, 3):
        flops = torch_module.flops(case, examples.operands(case, batch), values)
        assert flops == 2 * batch * case.layer.cost(case.inputs).macs


@every_example
def test_results_see_what_the_window_says(case: Case) -> None:
    for operand in range(len(case.inputs)):
        found = perturbation.seen(case, operand)
        if case.layer.window(case.inputs, operand) is Reach.IRREGULAR:
            assert not perturbation.is_regular(found, case.inputs[operand][1:], case.result[1:])
        else:
            assert (found == perturbation.expected(case, operand)).all()


@pytest.mark.parametrize("case", with_weights, ids=lambda case: case.name)
def test_weights_begin_as_torchs_do(case: Case) -> None:
    """Constants exactly; uniform ones within the bound, and over many draws close to it and centred."""
    torch.manual_seed(0)
    weights = case.layer.weights(case.inputs)
    constant = all(each.init.kind == "constant" for each in weights)
    drawn = [torch_module.fresh(case).state_dict() for _ in range(2 if constant else 200)]
    for weight in weights:
        values = np.concatenate([each[weight.name].numpy().ravel() for each in drawn])
        scale = weight.init.scale
        if weight.init.kind == "constant":
            assert (values == scale).all()
        else:
            assert weight.init.kind == "uniform"
            assert 0.95 * scale <= np.abs(values).max() <= scale * (1 + 1e-6)
            assert abs(values.mean()) < 0.15 * scale


def pools() -> list[Case]:
    """Pools of one axis at every padding that we take: torch's own road, padded beforehand, and by shares. Rounded up,
    also those whose only window hangs over."""
    found = []
    for kernel, stride, begin, end in np.ndindex(4, 3, 3, 3):
        counts = (" count_pad=yes", " count_pad=no") if begin or end else ("",)
        for ceil in ("no", "yes"):
            text = f"{kernel + 1} /{stride + 1} pad={begin},{end} ceil_mode={ceil}"
            steps = [f"maxpool {text}", *(f"avgpool {text}{count}" for count in counts)]
            steps.append(f"maxpool {text} dilation=2")
            found += [Case(each, bind(each), ((2, size),), 0) for each in steps for size in (1, 2, 4, 7)]
    return [case for case in found if examples.accepts(case)]


@pytest.mark.parametrize("padding", ["equal at both ends", "unequal"])
def test_pools_agree_at_every_padding(padding: str) -> None:
    onnx_model = pytest.importorskip("tests.judges.onnx_model")
    equal = padding == "equal at both ends"
    chosen = [case for case in pools() if len(set(case.layer.arguments["pad"])) == (1 if equal else 2)]
    assert len(chosen) > 400
    for inputs in {case.inputs for case in chosen}:
        alike = [case for case in chosen if case.inputs == inputs]
        arrays = examples.operands(alike[0], 2)
        found = onnx_model.run_all(onnx_model.session(onnx_model.beside(alike)), arrays)
        for case, result in zip(alike, found, strict=True):
            expected = examples.evaluated(case, arrays, {})
            assert examples.scaled_error(torch_module.outputs(case, arrays, {}), expected) <= 1e-9, case.name
            assert examples.scaled_error(result, expected) <= 1e-4, case.name


def test_the_nearest_pixels_are_torchs() -> None:
    """Of every size made every other, and by factors at which its rounding skips a pixel."""
    pairs = [
        *itertools.product(range(1, 65), range(1, 65)),
        *((w, w * factor) for w in (2, 3, 7) for factor in range(1, 130)),
    ]
    for before, after in pairs:
        row = torch.arange(before, dtype=torch.float32).reshape(1, 1, before)
        made = torch.nn.functional.interpolate(row, size=after).long().flatten().tolist()
        assert made == [each.at for each in nearest(before, after)], f"{before} to {after}"

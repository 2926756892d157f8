"""The exported torch source at work, before the judge that runs each layer by itself."""

from types import ModuleType

import torch
from torch import Tensor, nn

from cnnspec.api.torch_export import source
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled
from cnnspec.training.network import Network
from tests.judges import network_torch
from tests.judges.network_torch import Values

BATCH = 3
CLOSE = 1e-9
"""In double precision the same operations in the same order come out alike but for rounding,"""
ROUNDING = 1e-13
"""which, where large values cancel, is a share of the largest of them: some hundred units of the last place."""


def module(text: str, name: str, **arguments: int) -> nn.Module:
    """The model that a file makes."""
    room = ModuleType("written")
    exec(compile(text, "model.py", "exec"), room.__dict__)  # noqa: S102 (it is what the judge is about)
    made = getattr(room, name)(**arguments)
    assert isinstance(made, nn.Module)
    return made


def check(result: Compiled) -> nn.Module:
    """Names, shapes and order of the tensors; the outputs in evaluation; the auxiliary heads in training."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    made = module(source(result), graph.name)
    check_names(result, made)
    chance = torch.Generator().manual_seed(len(graph))
    inputs = {id: torch.randn((BATCH, *(shapes[id] or ())), generator=chance).double() for id in graph.inputs}
    with torch.no_grad():
        weights = network_torch.settled(result, inputs)
        values = network_torch.values(result, weights, inputs)
        state = {f"{path}.{suffix}": each for path, held in weights.items() for suffix, each in held.items()}
        made.double().load_state_dict(state)
        check_outputs(result, outputs(result, made.eval()(*inputs.values())), values)
        check_training(result, made, inputs)
        check_training_network(result, state, inputs, values)
    return made


def check_training_network(result: Compiled, state: Values, inputs: Values, values: Values) -> None:
    """What `train` runs: the same names, the same outputs."""
    assert result.built is not None
    network = Network(result.built.graph, result.built.shapes).double()
    network.load_state_dict(state)
    check_outputs(result, outputs(result, network.eval()(*inputs.values())), values)


def check_names(result: Compiled, made: nn.Module) -> None:
    assert result.built is not None
    ours = full_weights(result.built.graph, result.built.shapes)
    trained = {name for name, _ in made.named_parameters()}
    expected = [(name, ours[name].shape, ours[name].trainable) for name in network_torch.in_rooms(ours)]
    assert expected == [(name, tuple(each.shape), name in trained) for name, each in made.state_dict().items()]


def outputs(result: Compiled, given: Tensor | Values) -> Values:
    """By name; one output stands alone."""
    assert result.built is not None
    names = list(result.built.graph.outputs)
    if isinstance(given, Tensor):
        assert len(names) == 1
        return {names[0]: given}
    assert list(given) == names
    return given


def check_outputs(result: Compiled, found: Values, values: Values, close: float = CLOSE) -> None:
    """The largest difference, as a share of the largest value; and what rounding makes of the largest of all."""
    assert result.built is not None
    largest = max(float(each.abs().max()) for each in values.values() if each.isfinite().all())
    for name, id in result.built.graph.outputs.items():
        expected = values[id]
        assert found[name].shape == expected.shape
        if expected.isfinite().all():
            difference = (found[name] - expected).abs().max()
            allowed = close * float(expected.abs().max()) + ROUNDING * largest
            assert difference <= allowed, f"{name} differs by {difference:.3g}, allowed is {allowed:.3g}"


def check_training(result: Compiled, made: nn.Module, inputs: Values) -> None:
    """Auxiliary heads come by name; their values have the shapes that were found for them."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    try:
        given = made.train()(*inputs.values())
    except ValueError as error:
        if "Expected more than 1" in str(error):  # of one value a channel there is no variance
            return
        raise
    if graph.aux:
        nodes = {**graph.outputs, **{name: head.node for name, head in graph.aux.items()}}
        assert {name: tuple(each.shape) for name, each in given.items()} == {
            name: (BATCH, *(shapes[id] or ())) for name, id in nodes.items()
        }
    else:
        outputs(result, given)

"""The tools that count, at work on an exported source: what a user of each would read off."""

import contextlib
import inspect
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import torch
from torch import Tensor, nn

from cnnspec.api.torch_export import source
from cnnspec.passes.conventions.rules import Tool
from cnnspec.pipeline import Compiled
from tests.judges.torch_module import one_thread
from tests.judges.torch_written import module

Inputs = Sequence[Tensor]


def lacking(tool: Tool) -> str | None:
    """Why a tool cannot judge here; None if it can."""
    try:
        found = version(tool.package).partition("+")[0].replace("-", ".post")
        with quiet():
            import_module(tool.package)
    except PackageNotFoundError:
        return f"{tool.package} is not installed: pip install -e '.[counters]'"
    except ImportError as error:  # thop wants distutils, calflops transformers
        return f"{tool.package} cannot be imported: {error}"
    return None if found == tool.version else f"{tool.package} {found} is installed, the rules are {tool.version}'s"


def printed(tool: Tool, result: Compiled, batch: int) -> int | None:
    """What the tool says of a network's source in evaluation; None if it stops."""
    made, inputs = _ready(result, 1 if tool.one_sample else batch)
    with quiet(), patches_undone(), one_thread():
        try:
            return COUNTERS[tool.name](made, inputs)
        except Exception:  # whatever it stops with: the caller has said beforehand whether it would
            return None


def _ready(result: Compiled, batch: int) -> tuple[nn.Module, list[Tensor]]:
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    inputs = [torch.zeros((batch, *(shapes[id] or ()))) for id in graph.inputs]
    with torch.device("meta"):  # nobody asks what the weights begin with
        made = module(source(result), graph.name)
    return made.to_empty(device="cpu").eval(), inputs


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what the tools print and warn of."""
    with (
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


@contextlib.contextmanager
def patches_undone() -> Iterator[None]:
    """Two of the tools replace functions of torch, and leave them so where they stop."""
    names = ("matmul", "mm", "bmm", "addmm", "baddbmm", "mul", "add", "einsum")
    places: list[tuple[Any, str]] = [(nn.functional, name) for name in vars(nn.functional)]
    places += [(room, name) for room in (torch, torch.Tensor) for name in names if hasattr(room, name)]
    kept = [(room, name, getattr(room, name)) for room, name in places]
    try:
        yield
    finally:
        for room, name, function in kept:
            if getattr(room, name) is not function:
                setattr(room, name, function)


def fvcore(made: nn.Module, inputs: Inputs) -> int:
    from fvcore.nn import FlopCountAnalysis

    return int(FlopCountAnalysis(made, tuple(inputs)).total())


def ptflops(made: nn.Module, inputs: Inputs) -> int:
    """It makes the batch of one by itself, from one shape; for several inputs somebody has to say how."""
    from ptflops import get_model_complexity_info

    def several(_: object) -> dict[str, Tensor]:
        return dict(zip(inspect.signature(made.forward).parameters, inputs, strict=True))

    more: dict[str, Any] = {"input_constructor": several} if len(inputs) > 1 else {}
    shape = tuple(inputs[0].shape[1:])
    macs, _ = get_model_complexity_info(made, shape, print_per_layer_stat=False, as_strings=False, **more)
    assert isinstance(macs, int), "it stopped"
    return macs


def thop(made: nn.Module, inputs: Inputs) -> int:
    from thop import profile

    macs = profile(made, inputs=tuple(inputs), verbose=False)[0]
    assert macs == int(macs)
    return int(macs)


def torchinfo(made: nn.Module, inputs: Inputs) -> int:
    from torchinfo import summary

    return int(summary(made, input_data=list(inputs), verbose=0).total_mult_adds)


def calflops(made: nn.Module, inputs: Inputs) -> tuple[int, int]:
    """FLOPs and MACs."""
    import calflops.calculate_pipline as pipeline
    from calflops import calculate_flops

    for each in (pipeline.module_flop_count, pipeline.module_mac_count):
        each.clear()  # a run that stopped leaves them filled
    flops, macs, _ = calculate_flops(made, args=list(inputs), print_results=False, output_as_string=False)
    return int(flops), int(macs)


def torch_counter(made: nn.Module, inputs: Inputs) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        made(*inputs)
    return int(counter.get_total_flops())


COUNTERS: Mapping[str, Callable[[nn.Module, Inputs], int]] = {
    "fvcore": fvcore,
    "ptflops": ptflops,
    "thop": thop,
    "torchinfo": torchinfo,
    "calflops": lambda made, inputs: calflops(made, inputs)[1],
    "calflops-flops": lambda made, inputs: calflops(made, inputs)[0],
    "torch": torch_counter,
}


def without_rule_in_fvcore(result: Compiled) -> set[str]:
    """The operators that it says it does not support."""
    from fvcore.nn import FlopCountAnalysis

    made, inputs = _ready(result, 1)
    with quiet(), one_thread():
        analysis = FlopCountAnalysis(made, tuple(inputs))
        analysis.total()
        return set(analysis.unsupported_ops())


def without_rule_in_thop(result: Compiled) -> set[str]:
    """The modules of torch that it says it cannot find a rule for."""
    from thop import profile

    made, inputs = _ready(result, 1)
    said = io.StringIO()
    with quiet(), one_thread(), contextlib.redirect_stdout(said):
        profile(made, inputs=tuple(inputs), report_missing=True)
    return {f"nn.{name}" for name in re.findall(r"rule for <class 'torch\.nn\.modules\.\w+\.(\w+)'>", said.getvalue())}

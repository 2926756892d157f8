"""The tools that count, at work on an exported source: what a user of each would read off."""

import contextlib
import io
import logging
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

Inputs = Sequence[Tensor]


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without what the tools print and warn of."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(logging.NOTSET)


def fvcore(module: nn.Module, inputs: Inputs) -> int:
    return int(_fvcore(module, inputs).total())


def fvcore_unknown(module: nn.Module, inputs: Inputs) -> Counter[str]:
    """The operators that it says it has no rule for."""
    with quiet():
        analysis = _fvcore(module, inputs)
        analysis.total()
        return analysis.unsupported_ops()


def _fvcore(module: nn.Module, inputs: Inputs) -> Any:
    from fvcore.nn import FlopCountAnalysis

    return FlopCountAnalysis(module, tuple(inputs))


def ptflops(module: nn.Module, inputs: Inputs) -> int:
    """It makes the batch of one by itself, from one shape; for several inputs somebody has to say how."""
    import inspect

    from ptflops import get_model_complexity_info

    def several(_: object) -> dict[str, Tensor]:
        return dict(zip(inspect.signature(module.forward).parameters, inputs, strict=True))

    made = {"input_constructor": several} if len(inputs) > 1 else {}
    shape = tuple(inputs[0].shape[1:])
    macs, _ = get_model_complexity_info(module, shape, print_per_layer_stat=False, as_strings=False, **made)
    assert isinstance(macs, int), "ptflops did not finish"
    return macs


def thop(module: nn.Module, inputs: Inputs) -> int:
    from thop import profile

    macs, _ = profile(module, inputs=tuple(inputs), verbose=False)
    assert macs == int(macs)
    return int(macs)


def torchinfo(module: nn.Module, inputs: Inputs) -> int:
    from torchinfo import summary

    return int(summary(module, input_data=list(inputs), verbose=0).total_mult_adds)


def calflops(module: nn.Module, inputs: Inputs) -> int:
    return _calflops(module, inputs)[1]


def calflops_flops(module: nn.Module, inputs: Inputs) -> int:
    return _calflops(module, inputs)[0]


def _calflops(module: nn.Module, inputs: Inputs) -> tuple[int, int]:
    import calflops.calculate_pipline as pipeline
    from calflops import calculate_flops

    pipeline.module_flop_count.clear()  # lists of its own that a run which failed leaves filled
    pipeline.module_mac_count.clear()
    names = [(torch.nn.functional, each) for each in dir(torch.nn.functional)]
    names += [(room, each) for room in (torch, torch.Tensor) for each in ("matmul", "addmm", "mul", "add", "einsum", "baddbmm")
              if hasattr(room, each)]
    kept = [(room, each, getattr(room, each)) for room, each in names]
    try:
        flops, macs, _ = calculate_flops(module, args=list(inputs), print_results=False, output_as_string=False)
    finally:
        for room, each, function in kept:
            if getattr(room, each) is not function:
                setattr(room, each, function)
    return flops, macs


def torch_counter(module: nn.Module, inputs: Inputs) -> int:
    from torch.utils.flop_counter import FlopCounterMode

    with FlopCounterMode(display=False) as counter, torch.no_grad():
        module(*inputs)
    return counter.get_total_flops()


TOOLS: Mapping[str, Callable[[nn.Module, Inputs], int]] = {
    "fvcore": fvcore,
    "ptflops": ptflops,
    "thop": thop,
    "torchinfo": torchinfo,
    "calflops": calflops,
    "calflops-flops": calflops_flops,
    "torch": torch_counter,
}

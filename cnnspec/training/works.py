"""A network at work in training: its numbers of 16 bits where that is asked, its layout, compiled or as it is."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, optim
from torch.nn.modules.batchnorm import _BatchNorm
from torch.nn.modules.dropout import _DropoutNd

from cnnspec.training.errors import TrainError
from cnnspec.training.manner import BF16, FP16, FP32, Manner
from cnnspec.training.network import Network
from cnnspec.training.sync_bn import apart, synced

TYPES = {BF16: torch.bfloat16, FP16: torch.float16}
COMPILING = ("torch._dynamo", "torch._inductor")
"""Where errors of torch.compile are from."""


class Works:
    """Gives every head's outputs in fp32, with gradients that are not too small for 16 bits. Judging is the network's
    own business: it is done in fp32 and never compiled."""

    def __init__(self, network: Network, manner: Manner, device: torch.device) -> None:
        """TrainError where the device does not have the precision."""
        _possible(manner.precision, device)
        self.network, self.manner, self.device = network, manner, device
        if manner.sync_bn and manner.processes > 1:
            synced(network)
        if manner.channels_last:
            network.to(memory_format=torch.channels_last)
        self.call = torch.compile(network) if manner.compile else network
        self.scaler = torch.amp.GradScaler(device.type, enabled=manner.precision == FP16)

    def precision(self) -> AbstractContextManager[Any]:
        """Within, torch does convolutions and products with 16 bits and sums with 32 (torch.autocast)."""
        if self.manner.precision == FP32:
            return nullcontext()
        made: AbstractContextManager[Any] = torch.autocast(self.device.type, TYPES[self.manner.precision])
        return made

    def __call__(self, x: Tensor) -> dict[str, Tensor]:
        """The outputs by head, that of an only head by an empty name. TrainError where batch normalization has no
        variance, or torch.compile cannot compile."""
        with self.precision():
            try:
                made = self.call(self.laid_out(x))
            except ValueError as error:
                if "more than 1 value per channel" not in str(error):
                    raise
                raise _without_variance(len(x)) from error
            except RuntimeError as error:
                if not (self.manner.compile and _is_of_compiling(error)):
                    raise
                first = " ".join(str(error).split("\n")[:2]).strip()
                raise TrainError(
                    f"torch.compile fails: {first}", "without `--compile` it is trained all the same"
                ) from error
        heads = made if isinstance(made, dict) else {"": made}
        return {name: each.float() for name, each in heads.items()}

    def laid_out(self, x: Tensor) -> Tensor:
        """Pictures laid out as the weights are."""
        return x.contiguous(memory_format=torch.channels_last) if self.manner.channels_last and x.ndim == 4 else x

    def placed(self, tensor: Tensor, like: Tensor | None) -> Tensor:
        """A tensor of a checkpoint where and how the network's own is: layouts decide in which order sums are taken."""
        if like is None or like.shape != tensor.shape:
            return tensor
        return torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)

    def backward(self, loss: Tensor) -> None:
        """Adds the gradients; with fp16 they are of the loss made larger, so that small ones are not lost."""
        self.scaler.scale(loss).backward()

    def is_sound(self, optimizer: optim.Optimizer) -> bool:
        """Whether these gradients are to be followed; what made them larger is taken out again. With fp16 some are
        infinite now and then: they are dropped, and the factor is halved (Micikevicius et al., Mixed Precision
        Training, 2018)."""
        if not self.scaler.is_enabled():
            return True
        self.scaler.unscale_(optimizer)
        grads = [each.grad for group in optimizer.param_groups for each in group["params"] if each.grad is not None]
        found = bool(torch.stack([each.isfinite().all() for each in grads]).all()) if grads else True
        self.scaler.update()
        if not found:
            optimizer.zero_grad(set_to_none=True)
        return found

    def notes(self, backend: str) -> tuple[str, ...]:
        """What there is to say of it."""
        manner, modules = self.manner, list(self.network.modules())
        normalized = any(isinstance(each, _BatchNorm) for each in modules)
        several = manner.processes > 1
        said = {
            f"{manner.processes} processes by {backend}: each takes its share of every batch": several,
            "batch normalization takes its means of a process's share; `--sync-bn` of all": (
                several and normalized and not manner.sync_bn
            ),
            "`--sync-bn`: the network has no batch normalization": manner.sync_bn and not normalized,
            "`--sync-bn`: there is one process, which has the whole batch": manner.sync_bn and not several,
            "dropout draws for each process on its own: one process alone would draw otherwise": (
                several and any(isinstance(each, _DropoutNd) for each in modules)
            ),
            f"{manner.precision} in training: weights, and whatever is judged, are fp32": manner.precision != FP32,
        }
        return tuple(text for text, is_so in said.items() if is_so)

    def state(self) -> dict[str, Any]:
        """Plain numbers."""
        return dict(self.scaler.state_dict())

    def load(self, state: Mapping[str, Any]) -> None:
        """What `state` gave."""
        if state and self.scaler.is_enabled():
            self.scaler.load_state_dict(dict(state))


def first_not_finite(works: Works, x: Tensor) -> str | None:
    """The first step, in order, whose result is no number on this batch, with the precision that it is trained with."""
    with torch.no_grad(), works.precision(), apart(works.network):
        steps = works.network.walk(works.laid_out(x))
        return next((name for name, value in steps if not bool(value.isfinite().all())), None)


def _possible(precision: str, device: torch.device) -> None:
    if precision == FP16 and device.type != "cuda":
        raise TrainError(
            "fp16 wants a GPU: its small numbers are lost on a CPU", "`--precision bf16` works on CPUs, too"
        )
    if precision == BF16 and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise TrainError("this GPU has no bf16", "`--precision fp16`")


def _without_variance(samples: int) -> TrainError:
    return TrainError(
        f"batch normalization has no variance of {samples} sample{'s' * (samples > 1)} with one value a channel",
        "a larger `batch`, or fewer parts by `accumulate`",
    )


def _is_of_compiling(error: Exception) -> bool:
    return any(each.__module__.startswith(COMPILING) for each in type(error).__mro__)

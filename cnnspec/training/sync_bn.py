"""Batch normalization whose means are of a batch of all processes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch import distributed as dist
from torch.nn.modules.batchnorm import _BatchNorm


class _Sum(torch.autograd.Function):
    """The sum over the processes, which each of them goes on with: so the gradient is such a sum, too."""

    @staticmethod
    def forward(ctx: Any, own: Tensor) -> Tensor:
        made = own.clone()
        dist.all_reduce(made)
        return made

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        made = gradient.contiguous().clone()
        dist.all_reduce(made)
        return made


class Synced(nn.SyncBatchNorm):
    """torch's own on a GPU. On CPUs, which torch's refuses, the same from its definition: sums are taken over all
    processes, and gradients flow through the sums. ValueError for a single value a channel, as nn.BatchNorm2d."""

    apart = False
    """Whether this process is on its own for now."""

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.apart:
            return _BatchNorm.forward(self, x)
        return super().forward(x) if x.is_cuda else self._on_cpus(x)

    def _on_cpus(self, x: Tensor) -> Tensor:
        axes = [axis for axis in range(x.ndim) if axis != 1]
        shape = [1, -1, *[1] * (x.ndim - 2)]
        count = _Sum.apply(torch.tensor(float(x.numel() // x.shape[1])))
        if float(count) < 2:
            raise ValueError(f"Expected more than 1 value per channel when training, got input size {list(x.shape)}")
        mean = _Sum.apply(x.float().sum(axes)) / count
        away = x.float() - mean.view(shape)
        var = _Sum.apply(away.square().sum(axes)) / count
        if self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            share = 1 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
            with torch.no_grad():
                self.running_mean.lerp_(mean, share)
                self.running_var.lerp_(var * (count / (count - 1)), share)  # unbiased, as torch keeps it
        made = away * torch.rsqrt(var + self.eps).view(shape)
        if self.affine:
            made = made * self.weight.view(shape) + self.bias.view(shape)
        return made.to(x.dtype)


def synced(network: nn.Module) -> int:
    """From here on all its batch normalizations are of all processes; gives how many there are."""
    found = [each for each in network.modules() if isinstance(each, _BatchNorm)]
    for each in found:
        # In its place: the network's steps hold the module itself, and its tensors stay what they are.
        each.__class__ = Synced
        each.process_group = None
    return len(found)


@contextmanager
def apart(network: nn.Module) -> Iterator[None]:
    """Within, this process is on its own: nobody else comes along."""
    found = [each for each in network.modules() if isinstance(each, Synced)]
    try:
        for each in found:
            each.apart = True
        yield
    finally:
        for each in found:
            each.apart = False

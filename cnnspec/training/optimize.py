"""From a recipe's lines to torch's optimizers, and what makes weights smaller besides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn, optim

from cnnspec.contract.training.optimizers import (
    ALL,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Decay,
    Optimizer,
    RMSProp,
    Sgd,
    Shrinking,
)
from cnnspec.contract.training.recipe import Clip, Recipe


def _sgd(o: Sgd) -> dict[str, Any]:
    return {"momentum": o.momentum, "nesterov": o.nesterov}


def _rmsprop(o: RMSProp) -> dict[str, Any]:
    return {"alpha": o.alpha, "eps": o.eps, "momentum": o.momentum, "centered": o.centered}


KINDS: Mapping[type[Optimizer], tuple[Callable[..., optim.Optimizer], Callable[[Any], dict[str, Any]]]] = {
    Sgd: (optim.SGD, _sgd),
    Adagrad: (optim.Adagrad, lambda o: {"eps": o.eps}),
    Adadelta: (optim.Adadelta, lambda o: {"rho": o.rho, "eps": o.eps}),
    RMSProp: (optim.RMSprop, _rmsprop),
    Adam: (optim.Adam, lambda o: {"betas": o.betas, "eps": o.eps}),
    AdamW: (optim.AdamW, lambda o: {"betas": o.betas, "eps": o.eps}),
}


class Updates:
    """One update of the weights after the other. What shrinks them is said by `l2`, `l1` and `decay`, each of all
    trainable tensors or of weighted sums alone. `factors` are those of the learning rate, by parameter, where there is
    one. What needs no gradient at the moment is left alone in every way, and begins as new when it is trained."""

    def __init__(
        self, network: nn.Module, optimizer: Optimizer, recipe: Recipe, factors: Mapping[str, float] = {}
    ) -> None:
        rated = [(each, factors.get(name, 1.0)) for name, each in network.named_parameters()]
        self.weights = [each for each, _ in rated]
        self.recipe = recipe
        make, arguments = KINDS[type(optimizer)]
        # AdamW's own decay is torch's; every other optimizer's is done here, as its definition has it.
        self.own_decay = isinstance(optimizer, AdamW)
        pull = recipe.decay if self.own_decay else recipe.l2
        groups = [
            {
                "params": [each for each, own in rated if own == factor and (each.ndim > 1) is large],
                "weight_decay": _amount(pull, large),
                "factor": factor,
            }
            for factor in dict.fromkeys(own for _, own in rated)
            for large in (True, False)
        ]
        kept = [each for each in groups if each["params"]]
        self.torch = make(kept, lr=optimizer.lr, **arguments(optimizer))

    def step(self, lr: float) -> None:
        """Takes the gradients as they are, and leaves none."""
        for group in self.torch.param_groups:
            group["lr"] = lr * group["factor"]
        moving = [each for each in self.weights if each.requires_grad]
        with torch.no_grad():
            if self.recipe.l1:
                for each in _shrunk(self.recipe.l1, moving):
                    if each.grad is not None:
                        each.grad.add_(each.sign(), alpha=self.recipe.l1.amount)
            if self.recipe.clip:
                _clip(self.recipe.clip, moving)
            if self.recipe.decay and not self.own_decay:
                self._decay(self.recipe.decay)
        self.torch.step()
        self.torch.zero_grad(set_to_none=True)

    def _decay(self, line: Decay) -> None:
        for group in self.torch.param_groups:
            for each in _shrunk(line, group["params"]):
                if each.requires_grad:
                    each.mul_(1 - group["lr"] * line.amount)

    def state(self) -> dict[str, Tensor]:
        """Tensors by `PLACE.NAME`."""
        held = self.torch.state_dict()["state"]
        return {
            f"{place}.{name}": each if isinstance(each, Tensor) else torch.tensor(each)
            for place, values in held.items()
            for name, each in values.items()
            if each is not None
        }

    def load(self, state: Mapping[str, Tensor]) -> None:
        """What `state` gave."""
        whole = self.torch.state_dict()
        whole["state"] = {}
        for name, each in state.items():
            place, _, what = name.partition(".")
            whole["state"].setdefault(int(place), {})[what] = each
        self.torch.load_state_dict(whole)


def _amount(line: Shrinking | None, large: bool) -> float:
    return line.amount if line is not None and (large or line.of == ALL) else 0.0


def _shrunk(line: Shrinking, weights: list[nn.Parameter]) -> list[nn.Parameter]:
    return [each for each in weights if line.of == ALL or each.ndim > 1]


def _clip(clip: Clip, weights: list[nn.Parameter]) -> None:
    if clip.by == "norm":
        nn.utils.clip_grad_norm_(weights, clip.bound)
    else:
        nn.utils.clip_grad_value_(weights, clip.bound)

"""The options of `train` that say how it is worked off, and which of several processes speaks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cnnspec.cli.kinds import Choice, Whole

if TYPE_CHECKING:
    from cnnspec.training.manner import Manner

F = TypeVar("F", bound=Callable[..., Any])
MANNER = ("precision", "channels_last", "compile", "sync_bn", "workers")
"""The names under which `train` gets them; None where nothing is said."""


def manner_options(function: F) -> F:
    """`--precision --channels-last --compile --sync-bn --workers`."""
    for option in reversed(
        (
            click.option(
                "--precision",
                type=Choice(["fp32", "bf16", "fp16"]),
                help="Of products in training; fp32. fp16 on CUDA.",
            ),
            click.option("--channels-last", is_flag=True, default=None, help="Channels lie side by side in memory."),
            click.option("--compile", is_flag=True, default=None, help="torch.compile: begins slowly, goes on faster."),
            click.option(
                "--sync-bn", is_flag=True, default=None, help="Batch normalization over all processes of torchrun."
            ),
            click.option("--workers", type=Whole(min=0), metavar="N", help="Threads that prepare the next batches; 0."),
        )
    ):
        function = option(function)
    return function


def manner_of(asked: Mapping[str, Any]) -> Manner:
    """What was asked."""
    from cnnspec.training.manner import Manner

    said = {name: asked[name] for name in MANNER if asked[name] is not None}
    return Manner(**said, said=tuple(said))

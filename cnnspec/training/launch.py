"""What a launcher says of the processes that it has started: torchrun, or whatever sets the variables of torch's
`env://` (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT)."""

from __future__ import annotations

import os
from typing import NamedTuple

from cnnspec.training.errors import TrainError

NEEDED = ("RANK", "MASTER_ADDR", "MASTER_PORT")


class Place(NamedTuple):
    """This process is number `rank` of `size`, and number `local` of those on this machine, `here` of them."""

    rank: int = 0
    size: int = 1
    local: int = 0
    here: int = 1


def place() -> Place:
    """Alone where nothing is said. TrainError where only a part is said: to train alone then, beside others that do the
    same, is what nobody asked for."""
    size = _number("WORLD_SIZE", 1)
    if size == 1:
        return Place()
    missing = next((each for each in NEEDED if not os.environ.get(each)), None)
    if missing:
        hint = "torchrun sets " + ", ".join((*NEEDED, "WORLD_SIZE"))
        raise TrainError(f"WORLD_SIZE is {size}, and {missing} is not set", hint)
    rank = _number("RANK", 0)
    return Place(rank, size, _number("LOCAL_RANK", rank), _number("LOCAL_WORLD_SIZE", size))


def is_one_of_several() -> bool:
    """Whether a launcher has started more than this process."""
    try:
        return place().size > 1
    except TrainError:
        return False


def is_silent() -> bool:
    """Whether another process speaks for this one: the first does."""
    return is_one_of_several() and place().rank > 0


def _number(name: str, otherwise: int) -> int:
    text = os.environ.get(name) or str(otherwise)
    if not text.isdecimal():
        raise TrainError(f"{name} is `{text}`, and no whole number", "torchrun sets it")
    return int(text)

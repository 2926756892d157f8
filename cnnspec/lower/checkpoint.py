"""Which of the things in a checkpoint are the weights, and what they are called without the wrappers' prefixes."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from cnnspec.lower.errors import WeightsError, shown
from cnnspec.lower.torch_objects import Tensor

T = TypeVar("T")

ENTRIES = (
    "state_dict", "model_state_dict", "model_state", "model", "net", "network", "weights", "params", "module",
    "model_ema", "state_dict_ema", "ema_state_dict", "ema", "params_ema",
)  # fmt: skip
"""Where training programs keep the weights; the first that is there is taken, averages last."""

PREFIXES = ("module.", "_orig_mod.")
"""What DataParallel and torch.compile put before every name."""

DEEPEST = 3
BOOKKEEPING = "n_averaged"
"""torch.optim.swa_utils.AveragedModel counts its updates beside the weights."""


class Picked(NamedTuple):
    """The tensors of the `entry` that was taken (None: the file as a whole); `others` hold tensors too."""

    tensors: dict[str, Tensor]
    entry: str | None
    others: tuple[str, ...]


def pick(tree: Any, entry: str | None = None) -> Picked:
    """The state_dict in what torch.save wrote; `entry` names another one than the first of ENTRIES (`ema`, `a.b`)."""
    if isinstance(tree, Tensor):
        raise WeightsError("it holds a single tensor, not weights by name")
    if not isinstance(tree, dict):
        raise WeightsError("it holds no mapping of names to tensors")
    rooms = _rooms(tree)
    if entry is not None and entry not in rooms:
        known = ", ".join(f"`{shown(each)}`" for each in rooms if each)
        raise WeightsError(f"it has no entry `{entry}` with tensors", f"it has {known}" if known else None)
    taken = entry if entry is not None else _first(rooms)
    others = tuple(each for each in rooms if each not in ("", taken))
    return Picked(rooms[taken], taken or None, others)


def _first(rooms: Mapping[str, dict[str, Tensor]]) -> str:
    """The usual name that stands first in ENTRIES; else the file as a whole, for a lone tensor may be an accuracy."""

    def places(path: str) -> list[int]:
        return [ENTRIES.index(part) if part in ENTRIES else len(ENTRIES) for part in path.split(".")]

    usual = [path for path in rooms if path and min(places(path)) < len(ENTRIES)]
    if usual:
        return min(usual, key=places)
    if "" in rooms or len(rooms) == 1:
        return "" if "" in rooms else next(iter(rooms))
    if not rooms:
        raise WeightsError("it holds no tensors by name")
    found = ", ".join(f"`{shown(each)}`" for each in rooms)
    raise WeightsError(f"it holds tensors in several entries, none of a usual name: {found}", "say which one is meant")


def _rooms(tree: dict[Any, Any]) -> dict[str, dict[str, Tensor]]:
    """Every mapping, down to three levels, that holds tensors under names. Optimizers number theirs: left out.

    Each mapping is entered once: a pickle may hold the same one in a million places.
    """
    rooms: dict[str, dict[str, Tensor]] = {}
    level, seen = [("", tree)], {id(tree)}
    for _ in range(DEEPEST):
        below: list[tuple[str, dict[Any, Any]]] = []
        for path, mapping in level:
            tensors = {key: value for key, value in mapping.items() if isinstance(value, Tensor)}
            if tensors and all(isinstance(key, str) for key in tensors):
                rooms[path] = tensors
            for key, value in mapping.items():
                if isinstance(value, dict) and isinstance(key, str) and not key.startswith("optim"):
                    if id(value) not in seen:
                        below.append((f"{path}.{key}" if path else key, value))
                    seen.add(id(value))
        level = below
    return rooms


def stripped(tensors: Mapping[str, T]) -> tuple[dict[str, T], str]:
    """The tensors without the prefixes that all their names share, and what was taken away."""
    prefix = ""
    names = [name for name in tensors if name != BOOKKEEPING]
    while names and (shared := [each for each in PREFIXES if all(n.startswith(prefix + each) for n in names)]):
        prefix += shared[0]
    if not prefix:
        return dict(tensors), ""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name != BOOKKEEPING}, prefix

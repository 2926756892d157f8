"""How a run is trained: every value with where it came from."""

from __future__ import annotations

from typing import Any, NamedTuple

from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.losses import CrossEntropy, Loss
from cnnspec.contract.training.optimizers import Adam, Optimizer
from cnnspec.contract.training.recipe import Batch, Recipe, Train
from cnnspec.contract.training.schedules import Fixed, Schedule
from cnnspec.training.manner import AS_EVER, Manner

DEFAULT = "default"
FILE = "the file"


class Plan(NamedTuple):
    """A recipe without gaps; `origins` has the origin of each of its lines, by word, and of the settings beside it."""

    recipe: Recipe
    loss: Loss
    optimizer: Optimizer
    schedule: Schedule
    batch: Batch
    length: tuple[int, str]
    seed: int
    holdout: float
    origins: dict[str, str]
    manner: Manner = Manner()

    def steps(self, samples: int) -> int:
        """How many updates there will be."""
        number, unit = self.length
        return number * steps_of_epoch(samples, self.batch.size) if unit == EPOCH else number

    def plain(self) -> dict[str, Any]:
        """As JSON has it: word, value and origin."""
        lines: dict[str, Any] = {
            **{word: each for word, each in self.recipe.plain().items() if each is not None},
            "loss": self.loss.plain(),
            "optimizer": self.optimizer.plain(),
            "schedule": self.schedule.plain(),
            "batch": self.batch.plain(),
            "epochs" if self.length[1] == EPOCH else "steps": self.length[0],
            "seed": self.seed,
            "holdout": self.holdout,
        }
        said = {word: {"value": each, "from": self.origins.get(word, DEFAULT)} for word, each in lines.items()}
        return {**said, **self.manner.plain()}


def steps_of_epoch(samples: int, batch: int) -> int:
    """Updates a walk through the samples: a last batch of one sample goes with the one before, as no batch norm can
    take a mean of it."""
    whole, rest = divmod(samples, batch)
    return max(1, whole + (rest > 1 or (rest == 1 and whole == 0)))


def planned(
    recipe: Recipe | None, origins: dict[str, str], seed: int, holdout: float, manner: Manner = AS_EVER
) -> Plan:
    """What the recipe leaves open is filled: cross-entropy, adam 0.001, a fixed rate, batches of 64, 10 epochs."""
    recipe = recipe or Recipe()
    return Plan(
        recipe,
        recipe.loss or CrossEntropy(),
        recipe.optimizer or Adam(lr=0.001),
        recipe.schedule or Fixed(),
        recipe.batch or Batch(size=64),
        recipe.length or (10, EPOCH),
        seed,
        holdout,
        origins,
        manner,
    )


def overridden(recipe: Recipe, lines: Recipe, origins: dict[str, str], origin: str) -> Recipe:
    """The recipe with the lines that another says in their place. `epochs` and `steps` are one question. Of lines that
    may stand several times all that a command says take the place of all that the file says."""
    said = {word: line for word, line in lines._asdict().items() if line is not None}
    if "epochs" in said or "steps" in said:
        recipe = recipe._replace(epochs=None, steps=None)
    for word in said:
        before = origins.get(word, FILE)
        if word in Train.repeated and before != FILE:
            said[word] = (*getattr(recipe, word), *said[word])
            origins[word] = before if origin in before.split(", ") else f"{before}, {origin}"
        else:
            origins[word] = origin
    return recipe._replace(**said)

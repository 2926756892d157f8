"""The script's end of an epoch: what is held out is judged, the best weights are kept, a row is written."""

from __future__ import annotations

from cnnspec.contract.training.schedules import Plateau
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, indented

END_OF_EPOCH = '''
def end_of_epoch(now: Any, model: nn.Module, held: $SPLIT, lr: float$PARAMS) -> None:
    """What came of it is judged, told and written; the best weights are kept."""
    loss, hits, seen = now.sums
    row = {"epoch": len(now.rows) + 1, "step": now.step, "lr": lr, "loss": loss / seen, "accuracy": hits / seen}
    value = [float(now.step)]  # the last is the best  #? !patient
    if held:  #? !patient
$HELD
    if value > now.best:
        now.best, now.best_epoch = value, row["epoch"]
        write("best.pt", model.state_dict())
    now.rows, now.sums = [*now.rows, row], [0.0, 0.0, 0.0]
    table = [row.keys(), *(each.values() for each in now.rows)]
    write("metrics.csv", "".join(",".join(map(str, each)) + "\\n" for each in table))
    print(*(f"{name} {each:.5g}" for name, each in row.items()), "*" * (now.best_epoch == row["epoch"]), flush=True)
'''

HELD = """
held_loss, right = judge(model, held$BESIDE)
row |= {"held_loss": held_loss, "held_accuracy": right}
value = $VALUE
gain = now.bar is None or $GAIN  #? stop
now.bar = $METRIC if gain else now.bar  #? stop
now.waited = 0 if gain else now.waited + 1  #? stop
better = now.level is None or $BETTER  #? plateau
now.level = $LEVEL if better else now.level  #? plateau
now.idle = 0 if better else now.idle + 1  #? plateau
if now.idle > PATIENCE:  #? plateau
    now.reduced, now.idle = now.reduced * FACTOR, 0  #? plateau
"""


def end_of_epoch(facts: Facts, flags: frozenset[str]) -> str:
    """The function; `flags` are those of the loop."""
    stop, schedule = facts.recipe.stop, facts.recipe.schedule
    plateau = schedule if isinstance(schedule, Plateau) else None
    held = filled(
        HELD,
        flags,
        VALUE="[-held_loss]" if stop and stop.metric == "loss" else "[right, -held_loss]",
        GAIN=stop and _gain(stop.metric, "now.bar", "", "MIN_DELTA" if stop.min_delta else ""),
        METRIC=stop and _name(stop.metric),
        BETTER=plateau and _gain(plateau.metric, "now.level", "THRESHOLD", ""),
        LEVEL=plateau and _name(plateau.metric),
        BESIDE="".join(f", {each}" for each in facts.beside),
    )
    return filled(
        END_OF_EPOCH,
        flags,
        SPLIT="Split" if "patient" in flags else "Split | None",
        PARAMS="".join(f", {each}: Tensor" for each in facts.beside),
        HELD=indented(held, 1 if "patient" in flags else 2),
    )


def _name(metric: str) -> str:
    return "held_loss" if metric == "loss" else "right"


def _gain(metric: str, bar: str, share: str, delta: str) -> str:
    """Whether what was measured is better than the bar, by enough."""
    sign, less = (">", "+") if metric == "accuracy" else ("<", "-")
    factor = f" * (1 {less} {share})" if share else ""
    return f"{_name(metric)} {sign} {bar}{factor}{f' {less} {delta}' if delta else ''}"

"""The script's constants: what the recipe says, and what stands beside it; and the command line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from cnnspec.contract.training.augment import Mixup
from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.losses import BinaryCrossEntropy, CrossEntropy
from cnnspec.contract.training.optimizers import ALL
from cnnspec.contract.training.schedules import Cosine, Exponential, OneCycle, Plateau, Polynomial, Step
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, up

SETTINGS = """
# What the command line may say otherwise: --epochs 5 --lr 0.01
DATA = ""
OUT = "run"
WEIGHTS = ""  # a state_dict to begin with
SEED = 0
HOLDOUT = 0.1  # of each class, where the data have no val part
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
SAVE_EVERY = 60.0  # seconds, besides each epoch's end

$RECIPE

$NAMES
SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".ppm", ".pgm")
Array = NDArray[Any]
rank, world = int(os.getenv("RANK", "0")), int(os.getenv("WORLD_SIZE", "1"))
criterion = nn.CrossEntropyLoss(reduction="sum")  #? plain
"""

OVERRIDE = '''
def override() -> dict[str, Any]:
    """The command line over the constants; a run that goes on has those that it was begun with."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, value in globals().items():
        if name.isupper() and type(value) in (int, float, str):
            parser.add_argument("--" + name.lower().replace("_", "-"), dest=name, type=type(value), default=value)
    parser.add_argument("--resume", action="store_true", help="go on with --out")
    given = parser.parse_args()
    about = Path(given.OUT, "run.json")
    if given.resume and about.exists():
        before = json.loads(about.read_text())["settings"]
        given = parser.parse_args(namespace=argparse.Namespace(**before))
        for name in sorted(before.keys() - {"SAVE_EVERY"}):
            if (value := getattr(given, name)) != before[name]:
                sys.exit(f"{name} is {value}, and {given.OUT} was begun with {before[name]}: another --out begins anew")
    elif given.resume or about.exists():
        parser.error(f"{given.OUT} holds {'no run' if given.resume else 'a run; --resume goes on with it'}")
    if not given.DATA:
        parser.error("--data says what to train on")
    globals().update(vars(given))
    return vars(given)
'''

WIDTH = 120
LABELS = "labels.txt"
"""The file beside the script that has the classes' names, if they do not stand in a line of it."""


class Constant(NamedTuple):
    """`NAME = value  # comment`."""

    name: str
    value: Any
    comment: str = ""


def settings(facts: Facts) -> str:
    """The constants."""
    lines = [line for each in _constants(facts) for line in _line(each)]
    names = "".join(f"{each}\n" for each in _names(facts))
    return filled(SETTINGS, up(plain=facts.plain_loss), RECIPE="\n".join(lines), NAMES=names).replace("\n\n\n", "\n\n")


def _names(facts: Facts) -> list[str]:
    """The classes, if the network says what they are called, and the auxiliary heads."""
    lines = []
    if facts.aux:
        items = tuple(f"{json.dumps(name)}: {weight!r}" for name, weight in facts.aux.items())
        lines += listed("AUX = {", items, "}", "  # what the auxiliary heads count")
    if names := inline(facts.labels or ()):
        lines.append(f"NAMES = {names}")
    elif facts.labels:
        lines.append(f'NAMES = Path(__file__).with_name("{LABELS}").read_text("utf-8").splitlines()')
    return lines


def inline(labels: Sequence[str]) -> str | None:
    """The names as a list, if it is a line."""
    names = json.dumps(labels, ensure_ascii=False)
    return names if labels and len(f"NAMES = {names}") <= WIDTH else None


def listed(head: str, items: Iterable[str], close: str, comment: str) -> list[str]:
    """In one line, or in a line for each item."""
    items = list(items)
    whole = f"{head}{', '.join(items)}{close}"
    return [whole + comment] if len(whole + comment) <= WIDTH else [head, *(f"    {each}," for each in items), close]


def _line(each: Constant) -> list[str]:
    comment = f"  # {each.comment}" if each.comment else ""
    value = each.value
    if isinstance(value, tuple) and len(value) > 1:
        return listed(f"{each.name} = (", map(repr, value), ")", comment)
    return [f"{each.name} = {value!r}{comment}"]


def _constants(facts: Facts) -> Iterator[Constant]:
    recipe = facts.recipe
    length = recipe.length
    assert length is not None
    assert recipe.batch is not None
    assert recipe.optimizer is not None
    if length[1] == EPOCH:
        yield Constant("EPOCHS", length[0])
    else:
        yield Constant("STEPS", length[0], "updates of the weights")
    yield Constant("BATCH", recipe.batch.size, "of one update, over all processes")
    if recipe.batch.accumulate > 1:
        yield Constant("ACCUMULATE", recipe.batch.accumulate, "parts of a batch, one after the other")
    yield Constant("LR", recipe.optimizer.lr)
    for name, value in recipe.optimizer.arguments.items():
        if name != "lr" and value != type(recipe.optimizer).fields[name].default:
            yield Constant(name.upper(), value)
    yield from _schedule(facts)
    yield from _loss(facts)
    yield from _small(facts)


def _schedule(facts: Facts) -> Iterator[Constant]:
    recipe = facts.recipe
    match recipe.schedule:
        case Step(factor=factor, unit=unit, every=every, at=at):
            yield Constant("FACTOR", factor, "of the learning rate")
            yield Constant("EVERY", every, f"{unit}s") if every else Constant("AT", at, f"{unit}s")
        case Exponential(factor=factor, per=per):
            yield Constant("FACTOR", factor, f"of the learning rate, each {per}")
        case Polynomial(power=power):
            if power != 1:
                yield Constant("POWER", power)
        case OneCycle(pct_start=start, div_factor=div, final_div_factor=final):
            yield Constant("PCT_START", start, "the share of training in which the rate rises")
            yield Constant("DIV_FACTOR", div)
            yield Constant("FINAL_DIV_FACTOR", final)
        case Plateau(factor=factor, patience=patience, threshold=threshold):
            yield Constant("FACTOR", factor, "of the learning rate, after more than")
            yield Constant("PATIENCE", patience, "epochs without a gain")
            yield Constant("THRESHOLD", threshold, "the share that is a gain")
    if isinstance(recipe.schedule, (Polynomial, Cosine, Plateau)) and recipe.schedule.to:
        yield Constant("LR_END", recipe.schedule.to)
    if recipe.warmup:
        yield Constant("WARMUP", recipe.warmup.length, f"{recipe.warmup.unit}s")
        if recipe.warmup.start:
            yield Constant("WARMUP_START", recipe.warmup.start, "times the rate, at first")


def _loss(facts: Facts) -> Iterator[Constant]:
    loss = facts.recipe.loss
    if isinstance(loss, CrossEntropy):
        if loss.smoothing:
            yield Constant("SMOOTHING", loss.smoothing)
        if isinstance(loss.weights, tuple):
            yield Constant("CLASS_WEIGHTS", loss.weights)
    if isinstance(loss, BinaryCrossEntropy) and facts.positive:
        yield Constant("POSITIVE", facts.positive)


def _small(facts: Facts) -> Iterator[Constant]:
    """What makes weights smaller, what holds gradients back, and all the rest."""
    recipe = facts.recipe
    for name, line in (("L2", recipe.l2), ("L1", recipe.l1), ("DECAY", recipe.decay)):
        if line is not None:
            yield Constant(name, line.amount, "" if line.of == ALL else "of weighted sums, not of biases and norms")
    if recipe.clip:
        yield Constant("CLIP", recipe.clip.bound, f"the largest {recipe.clip.by} of gradients")
    if recipe.ema:
        yield Constant("EMA", recipe.ema.decay, "of the weights' mean, which is judged and kept")
    for each in recipe.augment or ():
        if isinstance(each, Mixup):
            yield Constant("MIXUP", each.alpha)
    if recipe.stop:
        yield Constant("STOP_AFTER", recipe.stop.patience, f"epochs without a gain in {recipe.stop.metric}")
        if recipe.stop.min_delta:
            yield Constant("MIN_DELTA", recipe.stop.min_delta, "what is a gain")

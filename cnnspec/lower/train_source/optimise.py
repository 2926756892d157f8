"""The script's part that says what is made small, how the weights follow the gradient, and how fast."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.losses import CrossEntropy, MeanSquaredError
from cnnspec.contract.training.optimizers import ALL, Adadelta, Adagrad, Adam, AdamW, RMSProp, Sgd, Shrinking
from cnnspec.contract.training.schedules import (
    Cosine,
    Exponential,
    Fixed,
    OneCycle,
    Plateau,
    Polynomial,
    Schedule,
    Step,
)
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, indented, up

LOSS = '''
def criterion(x: Tensor, y: Tensor$WEIGHTS) -> Tensor:
    """$WHAT, the sum over the samples."""
$LINES
'''

BALANCED = '''
def balanced(labels: Array) -> list[float]:
    """A weight for each class: n / (K n_k), as scikit-learn has it."""
    counts = np.bincount(labels, minlength=$OUTPUTS)
    return [len(labels) / ($OUTPUTS * max(1, each)) for each in counts.tolist()]
'''

OPTIMIZER = """
small = [each for each in model.parameters() if each.ndim <= 1]  #? groups
large: Any = {"params": [each for each in model.parameters() if each.ndim > 1], "weight_decay": $PULL}  #? groups
optimizer = torch.optim.$KIND($ARGUMENTS)
"""

RATE = '''
def rate(step: int, steps: int, per_epoch: int$MORE) -> float:
    """The learning rate of an update, from 0$SAID."""
$LINES
'''

CURVE = '''
def curve(begin: float, end: float, share: float) -> float:
    """Along half a cosine."""
    return end + (begin - end) * (1 + math.cos(math.pi * min(share, 1.0))) / 2
'''

KINDS = {Sgd: "SGD", Adagrad: "Adagrad", Adadelta: "Adadelta", RMSProp: "RMSprop", Adam: "Adam", AdamW: "AdamW"}
"""torch.optim's names."""


def pull(facts: Facts) -> tuple[str, Shrinking] | None:
    """What torch's own `weight_decay` does, and the constant's name."""
    recipe = facts.recipe
    if isinstance(recipe.optimizer, AdamW):
        return ("DECAY", recipe.decay) if recipe.decay else None
    return ("L2", recipe.l2) if recipe.l2 else None


def optimise(facts: Facts) -> list[str]:
    """Its functions."""
    made = (
        []
        if facts.plain_loss
        else [filled(LOSS, WEIGHTS=", weights: Tensor" if facts.weighted else "", **_loss(facts))]
    )
    if facts.balanced:
        made.append(filled(BALANCED, OUTPUTS=facts.outputs))
    schedule = facts.recipe.schedule or Fixed()
    if not isinstance(schedule, Fixed) or facts.recipe.warmup:
        made.append(_rate(facts, schedule))
    return [*made, filled(CURVE)] if isinstance(schedule, OneCycle) else made


def _loss(facts: Facts) -> dict[str, str]:
    loss, several = facts.recipe.loss, facts.outputs > 1
    if isinstance(loss, CrossEntropy):
        given = ["x", "y", *(["weights"] if facts.weighted else []), 'reduction="sum"']
        given += ["label_smoothing=SMOOTHING"] if loss.smoothing else []
        return {"WHAT": "Cross-entropy", "LINES": f"    return F.cross_entropy({', '.join(given)})"}
    targets = f"F.one_hot(y, {facts.outputs}).to(x.dtype)" if several else "y[:, None].to(x.dtype)"
    share = f" / {facts.outputs}" if several else ""
    if isinstance(loss, MeanSquaredError):
        what, told = "Squared error", 'F.mse_loss(x, t, reduction="sum")'
    elif facts.positive:
        what = "Binary cross-entropy"
        told = 'F.binary_cross_entropy_with_logits(x, t, pos_weight=p, reduction="sum")'
    else:
        what, told = "Binary cross-entropy", 'F.binary_cross_entropy_with_logits(x, t, reduction="sum")'
    lines = [f"t = {targets}", *(["p = x.new_tensor(POSITIVE)"] if facts.positive else [])]
    lines += [f"loss = {told}", f"return loss{share}"]
    return {"WHAT": what + (", the mean over outputs" if several else ""), "LINES": indented("\n".join(lines))}


def optimizer(facts: Facts) -> str:
    """The lines that make it; `optimizer` is its name."""
    optimizer, found = facts.recipe.optimizer, pull(facts)
    assert optimizer is not None
    groups = found is not None and found[1].of != ALL
    arguments = ['[large, {"params": small}]' if groups else "model.parameters()", "LR", *_arguments(facts)]
    own = isinstance(optimizer, AdamW)
    if found is not None and not groups:
        arguments.append(f"weight_decay={found[0]}")
    elif own:
        arguments.append("weight_decay=0.0")  # torch's own is 0.01
    kind = KINDS[type(optimizer)]
    return filled(OPTIMIZER, up(groups=groups), PULL=found and found[0], KIND=kind, ARGUMENTS=", ".join(arguments))


def _arguments(facts: Facts) -> Iterator[str]:
    """Those that are other than torch's own defaults."""
    optimizer = facts.recipe.optimizer
    assert optimizer is not None
    for name, value in optimizer.arguments.items():
        if name != "lr" and value != type(optimizer).fields[name].default:
            yield f"{name}={name.upper()}"


def _rate(facts: Facts, schedule: Schedule) -> str:
    lines = "\n".join(_course(schedule, facts))
    warmup = facts.recipe.warmup
    said = f": {schedule.word}" + (", after a warm-up" if warmup else "")
    more = ", reduced: float" if isinstance(schedule, Plateau) else ""
    return filled(RATE, MORE=more, SAID=said, LINES=indented(lines))


def _course(schedule: Schedule, facts: Facts) -> Iterator[str]:
    """The function's lines."""
    warmup = facts.recipe.warmup
    if warmup:
        yield "warm = WARMUP * per_epoch" if warmup.unit == EPOCH else "warm = WARMUP"
    if isinstance(schedule, (Polynomial, Cosine)):
        yield from _share(schedule.per, bool(warmup))
    if isinstance(schedule, OneCycle):
        yield "first = LR / DIV_FACTOR"
        yield "last, top = first / FINAL_DIV_FACTOR, PCT_START * steps - 1"
        yield "if step <= top:"
        yield "    return curve(first, LR, step / top if top > 0 else 1.0)"
        yield "return curve(LR, last, (step - top) / max(steps - 1 - top, 1e-12))"
        return
    told = _told(schedule)
    if getattr(schedule, "per", EPOCH) != EPOCH and not warmup:
        told = told.replace("share", "step / steps")
    if not warmup:
        yield f"return {told}"
        return
    yield f"lr = {told}"
    yield "if step < warm:"
    if warmup.start:
        yield "    lr *= WARMUP_START + (1 - WARMUP_START) * (step + 1) / warm"
    else:
        yield "    lr *= (step + 1) / warm"
    yield "return lr"


def _share(per: str, warm: bool) -> Iterator[str]:
    """How much of the way is gone, from the warm-up's end on."""
    if per == EPOCH:
        yield "now, end = step // per_epoch, math.ceil(steps / per_epoch)"
        if warm:
            yield "begin = warm // per_epoch"
    else:
        told = "share = min(max(0, step - warm) / max(1, steps - warm), 1.0)"
        yield from [told] if warm else []
        return
    yield "share = min(max(0, now - begin) / max(1, end - begin), 1.0)" if warm else "share = min(now / end, 1.0)"


def _told(schedule: Schedule) -> str:
    match schedule:
        case Step(unit=unit, every=every):
            time = "step // per_epoch" if unit == EPOCH else "step"
            passed = f"({time} // EVERY)" if every else f"sum({time} >= each for each in AT)"
            return f"LR * FACTOR ** {passed}"
        case Exponential(per=per):
            return "LR * FACTOR ** (step // per_epoch)" if per == EPOCH else "LR * FACTOR**step"
        case Polynomial(power=power, to=to):
            part = "float((1 - share) ** POWER)" if power != 1 else "(1 - share)"
            return f"LR_END + (LR - LR_END) * {part}" if to else f"LR * {part}"
        case Cosine(to=to):
            part = "(1 + math.cos(math.pi * share)) / 2"
            return f"LR_END + (LR - LR_END) * {part}" if to else f"LR * {part}"
        case Plateau(to=to):
            return "max(LR * reduced, min(LR_END, LR))" if to else "LR * reduced"
    return "LR"

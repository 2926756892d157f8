"""The script's parts between the data and the loop: who is in an update, the mean of the weights, judging."""

from __future__ import annotations

from cnnspec.contract.training.augment import columns
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, up

BATCH = '''
def batch(train: Split, step: int, per_epoch: int) -> tuple[Array, ...]:
    """Of an update: this process's pictures, labels$AND; and everybody's labels."""
    epoch, number = divmod(step, per_epoch)
    end = None if number == per_epoch - 1 else (number + 1) * BATCH
    whole = shuffled(len(train.labels), "order", epoch)[number * BATCH : end]
    shares = np.array_split(whole, min(world, max(1, len(whole) // 2)))  # nobody has one sample alone
    mine = shares[rank % len(shares)]  # whoever has no share does another's, which counts nothing
    chance = chances(len(train.labels), epoch)[mine]  #? augment
    return train.take(mine), train.labels[mine], chance, train.labels[whole]  #? augment
    return train.take(mine), train.labels[mine], train.labels[whole]  #? !augment
'''

FOLLOW = '''
@torch.no_grad()
def follow(mean: nn.Module, model: nn.Module) -> None:
    """Towards the weights; the means of batch normalization belong to them."""
    now = model.state_dict()
    for name, each in mean.state_dict().items():
        if each.is_floating_point():
            each.lerp_(now[name], 1 - EMA)
        else:
            each.copy_(now[name])
'''

JUDGE = '''
@torch.no_grad()
def judge(model: nn.Module, split: Split$PARAMS) -> list[float]:
    """The mean loss and the share of right answers; each process judges a part."""
    device = next(model.parameters()).device
    if world > 1:  #? buffers
        for each in model.buffers():  # the means of process 0  #? buffers
            dist.broadcast(each, 0)  #? buffers
    model.eval()
    sums = torch.zeros($SUMS, device=device)
    mine = np.arange(rank, len(split.labels), world)
    for places in (mine[begin : begin + 256] for begin in range(0, len(mine), 256)):
        x, y = (torch.from_numpy(each).to(device) for each in (split.take(places), split.labels[places]))
        outputs = model(scaled(x.float()$NORM))
        sums += torch.stack([criterion(outputs, y), ($SAID == y).sum()])  #? !weighted
        loss, right = criterion(outputs, y, weights), ($SAID == y).sum()  #? weighted
        sums += torch.stack([loss, right, weights[y].sum()])  #? weighted
    if world > 1:
        dist.all_reduce(sums)
    total = torch.tensor([float(sums[2]), len(split.labels)])  #? weighted
    return (sums[:2].cpu() / total).tolist()  #? weighted
    return [each / len(split.labels) for each in sums.tolist()]  #? !weighted
'''


def judge(facts: Facts) -> list[str]:
    """Its functions."""
    augmented = any(map(columns, facts.recipe.augment or ()))
    judged = filled(
        JUDGE,
        up(buffers=facts.has_buffers, weighted=facts.weighted),
        PARAMS="".join(f", {each}: Tensor" for each in facts.beside),
        NORM="".join(f", {each}" for each in facts.norm),
        SAID=said(facts) if facts.threshold is None else f"({said(facts)})",
        SUMS=3 if facts.weighted else 2,
    )
    follow = [filled(FOLLOW)] if facts.recipe.ema else []
    return [filled(BATCH, up(augment=augmented), AND=", chances" * augmented), *follow, judged]


def said(facts: Facts) -> str:
    """What the outputs say."""
    return "outputs.argmax(1)" if facts.threshold is None else f"outputs[:, 0] > {facts.threshold:g}"

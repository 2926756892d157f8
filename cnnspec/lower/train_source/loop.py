"""The script's loop: from the data to trained weights, update after update, with checkpoints."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.contract.training.augment import columns
from cnnspec.contract.training.kinds import EPOCH
from cnnspec.contract.training.optimizers import ALL, AdamW, Shrinking
from cnnspec.contract.training.schedules import Fixed, Plateau
from cnnspec.lower.train_source.epoch import end_of_epoch
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled, indented, up
from cnnspec.lower.train_source.judge import said
from cnnspec.lower.train_source.optimise import optimizer

MAIN = """
def main(given: dict[str, Any]) -> None:
    device = torch.device(f"cuda:{os.getenv('LOCAL_RANK', '0')}" if DEVICE == "cuda" else DEVICE)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if device.type == "cuda" else "gloo")
    if rank > 0:
        sys.stdout = io.StringIO()  # process 0 speaks for all
    torch.use_deterministic_algorithms(device.type == "cpu")
    parts, classes = load(Path(DATA))
    train, held, test = parts["train"], parts.get("val"), parts.get("test")
    if held is None:  #? patient
        sys.exit("this recipe looks at samples that are held out: --holdout 0.1")  #? patient
    moments = measured(train)  #? measured
    norm = torch.tensor(moments, device=device)[:, :, None, None]  #? measured
    print(f"normalized by the mean {moments[0]} and deviation {moments[1]} of train")  #? measured
    weights = torch.tensor($CLASS_WEIGHTS, device=device)  #? weighted
    per_epoch = max(1, len(train.labels) // BATCH + (len(train.labels) % BATCH > 1))  # no update of one sample
    steps = EPOCHS * per_epoch  #? epochs
    steps = STEPS  #? !epochs
    if world > max(1, min(BATCH, len(train.labels)) // 2):
        sys.exit(f"{min(BATCH, len(train.labels))} samples at a time are too few for {world} processes")
    digest = hashlib.sha256(b"".join(each.labels.tobytes() for each in parts.values())).hexdigest()
    data = {"samples": len(train.labels), "labels": digest, "classes": classes$ABOUT}
    if given["resume"] and json.loads(Path(OUT, "run.json").read_text())["data"] != data:
        sys.exit(f"{DATA} does not hold what {OUT} was begun with: another --out begins anew")
    torch.manual_seed(SEED)
    model = $NAME().to(device)
    if WEIGHTS and not given["resume"]:
        model.load_state_dict(torch.load(WEIGHTS, map_location=device, weights_only=True))
$OPTIMIZER
    kept = copy.deepcopy(model)  # the mean of the weights  #? ema
$STATE
    if given["resume"]:
        last = torch.load(Path(OUT, "last.pt"), map_location=device, weights_only=True)
        model.load_state_dict(last["model"])
        kept.load_state_dict(last["kept"])  #? ema
        optimizer.load_state_dict(last["optimizer"])
        now = argparse.Namespace(**last["now"])
        print(f"goes on after {now.step:,} of {steps:,} updates")
    net: Any = nn.parallel.DistributedDataParallel(model) if world > 1 else model
    Path(OUT).mkdir(parents=True, exist_ok=True)
    about = {"settings": {k: v for k, v in given.items() if k not in ("OUT", "DEVICE", "resume")}, "data": data}
    before = {int(each): signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    signals: list[Any] = []
    for each in before:  # the first is heard, the second does what it always does
        signal.signal(each, lambda number, _: signals.append(signal.signal(number, before[number])))
    ahead, saved = ThreadPoolExecutor(1), -math.inf  # the next pictures are read while these are learnt
    coming = ahead.submit(batch, train, now.step, per_epoch)
    while now.step < steps$GOING:
        $X, $Y, ${CHANCE_}everybody = (torch.from_numpy(each).to(device) for each in coming.result())
        coming = ahead.submit(batch, train, now.step + 1, per_epoch)
        counts = float(rank < max(1, len(everybody) // 2))
        total = float(weights[everybody].sum())  #? weighted
        lr = $RATE
        net.train()
$PARTS
        if world > 1:
            dist.all_reduce(told)
        loss_now, hits, stopped = told.tolist()
        if not math.isfinite(loss_now):
            sys.exit(f"the loss is {loss_now} at update {now.step + 1:,}: a smaller --lr?")
        for group in optimizer.param_groups:
            group["lr"] = lr
$SMALLER
        optimizer.zero_grad()
        follow(kept, model)  #? ema
        now.step += 1
        now.sums = [now.sums[0] + loss_now * len(everybody), now.sums[1] + hits, now.sums[2] + len(everybody)]
        if ends := now.step % per_epoch == 0 or now.step == steps:
            end_of_epoch(now, $KEPT, held, lr$BESIDE)
        if ends or stopped or time.monotonic() - saved > SAVE_EVERY:
            state = {"model": model.state_dict(), "optimizer": optimizer.state_dict()}  #? ema
            write("last.pt", {$STATES, "now": vars(now)})
            write("run.json", json.dumps(about, indent=2))
            saved = time.monotonic()
        if stopped and now.step < steps:
            print(f"stopped after {now.step:,} of {steps:,} updates; --resume goes on")
            sys.exit(130)
    for each, handler in before.items():
        signal.signal(each, handler)
    print(f"best epoch: {now.best_epoch}, {Path(OUT, 'best.pt')}")
    if test:
        if world > 1:
            dist.barrier()
        model.load_state_dict(torch.load(Path(OUT, "best.pt"), map_location=device, weights_only=True))
        test_loss, share = judge(model, test$BESIDE)
        print(f"test: {share:.2%} right, loss {test_loss:.4f}")
    if world > 1:
        dist.destroy_process_group()
"""

PART = """
x = augmented($PIXELS.float(), chance$AT)  #? augment
x = $PIXELS.float()  #? !augment
y = labels$AT  #? parts
own, partners = mixed(len(y), now.step)  #? mixup
other = torch.from_numpy(partners).to(device)  #? mixup
x = scaled(x$NORM)  #? mixup
x = own * x + (1 - own) * x[other]  #? mixup
torch.manual_seed(((SEED * 1_000_003 + now.step) * 1_009 + $NUMBER) % 2**63)  #? chance
outputs = net($X)  #? !aux
heads = net($X)  #? aux
outputs = heads["$MAIN"]  #? aux
loss = counts * $LOSS / $TOTAL
for name, weight in AUX.items():  #? aux
    loss = loss + counts * weight * $AUX_LOSS / $TOTAL  #? aux
said = $SAID
torch.autograd.backward(loss * world)  # the mean over processes is taken
right = counts * (said == y).sum()  #? !mixup
right = counts * (own * (said == y).sum() + (1 - own) * (said == y[other]).sum())  #? mixup
"""

AT_ONCE = """
$PART
told = torch.stack([loss.detach(), right, x.new_tensor(len(signals))])
"""

PARTS = """
told = torch.tensor([0.0, 0.0, len(signals)], device=device)
count = min(ACCUMULATE, max(1, len(labels) // 2))
for number, at in enumerate(np.array_split(np.arange(len(labels)), count)):
    waits = world > 1 and number < count - 1  # gradients meet in the last part
    with net.no_sync() if waits else nullcontext():
$PART
    told[:2] += torch.stack([loss.detach(), right])
"""


def loop(facts: Facts) -> list[str]:
    """`end_of_epoch` and `main`."""
    recipe = facts.recipe
    stop, schedule = recipe.stop, recipe.schedule
    assert recipe.batch is not None
    at_once = recipe.batch.accumulate == 1
    plateau = schedule if isinstance(schedule, Plateau) else None
    flags = up(
        patient=stop or plateau,
        stop=stop,
        plateau=plateau,
        measured=facts.measured,
        weighted=facts.weighted,
        augment=any(map(columns, recipe.augment or ())),
        mixup=facts.mixup,
        aux=facts.aux,
        ema=recipe.ema,
        chance=facts.has_chance,
        epochs=recipe.length and recipe.length[1] == EPOCH,
    )
    common = {"BESIDE": "".join(f", {each}" for each in facts.beside), "KEPT": "kept" if recipe.ema else "model"}
    made = filled(
        MAIN,
        flags,
        NAME=facts.graph.name,
        CLASS_WEIGHTS="balanced(train.labels)" if facts.balanced else "CLASS_WEIGHTS",
        OPTIMIZER=indented(optimizer(facts)),
        STATE=indented(_state(flags)),
        ABOUT=', "mean, std": moments' * facts.measured,
        X="x" if at_once else "pixels",
        Y="y" if at_once else "labels",
        STATES='**state, "kept": kept.state_dict()'
        if recipe.ema
        else '"model": model.state_dict(), "optimizer": optimizer.state_dict()',
        GOING=" and now.waited < STOP_AFTER" * bool(stop),
        CHANCE_="chance, " if "augment" in flags else "",
        RATE=_rate(facts),
        PARTS=indented(_parts(facts, flags), 2),
        SMALLER=indented("\n".join([*_smaller(facts), "optimizer.step()"]), 2),
        **common,
    )
    return [end_of_epoch(facts, flags), made]


def _state(flags: frozenset[str]) -> str:
    given = {"step": "0", "sums": "[0.0, 0.0, 0.0]", "rows": "[]", "best": "[]", "best_epoch": "0"}
    if "stop" in flags:
        given |= {"bar": "None", "waited": "0"}
    if "plateau" in flags:
        given |= {"level": "None", "idle": "0", "reduced": "1.0"}
    lines = [f"now = argparse.Namespace({', '.join(f'{k}={v}' for k, v in list(given.items())[:5])})"]
    return "\n".join([*lines, *(f"now.{k} = {v}" for k, v in list(given.items())[5:])])


def _rate(facts: Facts) -> str:
    schedule = facts.recipe.schedule
    if isinstance(schedule, Fixed) and not facts.recipe.warmup:
        return "LR"
    return f"rate(now.step, steps, per_epoch{', now.reduced' * isinstance(schedule, Plateau)})"


def _parts(facts: Facts, flags: frozenset[str]) -> str:
    """One update's gradients, at once or in parts."""
    weights = ", weights" * facts.weighted
    called = "mixed_loss({}, y, other, own" if facts.mixup else "criterion({}, y"
    assert facts.recipe.batch is not None
    norm = "".join(f", {each}" for each in facts.norm)
    at_once = facts.recipe.batch.accumulate == 1
    part = filled(
        PART,
        flags | up(parts=not at_once),
        PIXELS="x" if at_once else "pixels[at]",
        AT="" if at_once else "[at]",
        NORM=norm,
        X="x" if facts.mixup else f"scaled(x{norm})",
        TOTAL="total" if facts.weighted else "len(everybody)",
        NUMBER="rank" if at_once else "rank * ACCUMULATE + number",
        MAIN=next(iter(facts.graph.outputs)),
        LOSS=called.format("outputs") + weights + ")",
        AUX_LOSS=called.format("heads[name]") + weights + ")",
        SAID=said(facts),
    )
    return filled(AT_ONCE, PART=part) if at_once else filled(PARTS, PART=indented(part, 2))


def _smaller(facts: Facts) -> Iterator[str]:
    """What is done to gradients and weights before torch's own step."""
    recipe = facts.recipe
    if recipe.l1:
        yield from _each(recipe.l1, "weight.grad.add_(weight.sign(), alpha=L1)", "weight.grad is not None")
    if recipe.clip:
        yield f"nn.utils.clip_grad_{recipe.clip.by}_(model.parameters(), CLIP)"
    if recipe.decay and not isinstance(recipe.optimizer, AdamW):
        yield from _each(recipe.decay, "weight.mul_(1 - lr * DECAY)")


def _each(line: Shrinking, done: str, condition: str = "") -> Iterator[str]:
    conditions = [*(["weight.ndim > 1"] if line.of != ALL else []), *([condition] if condition else [])]
    yield "with torch.no_grad():"
    yield "    for weight in model.parameters():"
    if conditions:
        yield f"        if {' and '.join(conditions)}:"
    yield "        " + "    " * bool(conditions) + done

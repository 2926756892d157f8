"""The parts of training before judges: torch's own schedules and optimizers, colorsys, plain loops."""

import colorsys
from collections.abc import Callable
from math import isclose
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from cnnspec.contract.preprocess import Preprocess  # noqa: E402
from cnnspec.contract.sections import Rescale  # noqa: E402
from cnnspec.contract.training import optimizers as o  # noqa: E402
from cnnspec.contract.training import schedules as s  # noqa: E402
from cnnspec.contract.training.augment import Crop, Cutout, Flip, Jitter, Rotate  # noqa: E402
from cnnspec.contract.training.losses import BinaryCrossEntropy, CrossEntropy, Loss, MeanSquaredError  # noqa: E402
from cnnspec.contract.training.recipe import Clip, Recipe  # noqa: E402
from cnnspec.training.augment import augmented, chances, columns  # noqa: E402
from cnnspec.training.feed import Scaling  # noqa: E402
from cnnspec.training.losses import Criterion  # noqa: E402
from cnnspec.training.metrics import metrics, top_share  # noqa: E402
from cnnspec.training.optimize import Updates  # noqa: E402
from cnnspec.training.schedule import Patience, Rates  # noqa: E402

pytestmark = pytest.mark.torch
STEPS, PER_EPOCH = 60, 6
sched = torch.optim.lr_scheduler

SCHEDULES: dict[str, tuple[s.Schedule, Callable[[Any], Any], int]] = {
    "step every": (s.Step(factor=0.1, unit="epoch", every=3), lambda opt: sched.StepLR(opt, 3, 0.1), PER_EPOCH),
    "step at": (s.Step(factor=0.5, unit="step", at=(7, 30)), lambda opt: sched.MultiStepLR(opt, [7, 30], 0.5), 1),
    "exponential": (s.Exponential(factor=0.9, per="epoch"), lambda opt: sched.ExponentialLR(opt, 0.9), PER_EPOCH),
    "polynomial": (
        s.Polynomial(power=2.0, per="step"),
        lambda opt: sched.PolynomialLR(opt, STEPS, 2.0),
        1,
    ),
    "cosine": (s.Cosine(to=0.01, per="epoch"), lambda opt: sched.CosineAnnealingLR(opt, 10, 0.01), PER_EPOCH),
    "cosine by steps": (s.Cosine(per="step"), lambda opt: sched.CosineAnnealingLR(opt, STEPS), 1),
    "one cycle": (
        s.OneCycle(),
        lambda opt: sched.OneCycleLR(opt, 0.2, total_steps=STEPS, cycle_momentum=False),
        1,
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_the_rate_is_torchs(name: str) -> None:
    schedule, make, every = SCHEDULES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
    judge = make(optimizer)
    rates = Rates(0.2, schedule, None, STEPS, PER_EPOCH)
    for step in range(STEPS):
        assert isclose(rates.at(step), optimizer.param_groups[0]["lr"], rel_tol=1e-9, abs_tol=1e-12), step
        optimizer.step()
        if (step + 1) % every == 0:
            judge.step()


def test_a_warm_up_rises_step_by_step_and_a_cosine_begins_at_its_end() -> None:
    rates = Rates(1.0, s.Cosine(per="step"), s.WarmUp(length=2, unit="epoch"), STEPS, PER_EPOCH)
    assert [rates.at(step) for step in (0, 5, 11)] == pytest.approx([1 / 12, 0.5, 1.0])
    assert rates.at(12) == 1.0
    assert rates.at(36) == pytest.approx(0.5)


def test_a_plateau_is_torchs() -> None:
    """On the same losses the rate falls at the same epochs, and never below its bound."""
    plateau = s.Plateau(factor=0.5, patience=2, threshold=0.01, to=0.01)
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    judge = sched.ReduceLROnPlateau(optimizer, "min", factor=0.5, patience=2, threshold=0.01, min_lr=0.01)
    rates, patience = Rates(0.1, plateau, None, STEPS, PER_EPOCH), Patience(2, larger_is_better=False, share=0.01)
    for loss in (1.0, 0.9, 0.899, 0.898, 0.9, 0.5, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7):
        judge.step(loss)
        patience.take(loss)
        if patience.is_over:
            rates.reduced *= plateau.factor
            patience.waited = 0
        assert rates.at(0) == pytest.approx(optimizer.param_groups[0]["lr"])
    assert rates.at(0) < 0.1


def test_a_clipped_norm_is_torchs() -> None:
    ours, theirs = net(), net()
    updates, judge = (
        Updates(ours, o.Sgd(lr=0.1), Recipe(clip=Clip(bound=0.5))),
        torch.optim.SGD(theirs.parameters(), 0.1),
    )
    gradients(ours, 0)
    gradients(theirs, 0)
    assert torch.nn.utils.clip_grad_norm_(theirs.parameters(), 0.5) > 0.5
    updates.step(0.1)
    judge.step()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


OPTIMIZERS: dict[str, tuple[o.Optimizer, Recipe, Callable[[list[Any]], Any]]] = {
    "sgd": (
        o.Sgd(lr=0.1, momentum=0.9, nesterov=True),
        Recipe(l2=o.L2(amount=0.01)),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01),
    ),
    "adagrad": (o.Adagrad(lr=0.1), Recipe(), lambda p: torch.optim.Adagrad(p, 0.1)),
    "adadelta": (o.Adadelta(), Recipe(), lambda p: torch.optim.Adadelta(p, 1.0)),
    "rmsprop": (
        o.RMSProp(lr=0.01, momentum=0.5, centered=True),
        Recipe(l2=o.L2(amount=0.1)),
        lambda p: torch.optim.RMSprop(p, 0.01, momentum=0.5, centered=True, weight_decay=0.1),
    ),
    "adam": (o.Adam(lr=0.01), Recipe(l2=o.L2(amount=0.1)), lambda p: torch.optim.Adam(p, 0.01, weight_decay=0.1)),
    "adamw": (
        o.AdamW(lr=0.01),
        Recipe(decay=o.Decay(amount=0.1)),
        lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0.1),
    ),
}


def net() -> Any:
    torch.manual_seed(3)
    return torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 2))


def gradients(network: Any, step: int) -> None:
    torch.manual_seed(100 + step)
    network(torch.randn(8, 4)).square().sum().backward()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_update_is_torchs(name: str) -> None:
    optimizer, recipe, make = OPTIMIZERS[name]
    ours, theirs = net(), net()
    updates, judge = Updates(ours, optimizer, recipe), make(list(theirs.parameters()))
    for step in range(5):
        gradients(ours, step)
        gradients(theirs, step)
        updates.step(optimizer.lr)
        judge.step()
        judge.zero_grad()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=0)


def test_what_shrinks_weights_is_three_different_things() -> None:
    """One step of plain SGD from known weights and gradients, by the formulas of the page."""
    amount, lr = 0.5, 0.1
    for recipe, wanted in (
        (Recipe(l2=o.L2(amount=amount)), lambda w, g: w - lr * (g + amount * w)),
        (Recipe(l1=o.L1(amount=amount)), lambda w, g: w - lr * (g + amount * w.sign())),
        (Recipe(decay=o.Decay(amount=amount)), lambda w, g: w * (1 - lr * amount) - lr * g),
        (Recipe(clip=Clip(bound=0.01, by="value")), lambda w, g: w - lr * g.clamp(-0.01, 0.01)),
    ):
        network = net()
        gradients(network, 0)
        before = [(each.detach().clone(), each.grad.clone()) for each in network.parameters()]
        Updates(network, o.Sgd(lr=lr), recipe).step(lr)
        for (w, g), now in zip(before, network.parameters(), strict=True):
            torch.testing.assert_close(now.detach(), wanted(w, g))


def test_of_weights_leaves_biases_alone() -> None:
    network = net()
    for each in network.parameters():
        each.grad = torch.zeros_like(each)
    before = [each.detach().clone() for each in network.parameters()]
    Updates(network, o.Sgd(lr=0.1), Recipe(l2=o.L2(amount=1.0, of="weights"))).step(0.1)
    changed = [not torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True)]
    assert changed == [True, False, True, False]


# -- augmentation -----------------------------------------------------------------------------------------------------

X = torch.rand(6, 3, 8, 10, generator=torch.Generator().manual_seed(0))


def table(step: Any) -> Any:
    return torch.from_numpy(chances([step], len(X), 0, 0))


def test_a_crop_is_a_window_of_the_padded_picture() -> None:
    step = Crop(size=(8, 10), pad=2)
    chance = table(step)
    made = augmented(X, [step], chance)
    padded = torch.nn.functional.pad(X, (2, 2, 2, 2))
    for place, each in enumerate(made):
        top, left = int(chance[place, 0] * 5), int(chance[place, 1] * 5)
        assert torch.equal(each, padded[place, :, top : top + 8, left : left + 10])


def test_a_flip_turns_its_share() -> None:
    made = augmented(X, [Flip(axis="horizontal", p=0.5)], table(Flip()))
    turned = [torch.equal(a, b.flip(2)) for a, b in zip(made, X, strict=True)]
    stayed = [torch.equal(a, b) for a, b in zip(made, X, strict=True)]
    assert all(a != b for a, b in zip(turned, stayed, strict=True))
    assert any(turned)
    assert any(stayed)


def test_a_cutout_is_a_square_of_zeros() -> None:
    made = augmented(X, [Cutout(size=3)], table(Cutout(size=3)))
    for each in made:
        gone = (each == 0).all(0)
        rows, cols = gone.any(1).nonzero(), gone.any(0).nonzero()
        assert 0 < gone.sum() <= 9
        assert int(gone.sum()) == len(rows) * len(cols)


def test_hue_is_turned_as_colorsys_has_it() -> None:
    step = Jitter(hue=0.5)
    chance = table(step)
    made = augmented(X, [step], chance)
    for place in range(len(X)):
        turn = (2 * float(chance[place, 3]) - 1) * 0.5
        h, saturation, v = colorsys.rgb_to_hsv(*X[place, :, 2, 3].tolist())
        wanted = colorsys.hsv_to_rgb((h + turn) % 1, saturation, v)
        assert made[place, :, 2, 3].tolist() == pytest.approx(wanted, abs=1e-5)


def test_a_quarter_turn_is_exact_enough_and_keeps_the_middle() -> None:
    square = X[:, :, :8, :8]
    chance = torch.full((6, 1), (90 / 180 + 1) / 2, dtype=torch.float64)
    made = augmented(square, [Rotate(degrees=180.0)], chance)
    best = min(float((made - torch.rot90(square, k, (2, 3))).abs().max()) for k in (1, 3))
    assert best < 1e-5


def test_what_happens_to_a_sample_does_not_depend_on_its_batch() -> None:
    steps = [
        Flip(),
        Crop(size=(8, 10), pad=1),
        Jitter(brightness=0.4, contrast=0.4, saturation=0.4),
        Rotate(degrees=9.0),
    ]
    chance = torch.from_numpy(chances(steps, len(X), 5, 2))
    assert chance.shape[1] == sum(map(columns, steps))
    whole = augmented(X, steps, chance)
    for place in range(len(X)):
        part = slice(place, place + 1)
        torch.testing.assert_close(augmented(X[part], steps, chance[part]), whole[part])


def test_colours_of_bgr_are_jittered_as_those_of_rgb() -> None:
    """The same picture by either way."""
    planes = (X[:, :, :8, :8] * 255).round().to(torch.uint8).numpy()
    step, chance = Jitter(saturation=0.8, hue=0.3), table(Jitter(hue=0.3))
    made = []
    for channels, given in (("rgb", planes), ("bgr", planes[:, ::-1].copy())):
        section = Preprocess((Rescale(factor=1 / 255),), channels)
        made.append(Scaling(section, (3, 8, 8), torch.device("cpu")).of(given, [step], chance))
    torch.testing.assert_close(made[0], made[1].flip(1))


# -- losses -----------------------------------------------------------------------------------------------------------

LOSSES: dict[str, tuple[Loss, Any]] = {
    "smoothing and weights": (
        CrossEntropy(smoothing=0.1, weights=(1.0, 2.0, 0.5)),
        torch.nn.CrossEntropyLoss(torch.tensor([1.0, 2.0, 0.5]), label_smoothing=0.1),
    ),
    "bce": (
        BinaryCrossEntropy(positive=(3.0,)),
        lambda x, y: torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor([3.0]))(x, torch.eye(3)[y]),
    ),
    "mse": (MeanSquaredError(), lambda x, y: torch.nn.MSELoss()(x, torch.eye(3)[y])),
}


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_torchs_and_parts_add_up_to_it(name: str) -> None:
    loss, judge = LOSSES[name]
    x, y = torch.randn(10, 3, generator=torch.Generator().manual_seed(0)), torch.tensor([0, 1, 2, 2, 2, 1, 0, 0, 1, 2])
    ours = Criterion(loss, 3, y.numpy(), torch.device("cpu"))
    torch.testing.assert_close(ours.total(x, y) / ours.weight(y), judge(x, y))
    parts = [slice(0, 3), slice(3, 10)]
    whole = sum(ours.total(x[p], y[p]) for p in parts) / sum(ours.weight(y[p]) for p in parts)
    torch.testing.assert_close(whole, judge(x, y))


def test_balanced_is_scikit_learns() -> None:
    judge = pytest.importorskip("sklearn.utils.class_weight")
    y = np.array([0, 0, 0, 1, 2, 2])
    ours = Criterion(CrossEntropy(weights="balanced"), 3, y, torch.device("cpu")).weights
    assert ours is not None
    wanted = judge.compute_class_weight("balanced", classes=np.arange(3), y=y)
    assert ours.tolist() == pytest.approx(wanted.tolist())


# -- metrics ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("k", [1, 3, 5])
def test_the_share_among_the_first_is_scikit_learns(k: int) -> None:
    """With ties, too, where the order of the classes decides; one that says the same of all is right by chance."""
    judge = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(k)
    outputs = chance.integers(0, 4, (500, 10)).astype(np.float32)
    targets = chance.integers(0, 10, 500)
    # scikit-learn lets the last of equal outputs come first.
    theirs = judge.top_k_accuracy_score(9 - targets, outputs[:, ::-1], k=k, labels=np.arange(10))
    assert top_share(outputs, targets, k) == pytest.approx(theirs, abs=1e-12)
    assert top_share(np.zeros((100, 10), np.float32), np.tile(np.arange(10), 10), k) == k / 10


def test_metrics_are_scikit_learns() -> None:
    judge = pytest.importorskip("sklearn.metrics")
    chance = np.random.default_rng(1)
    outputs, targets = chance.normal(size=(300, 7)).astype(np.float32), chance.integers(0, 7, 300)
    outputs[np.arange(300), targets] += 1
    found = metrics(outputs, targets, 0.0)
    assert found.accuracy == pytest.approx(judge.accuracy_score(targets, outputs.argmax(1)))
    assert found.top5 == pytest.approx(judge.top_k_accuracy_score(targets, outputs, k=5))
    assert (found.confusion == judge.confusion_matrix(targets, outputs.argmax(1))).all()
    rows = found.by_class(tuple("abcdefg"))
    wanted = judge.precision_recall_fscore_support(targets, outputs.argmax(1))
    for column, values in enumerate(wanted, 1):
        assert [row[column] for row in rows] == pytest.approx(list(values))

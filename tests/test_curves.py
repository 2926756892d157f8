"""Precision, recall and average precision before scikit-learn; the tables that they go into."""

import csv
import io
import warnings
from math import fsum
from typing import Any

import numpy as np
import pytest

from cnnspec.training import run_folder
from cnnspec.training.curves import POINTS, Curve, curves, mean_ap
from cnnspec.training.metrics import Metrics, metrics, top_share

judge = pytest.importorskip("sklearn.metrics")


def outputs(samples: int, classes: int, seed: int) -> tuple[Any, Any]:
    chance = np.random.default_rng(seed)
    targets = chance.integers(0, classes, samples)
    made = chance.normal(size=(samples, classes)).astype(np.float32)
    made[np.arange(samples), targets] += 1
    return made, targets


def softmax(x: Any) -> Any:
    """Divided by the exact sum, which no order of the classes changes."""
    powers = np.exp(x.astype(np.float64) - x.max(1, keepdims=True))
    return powers / np.array([[fsum(row)] for row in powers])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("soft", [False, True])
def test_average_precision_is_scikit_learns(seed: int, ties: bool, soft: bool) -> None:
    x, y = outputs(700, 7, seed)
    if ties:
        x = np.round(x)  # many samples have the same outputs, and so the same scores
        x[::3] = x[0]
    made = curves(x, y, softmax=soft)
    scores = softmax(x) if soft else x.astype(np.float64)
    theirs = [judge.average_precision_score(y == each, scores[:, each]) for each in range(7)]
    assert [each.ap for each in made] == pytest.approx(theirs, rel=0, abs=1e-12)
    whole = judge.average_precision_score(np.eye(7)[y], scores, average="macro")
    assert mean_ap(made) == pytest.approx(whole, rel=0, abs=1e-12)


def test_equal_scores_are_equal_whatever_the_order_of_the_others() -> None:
    """As a network of whole numbers has them: in another order, a softmax rounds otherwise."""
    chance = np.random.default_rng(6)
    y = chance.integers(0, 9, 5000)
    others = chance.normal(size=8)
    x = np.stack([np.concatenate([[1.0], chance.permutation(others)]) for _ in y]).astype(np.float32)
    first = curves(x, y, softmax=True)[0]
    assert first.found == 1  # one score, and so one threshold
    assert first.ap == pytest.approx((y == 0).mean(), rel=0, abs=1e-12)


def test_curves_are_scikit_learns() -> None:
    """Each point of ours is one of theirs; ours are where recall grows, and all of these."""
    x, y = outputs(400, 3, 1)
    x[:, 0] = np.round(x[:, 0], 1)
    for place, ours in enumerate(curves(x, y, softmax=False)):
        precision, recall, threshold = judge.precision_recall_curve(y == place, x[:, place].astype(np.float64))
        theirs = dict(zip(threshold, zip(precision, recall, strict=False), strict=False))
        found = zip(ours.threshold, ours.precision, ours.recall, strict=True)
        assert all(theirs[t] == pytest.approx((p, r), abs=1e-12) for t, p, r in found)
        assert set(ours.recall) == {each for each in recall if each > 0}


def test_one_output_has_two_classes() -> None:
    chance = np.random.default_rng(2)
    y = chance.integers(0, 2, 90)
    for threshold in (0.0, 0.5):
        x = (chance.normal(size=(90, 1)) + y[:, None]).astype(np.float32)
        made = curves(x, y, softmax=True, threshold=threshold)
        yes = judge.average_precision_score(y, x[:, 0])
        no = judge.average_precision_score(1 - y, -x[:, 0])
        assert [each.ap for each in made] == pytest.approx([no, yes], rel=0, abs=1e-12)


def test_a_class_without_samples_has_none_and_is_no_part_of_the_mean() -> None:
    x, y = outputs(50, 3, 0)
    y[y == 2] = 0
    made = curves(x, y, softmax=True)
    assert made[2].ap is None
    assert mean_ap(made) == pytest.approx(np.mean([made[0].ap, made[1].ap]))
    row = metrics(x, y, 0.0)._replace(curves=made).by_class(("a", "b", "c"))[2]
    assert (row.ap, row.support) == (None, 0)


def judged(samples: int) -> Metrics:
    x, y = outputs(samples, 3, 0)
    return metrics(x, y, 0.0)._replace(curves=curves(x, y, softmax=True))


def test_tables() -> None:
    found = judged(300)
    files = run_folder.judged(found, ("a", "b, c", "d"))
    classes = list(csv.DictReader(io.StringIO(str(files["classes.csv"]))))
    assert [float(each["ap"]) for each in classes] == [each.ap for each in found.curves]
    rows = list(csv.DictReader(io.StringIO(str(files["pr.csv"]))))
    of_b = [each for each in rows if each["class"] == "b, c"]
    curve = found.curves[1]
    assert [float(each["threshold"]) for each in of_b] == curve.threshold.tolist()
    assert [float(each["recall"]) for each in of_b] == curve.recall.tolist()
    assert run_folder.thinned(found) == ()
    assert "pr.csv" in run_folder.judged(found._replace(curves=()), ("a", "b", "c"))


def test_a_long_curve_is_thinned_and_its_average_precision_is_not() -> None:
    found = judged(6000)
    curve = found.curves[0]
    assert len(curve.recall) == POINTS < curve.found
    assert curve.recall[-1] == 1
    most = max(each.found for each in found.curves)
    assert run_folder.thinned(found) == (f"pr.csv holds 500 thresholds a class, evenly, of up to {most:,}",)
    x, y = outputs(6000, 3, 0)
    theirs = judge.average_precision_score(y == 0, softmax(x)[:, 0])
    assert curve.ap == pytest.approx(theirs, rel=0, abs=1e-12)


@pytest.mark.parametrize("k", [1, 2, 5])
def test_the_share_of_the_first_k_is_scikit_learns(k: int) -> None:
    x, y = outputs(500, 8, 3)
    assert top_share(x, y, k) == pytest.approx(judge.top_k_accuracy_score(y, x, k=k))


def test_outputs_that_are_far_apart_overflow_nowhere() -> None:
    x, y = outputs(60, 4, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        made = curves(x * 1e4, y, softmax=True)
    assert all(isinstance(each, Curve) and np.isfinite(each.precision).all() for each in made)

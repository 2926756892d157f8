"""The report sorted, summed up by word and by block, and with a device: the same numbers, whatever the arrangement."""

import csv
import io
import json
import os
from collections import Counter
from fractions import Fraction
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from cnnspec.api.model import Model
from cnnspec.passes.roofline.estimate import Device
from cnnspec.pipeline import Compiled
from cnnspec.reports.look import Look
from cnnspec.reports.network.arranged import NO_BLOCK, by_size, flat, grouped
from cnnspec.reports.network.asked import Asked, fitting
from cnnspec.reports.network.columns import BAR
from cnnspec.reports.network.figures import NOTHING, QUANTITIES, SORTS, Figures, summed
from cnnspec.reports.network.json import report_record
from cnnspec.reports.network.measured import measure
from cnnspec.reports.network.outline import Entry
from cnnspec.reports.network.plain import report_csv, report_markdown
from cnnspec.reports.network.table import report_table
from tests import ROOT, fuzz
from tests.judges.random_networks import Network, networks
from tests.networks import ZOO, network, program
from tests.texts import compiled

SCHEMA = jsonschema.Draft202012Validator(json.loads((ROOT / "docs" / "report-schema.json").read_text(encoding="utf-8")))
DEVICE = Device(Fraction(10**13), Fraction(9 * 10**11))
NETS = int(os.environ.get("CNNSPEC_REPORTED_NETS", "40"))
BLOCKS = """
block Unit(c) { conv 3x3 c pad=1 -> relu }
block Pair(c) { a: Unit c -> b: Unit c -> bn }
model M {
  input 3x8x8
  Unit 4
  first: Pair 8
  second: { Pair 8 -> tanh }
  gap -> flatten -> linear 2
}
"""


def every(entries: list[Entry]) -> Figures:
    """Their sum, where something runs: an input does, though no line may."""
    return summed([(NOTHING, True), *((each.figures, each.runs) for each in entries)])


def judge(result: Compiled) -> None:
    """All that must hold of any network, in every arrangement."""
    measured = measure(result, Asked(device=DEVICE, batch=3))
    totals = result.analysis.totals
    assert measured.totals.params == totals.params
    assert (measured.totals.macs, measured.totals.ops) == (3 * totals.macs, 3 * totals.ops)
    names = [row.node.id for row in measured.rows if row.node.id not in measured.graph.inputs]
    for levels in (None, 1):
        for by in ("word", "block"):
            groups = grouped(measured, by, levels)
            assert every(groups) == measured.totals, by
            assert sum(each.steps for each in groups) == len(measured.layers)
        assert every(flat(measured, levels)) == measured.totals
    for key in SORTS:
        found = by_size(flat(measured), key)
        assert sorted(each.path for each in found) == sorted(names)
        values = [QUANTITIES[key].of(each.figures) for each in found if each.runs or QUANTITIES[key].stored]
        known = [each for each in values if each is not None]
        assert known == sorted(known, reverse=True)
        assert values == known + [None] * (len(values) - len(known))
    _judge_records(result)


def _judge_records(result: Compiled) -> None:
    """JSON and CSV hold the numbers that the passes gave, and JSON holds its own schema."""
    for asked in (Asked(by="word", device=DEVICE), Asked(by="block", levels=1), Asked(sort="moved", batch=2, top=1)):
        record = json.loads(json.dumps(report_record(result, asked)))
        SCHEMA.validate(record)
        running = [each for each in record["layers"] if each["runs"]]
        for name in ("macs", "ops", "flops", "activation_bytes", "moved_bytes"):
            assert record["totals"][name] == sum(each[name] for each in running), name
        for name in ("params", "weight_bytes"):
            assert record["totals"][name] == sum(each[name] for each in record["layers"]), name
        rows = list(csv.DictReader(io.StringIO(report_csv(result, asked))))
        for name in ("macs", "ops", "flops", "activation_bytes", "moved_bytes"):
            assert record["totals"][name] == sum(int(each[name]) for each in rows if each["runs"] == "yes"), name
        assert record["totals"]["weight_bytes"] == sum(int(each["weight_bytes"]) for each in rows)
        listed = record.get("groups", record.get("sorted"))["list"]
        assert asked.top or len(listed) == len(rows)
        if record["roofline" if asked.device else "totals"].get("slowest"):
            times = record["roofline"]
            assert times["slowest"] == pytest.approx(sum(each["roofline"]["slowest"] for each in running))
            assert times["fastest"] == pytest.approx(sum(each["roofline"]["fastest"] for each in running))
            told = sum(float(each["seconds"]) for each in rows if each["runs"] == "yes")
            assert times["slowest"] == pytest.approx(told)


@pytest.mark.parametrize("name", ZOO)
def test_every_example(name: str) -> None:
    judge(network(name))


@settings(
    max_examples=NETS,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    deadline=None,
    derandomize=True,
    database=None,
)
@given(networks())
def test_random_networks(drawn: Network) -> None:
    result = compiled(drawn.text, files=drawn.files)
    if result.built is not None:
        judge(result)


def test_broken_networks() -> None:
    """Copies of good texts with one fault each: what is known of them is held to the same."""
    seen = 0
    for case in range(NETS):
        result = compiled(fuzz.mutant(case).main)
        if result.built is not None:
            judge(result)
            seen += not result.analysis.complete
    assert seen > NETS // 10


# -- by word, by block -----------------------------------------------------------------------------------------------


def test_words_are_counted_as_a_person_would() -> None:
    measured = measure(network("resnet50"))
    found = {each.name: each for each in grouped(measured, "word")}
    words = Counter(row.node.layer.word for row in measured.rows)
    assert {name: each.instances for name, each in found.items()} == {
        name: count for name, count in words.items() if name != "input"
    }
    assert (found["conv"].instances, found["bn"].instances, found["add"].instances) == (53, 53, 16)
    assert found["linear"].figures.params == 2048 * 1000 + 1000


def test_a_step_belongs_to_the_innermost_block_around_it() -> None:
    def told(levels: int | None) -> dict[str, tuple[int, int]]:
        return {each.name: (each.instances, each.steps) for each in grouped(measure(result), "block", levels)}

    result = compiled(BLOCKS)
    assert told(None) == {"Unit": (5, 10), "Pair": (2, 2), NO_BLOCK: (1, 4)}
    assert told(1) == {"Unit": (1, 2), "Pair": (1, 5), NO_BLOCK: (1, 9)}
    assert told(2) == {"Unit": (3, 6), "Pair": (2, 6), NO_BLOCK: (1, 4)}


def test_groups_as_a_person_sees_them() -> None:
    lines = report_table(compiled(BLOCKS), Look(width=80), Asked(by="block")).splitlines()
    assert lines[2].split()[:2] == ["block", "count"]
    assert lines[4].endswith("█" * BAR)
    assert [line.split("  ")[0] for line in lines[4:7]] == ["Unit", NO_BLOCK, "Pair"]


# -- sorted ----------------------------------------------------------------------------------------------------------


def test_the_first_ones_and_the_rest() -> None:
    lines = report_table(network("vgg16"), Look(width=100), Asked(sort="params", top=3)).splitlines()
    assert [line.split()[0] for line in lines[4:7]] == ["classifier.0", "classifier.3", "classifier.6"]
    assert lines[7].startswith("(37 more steps) ")
    shares = [float(line.split("%")[0].split()[-1]) for line in lines[4:8]]
    assert sum(shares) == pytest.approx(100, abs=0.2)
    assert "138,357,544" in lines[9]
    assert "█" not in lines[7], "what is left has no bar: it would make all others short"


def test_auxiliary_heads_come_last_and_have_no_share() -> None:
    measured = measure(network("googlenet"), Asked(sort="macs"))
    runs = [each.runs for each in by_size(flat(measured), "macs")]
    assert runs == sorted(runs, reverse=True)
    rows = list(csv.DictReader(io.StringIO(report_csv(network("googlenet"), Asked(sort="macs")))))
    assert {each["share_of_macs"] for each in rows if each["runs"] == "no"} == {""}
    assert sum(float(each["share_of_macs"]) for each in rows if each["runs"] == "yes") == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("name", ["resnet18", "retinanet", "m5_audio", "c3d"])
@pytest.mark.parametrize(
    "asked",
    [
        Asked(sort="time", device=DEVICE),
        Asked(by="word"),
        Asked(by="block", device=DEVICE),
        Asked(2, sort="memory", top=4),
    ],
    ids=str,
)
def test_every_arrangement_fits(name: str, width: int, asked: Asked) -> None:
    head, table, *foot = report_table(network(name), Look(width=width), asked).split("\n\n")
    names = max(len(line.split("  ")[0]) for line in table.splitlines()[2:-2])
    assert max(map(len, table.splitlines())) <= max(width, names + 14), "names are never cut"
    assert max(map(len, "\n".join(foot).splitlines())) <= 80
    assert "→" in head
    plain = report_table(network(name), Look(encoding="ascii", width=width), asked)
    assert plain.isascii()


def test_markdown_of_every_arrangement_is_one_table() -> None:
    for asked in (Asked(by="word"), Asked(sort="time", device=DEVICE, top=2), Asked(1, 4, "block", "params")):
        lines = report_markdown(network("resnet18"), asked).splitlines()
        rows = [line.count("|") for line in lines if line.startswith("|")]
        assert len(set(rows)) == 1


# -- what is asked ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given",
    [{"top": 3}, {"sort": "time"}, {"sort": "size"}, {"by": "layer"}, {"levels": 0}, {"top": 0, "sort": "macs"}],
)
def test_what_does_not_fit_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        fitting(Asked(**given))


def test_from_python() -> None:
    model = Model(network("resnet18"))
    record = model.report(batch=4, device=(10e12, 900e9), by="word").to_dict()
    assert record["roofline"]["device"] == {"flops": 10e12, "bytes": 900e9}
    assert record["groups"]["list"][0]["name"] == "conv"
    for device in ((0, 1), (1, -1), (float("inf"), 1), (float("nan"), 1)):
        with pytest.raises(ValueError, match="above 0"):
            model.report(device=device)


def test_a_network_that_computes_nothing_is_said_to_compute_nothing() -> None:
    result = program("input 8\n id")
    text = report_table(result, Look(), Asked(sort="macs", device=DEVICE))
    assert "Intensity" not in text
    assert "Fastest" not in text
    record = report_record(result, Asked(device=DEVICE, by="word"))
    SCHEMA.validate(json.loads(json.dumps(record)))
    assert record["totals"]["intensity"] is None
    assert record["roofline"]["compute_bound"] is None

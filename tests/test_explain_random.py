"""`cnnspec explain` of networks that nobody wrote: CNNSPEC_RANDOM_NETS says of how many."""

import os

import pytest

pytest.importorskip("hypothesis")

from cnnspec.api.explain import explain
from cnnspec.reports.explained.texts import languages
from cnnspec.reports.look import Look
from tests.judges.random_networks import Network, attempt
from tests.test_explain import equations, worth
from tests.texts import compiled

NETS = int(os.environ.get("CNNSPEC_RANDOM_NETS", "12"))
SEED = 20_261_129


def test_no_equation_of_a_random_network_is_false(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cnnspec.reports.explained.terminal.COMFORT", 100_000)
    judged = 0

    def once(network: Network) -> None:
        nonlocal judged
        made = compiled(network.text)
        if not made.ok or made.built is None:
            return
        for row in made.analysis.rows:
            for language in languages():
                found = explain(made, row.node.id, language)
                for left, right in equations(found.shown(Look(width=1000))):
                    assert worth(left) == worth(right), f"{row.node.id}: {left} = {right}\n{network.text}"
                    judged += 1
            record = found.to_dict()
            assert sum(each["value"] for each in record["work"] if each["kind"] == "mac") == row.cost.macs
            assert sum(each["value"] for each in record["work"] if each["kind"] != "mac") == row.cost.ops
            if not row.node.reuse_of:
                assert sum(each["value"] for each in record["tensors"]) == row.params + row.buffers
            assert found.to_markdown().count("$") % 2 == 0
        for path in made.built.graph.scopes:
            assert str(explain(made, path or None))

    for case in range(NETS):
        attempt(SEED, case, once, shrink=False)
    assert judged > 20 * NETS

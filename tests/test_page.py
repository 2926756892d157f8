"""The report's page: its numbers beside those of JSON, what a stranger's text may do to it, and its script at work."""

import json
import re
import shutil
import subprocess
from base64 import b64encode
from collections.abc import Sequence
from fractions import Fraction
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest

from cnnspec.api.model import Model
from cnnspec.ir.graph import Graph
from cnnspec.passes.roofline.estimate import Device
from cnnspec.pipeline import Compiled
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.json import report_record
from cnnspec.reports.page.page import report_page
from tests import ROOT
from tests.networks import ZOO, network
from tests.texts import compiled

VOID = {"meta", "input", "br", "link", "img"}
DEVICE = Device(Fraction(10**13), Fraction(9 * 10**11))
BAD = "cnn 1\nmodel A {\n  input 3x32x32\n  conv 3x3 8 -> covn 3 -> relu\n  add { conv 3x3 8 | id }\n}\n"
Element = tuple[str, list[tuple[str, str]], list[Any]]


class Tree(HTMLParser):
    """The page as nested elements; refuses what is not closed as it was opened."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[Element] = [("", [], [])]
        self.feed(page)
        self.close()
        assert len(self.open) == 1, f"not closed: {[each[0] for each in self.open]}"
        (self.root,) = (each for each in self.open[0][2] if not isinstance(each, str))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element: Element = (tag, [(name, value or "") for name, value in attrs], [])
        self.open[-1][2].append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1][0] == tag, f"</{tag}> closes <{self.open[-1][0]}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1][2].append(data)


def found(element: Element, tag: str) -> list[Element]:
    """All elements of that tag below one, in order."""
    below = [each for each in element[2] if not isinstance(each, str)]
    return [one for each in below for one in ([each] if each[0] == tag else []) + found(each, tag)]


def text(element: Element) -> str:
    return "".join(each if isinstance(each, str) else text(each) for each in element[2])


def value(element: Element, name: str) -> str:
    return dict(element[1]).get(name, "")


def tables(page: Element) -> dict[str, tuple[list[str], list[Element], Element]]:
    """By id (the layers' has none): the keys of the columns behind the name, the rows, and the row of totals."""
    result = {}
    for each in found(page, "table"):
        if "figures" in value(each, "class").split():
            heads, *_ = found(each, "thead")
            keys = [value(head, "data-key") for head in found(heads, "th")[1:]]
            rows = found(found(each, "tbody")[0], "tr")
            result[value(each, "id")] = (keys, rows, found(found(each, "tfoot")[0], "tr")[0])
    return result


NUMBERS = {
    "params": "params",
    "macs": "macs",
    "ops": "ops",
    "activation": "activation_bytes",
    "weights": "weight_bytes",
    "moved": "moved_bytes",
    "intensity": "intensity",
}


def held(keys: Sequence[str], row: Element) -> dict[str, float | None]:
    cells = {key: value(cell, "data-v") for key, cell in zip(keys, found(row, "td"), strict=True)}
    return {name: float(cells[key]) if cells[key] else None for key, name in NUMBERS.items()}


@pytest.mark.parametrize("name", ZOO)
def test_the_page_holds_the_numbers_of_json(name: str) -> None:
    asked = Asked(batch=2)
    page = Tree(report_page(network(name), asked)).root
    found_tables = tables(page)
    keys, rows, total = found_tables[""]
    record = report_record(network(name), asked)
    steps = {value(row, "data-path"): row for row in rows if "leaf" in value(row, "class").split()}
    assert list(steps) == [*(each["name"] for each in record["inputs"]), *(each["name"] for each in record["layers"])]
    for layer in record["layers"]:
        assert held(keys, steps[layer["name"]]) == {name: layer[name] for name in NUMBERS.values()}
        assert ("aux" in value(steps[layer["name"]], "class").split()) is not layer["runs"]
    assert held(keys, total) == {name: record["totals"][name] for name in NUMBERS.values()}
    for by in ("word", "block"):
        keys, rows, total = found_tables[by]
        listed = report_record(network(name), asked._replace(by=by))["groups"]["list"]
        assert [held(keys, row) for row in rows] == [{name: each[name] for name in NUMBERS.values()} for each in listed]
        assert held(keys, total) == {name: record["totals"][name] for name in NUMBERS.values()}


def test_blocks_carry_the_sums_of_their_steps() -> None:
    keys, rows, _ = tables(Tree(report_page(network("resnet50"))).root)[""]
    parts = {value(row, "data-path"): held(keys, row) for row in rows if "leaf" in value(row, "class").split()}
    blocks = [row for row in rows if "block" in value(row, "class").split()]
    assert len(blocks) == 4 + 16 + 4
    for row in blocks:
        path = value(row, "data-path")
        for name in ("params", "macs", "moved_bytes"):
            below = [each[name] or 0 for inner, each in parts.items() if inner.startswith(f"{path}.")]
            assert held(keys, row)[name] == sum(below), path


def test_nothing_comes_from_outside_and_only_its_own_script_may_run() -> None:
    page = report_page(network("resnet18"), Asked(device=DEVICE))
    assert not re.search(r"https?:|//[a-z]|@import|url\(", page.split("<body>")[0])
    tree = Tree(page).root
    assert {tag for tag in ("link", "img", "iframe", "object", "form", "base") if found(tree, tag)} == set()
    (script,) = found(tree, "script")
    digest = b64encode(sha256(text(script).encode()).digest()).decode()
    policy = value(found(tree, "meta")[1], "content")
    assert f"script-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    for element in every(tree):
        assert not [name for name, _ in element[1] if name.startswith("on")]
        assert value(element, "href").startswith("#") or not value(element, "href")
        assert not value(element, "src")
    ids = [value(each, "id") for each in every(tree) if value(each, "id")]
    assert len(set(ids)) == len(ids)
    assert {value(each, "href")[1:] for each in found(tree, "a")} <= set(ids)


def every(element: Element) -> list[Element]:
    below = [each for each in element[2] if not isinstance(each, str)]
    return [element, *(one for each in below for one in every(each))]


HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'&amp;\u202e'


def test_a_hostile_text_is_shown_and_not_obeyed() -> None:
    """As the model's name, in a comment, in a text and in a diagnostic; control characters are written out."""
    built = network("lenet").built
    assert built is not None
    graph = Graph(HOSTILE, built.graph.nodes, built.graph.scopes, built.graph.outputs, {})
    pages = [
        report_page(Compiled(network("lenet").source, built._replace(graph=graph), ())),
        report_page(compiled(f"cnn 1\n# {HOSTILE}\nmodel A {{\n  input 3x8x8\n  relu  # {HOSTILE}\n  {HOSTILE}\n}}\n")),
        report_page(compiled(f'cnn 1\nmodel A {{\n  input 3x8x8\n  relu\n  labels "{HOSTILE}"\n}}\n')),
        report_page(compiled("cnn 1\nmodel A {\n  input 3x8x8\n  relu\n}\n", name=f"{HOSTILE}.cnn")),
    ]
    for page in pages:
        tree = Tree(page).root
        assert len(found(tree, "script")) == 1
        assert not found(tree, "img")
        assert "alert(1)" in text(tree)
        assert "\u202e" not in page


def test_a_network_with_errors_says_at_least() -> None:
    page = Tree(report_page(compiled(BAD))).root
    assert "at least" in text(found(page, "header")[0])
    (findings,) = [each for each in found(page, "ul") if value(each, "class") == "findings"]
    assert "unknown layer `covn`" in text(findings)
    assert "at least" not in text(found(page, "dl")[0]), "once is enough"


def test_a_line_costs_what_is_made_through_it() -> None:
    """ResNet-50's four stages are a line each; their blocks are in another file, which is on the page too."""
    page = Tree(report_page(network("resnet50"))).root
    lines = {value(row, "id"): row for row in found(page, "tr") if value(row, "id").startswith("t")}
    source = (ROOT / "examples" / "resnet50.cnn").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(source, start=1):
        assert text(found(lines[f"t0-{number}"], "td")[1]) == line
    told = [text(found(row, "td")[2]) for id, row in lines.items() if id.startswith("t0-")]
    assert [each.split(", ")[1] for each in told if "%" in each] == [
        "118 M MACs (2.9%)",
        "668 M MACs (16.3%)",
        "1.03 G MACs (25.1%)",
        "1.46 G MACs (35.8%)",
        "809 M MACs (19.8%)",
        "2.05 M MACs (0.1%)",
    ]
    assert [text(each) for each in found(page, "summary")][1].endswith("resnet_blocks.cnn")


def test_from_python() -> None:
    model = Model(network("lenet"))
    assert model.report().to_html() == report_page(network("lenet"))


# -- its script --------------------------------------------------------------------------------------------------------


def played(result: Compiled, *steps: tuple[str, str], asked: Asked = ALL, room: int = 1500) -> list[dict[str, Any]]:
    """What the table of layers shows after each step; there is `room` for it in pixels, of which it takes 1400."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("there is no JavaScript here")
    tree = Tree(report_page(result, asked)).root
    (script,) = found(tree, "script")
    given = json.dumps({"tree": tree, "script": text(script), "steps": steps, "room": room})
    judge = str(ROOT / "tests" / "judges" / "page_dom.js")
    done = subprocess.run([node, judge], input=given, capture_output=True, text=True, check=False, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    shown: list[dict[str, Any]] = json.loads(done.stdout)
    return shown


def test_blocks_fold_and_unfold() -> None:
    first, one, two, folded, everything = played(
        network("resnet50"), ("nothing", ""), ("open", "1"), ("open", "2"), ("fold", "layer1"), ("open", "99")
    )
    top = [
        "input",
        "conv1",
        "bn1",
        "relu1",
        "maxpool1",
        "layer1",
        "layer2",
        "layer3",
        "layer4",
        "gap1",
        "flatten1",
        "fc",
    ]
    assert one["rows"] == top
    assert first["rows"] == two["rows"]
    assert two["rows"][5:10] == ["layer1", "layer1.0", "layer1.1", "layer1.2", "layer2"]
    assert folded["rows"] == [each for each in two["rows"] if not each.startswith("layer1.")]
    assert len(everything["rows"]) == 176 + 24
    assert not first["still"]
    assert [each["longest"] for each in (one, two, everything)] == [100, 100, 100]


def test_a_title_sorts_and_takes_it_back() -> None:
    down, up, back, shares = played(
        network("resnet50"), ("sort", "params"), ("sort", "params"), ("sort", "params"), ("sort", "share of MACs")
    )
    record = report_record(network("resnet50"), Asked(sort="params"))
    assert [each for each in down["rows"] if each != "input"] == [each["name"] for each in record["sorted"]["list"]]
    assert (down["sorted"], down["title"]) == (["descending"], "share of params")
    assert down["shares"][0] == "9.2%"
    assert up["rows"][-1] == "layer4.2.conv2"
    assert (back["sorted"], back["title"], back["rows"][1]) == ([], "share of MACs", "conv1")
    assert shares["shares"][0] == "2.9%"


def test_a_search_finds_and_escape_takes_it_back() -> None:
    steps = [("key", "/"), ("search", "downsample conv"), ("sort", "MACs"), ("search", "nowhere"), ("key", "Escape")]
    focused, some, both, none, back = played(network("resnet50"), *steps)
    assert focused["focused"]
    assert some["rows"][:3] == ["layer1", "layer1.0", "layer1.0.downsample"]
    assert some["count"] == "4 of 176 steps"
    assert both["rows"] == [f"layer{each}.0.downsample.0" for each in (2, 3, 4, 1)]
    assert none["rows"] == []
    assert back["count"] == "176 steps"


def test_a_line_shows_what_it_makes() -> None:
    source = (ROOT / "examples" / "resnet50.cnn").read_text(encoding="utf-8").splitlines()
    number = next(place for place, line in enumerate(source, start=1) if line.strip().startswith("layer3:"))
    shown, again = played(network("resnet50"), ("line", f"0:{number}"), ("line", f"0:{number}"))
    assert shown["count"] == f"62 of 176 steps of line {number}"
    assert {each.split(".")[0] for each in shown["rows"]} == {"layer3"}
    assert again["count"] == "176 steps"


def test_what_is_rarely_asked_for_is_put_away_where_there_is_no_room() -> None:
    steps = [("nothing", ""), ("columns", ""), ("columns", "")]
    assert [each["few"] for each in played(network("lenet"), *steps, room=1200)] == [True, False, True]
    wide = played(network("lenet"), *steps, room=1500)
    assert [each["few"] for each in wide] == [False, True, False]
    assert [each["button"] for each in wide] == ["Fewer columns", "More columns", "Fewer columns"]


def test_what_is_sorted_by_is_never_put_away() -> None:
    for sort, rare in (
        (None, ["activation", "weights", "moved", "intensity"]),
        ("moved", ["activation", "weights", "intensity"]),
    ):
        page = Tree(report_page(network("lenet"), Asked(sort=sort))).root
        (tree,) = (each for each in found(page, "table") if "tree" in value(each, "class"))
        heads = [each for each in found(tree, "th") if value(each, "data-key")]
        assert [value(each, "data-key") for each in heads if value(each, "class") == "rare"] == rare
        body, *_ = found(tree, "tbody")
        for row in [*found(body, "tr"), *found(found(tree, "tfoot")[0], "tr")]:
            cells = found(row, "td")
            marked = [
                value(head, "data-key")
                for head, cell in zip(heads, cells, strict=True)
                if value(cell, "class") == "rare"
            ]
            assert marked == rare


def test_themes_take_turns() -> None:
    assert [each["theme"] for each in played(network("lenet"), *[("theme", "")] * 3)] == ["dark", "light", ""]


def test_what_was_asked_for_is_how_it_opens() -> None:
    (shown,) = played(network("googlenet"), ("nothing", ""), asked=Asked(sort="time", device=DEVICE))
    assert shown["title"] == "share of time"
    assert shown["rows"][0] == "conv3.conv"
    (shown,) = played(network("googlenet"), ("nothing", ""), asked=Asked(sort="memory"))
    assert (shown["title"], shown["sorted"]) == ("share of memory", ["descending"])
    (shown,) = played(network("googlenet"), ("nothing", ""), asked=Asked(sort="intensity"))
    assert (shown["title"], shown["rows"][0]) == ("share of MACs", "conv3.conv")
    (shown,) = played(network("googlenet"), ("nothing", ""), asked=Asked(levels=1))
    assert all("." not in each for each in shown["rows"])

"""`cnnspec report --format html`: one file that needs nothing else, and can be sent to anybody.

A policy in its head lets nothing in from outside, and lets no script run but the page's own, which is named by its
hash; so a name in the text of a network can do no harm even if it were not escaped.
"""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

from cnnspec.reports.network.arranged import by_size, grouped
from cnnspec.reports.network.asked import ALL, Asked
from cnnspec.reports.network.efficiency import assumed, efficiency_in_words
from cnnspec.reports.network.figures import QUANTITIES
from cnnspec.reports.network.measured import Measured, measure
from cnnspec.reports.network.outline import Entry, Kind
from cnnspec.reports.network.totals import CONVENTION, Total, totals_in_words
from cnnspec.reports.numbers import ends
from cnnspec.reports.page.cells import count_head, number_heads, safe, share_key, table
from cnnspec.reports.page.layers import Places, costs_of_lines, largest, layers_table
from cnnspec.reports.page.text import texts

if TYPE_CHECKING:
    from cnnspec.pipeline import Compiled

TOOLS = """\
<div class="tools" role="search">
<input id="search" type="search" placeholder="Search layers and steps  ( / )" aria-label="Search layers and steps" \
autocomplete="off" spellcheck="false">
<button type="button" data-open="1">1 level</button>
<button type="button" data-open="2">2 levels</button>
<button type="button" data-open="3">3 levels</button>
<button type="button" data-open="99">all</button>
<button type="button" id="columns">Fewer columns</button>
<button type="button" id="reset">Reset</button>
<span id="count" class="count" role="status"></span>
</div>"""


def report_page(compiled: Compiled, asked: Asked = ALL, more: Sequence[Total] = ()) -> str:
    """The whole file; `compiled` holds a model. It holds all layers whatever is asked, folded to `levels` and sorted as
    asked for when it is opened; `more` are told with the totals."""
    measured = measure(compiled, asked)
    assert compiled.source is not None
    sources = [compiled.source, *(each for each in compiled.used if each.name != compiled.source.name)]
    places = Places({source.name: number for number, source in enumerate(sources)})
    costs = costs_of_lines(measured, places)
    name, style, script = safe(measured.graph.name), _asset("page.css"), _asset("page.js")
    parts = [
        '<!doctype html>\n<html lang="en" class="still">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{_policy(script)}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="generator" content="cnnspec">',
        f"<title>{name}: cnnspec report</title>\n<style>\n{style}</style>\n</head>\n<body>",
        *_top(compiled, measured, more),
        '<main>\n<h2 id="layers">Layers</h2>',
        TOOLS,
        '<div class="scroll" tabindex="0" role="region" aria-labelledby="layers">',
        layers_table(measured, places),
        "</div>",
        *_groups(measured),
        "<h2>Text</h2>",
        texts(sources, costs, measured.totals.macs),
        "</main>",
        _foot(measured),
        f"<script>\n{script}</script>\n</body>\n</html>\n",
    ]
    return "\n".join(parts)


def _asset(name: str) -> str:
    with open(os.path.join(os.path.dirname(__file__), name), encoding="utf-8") as file:
        return file.read()


def _policy(script: str) -> str:
    digest = b64encode(sha256(f"\n{script}".encode()).digest()).decode()
    return f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'"


def _top(compiled: Compiled, measured: Measured, more: Sequence[Total]) -> Iterator[str]:
    """What it is, what is wrong with it, and its totals."""
    built, batch = compiled.built, measured.asked.batch
    assert built is not None
    assert compiled.source is not None
    inputs = ends([built.shapes.get(id) for id in built.graph.inputs], "inputs", batch)
    outputs = ends([built.shapes.get(id) for id in built.graph.outputs.values()], "outputs", batch)
    yield f"<header>\n<h1>{safe(built.graph.name)}</h1>"
    yield f'<span class="ends">{inputs} → {outputs}</span>\n<code class="file">{safe(compiled.source.name)}</code>'
    yield '<button type="button" class="theme">Theme: system</button>'
    if not measured.complete:
        yield '<p class="partial">This network has errors: totals are at least what is told.</p>'
    yield "</header>"
    if compiled.diagnostics:
        yield '<ul class="findings">'
        for each in compiled.diagnostics:
            where = f"line {each.label.span.line}: " if each.label else ""
            yield f"<li>{where}<b>{each.severity.value}</b> {safe(each.message)}</li>"
        yield "</ul>"
    yield '<dl class="tiles">'
    totals = totals_in_words(compiled.analysis, batch, measured.asked.precision)
    for total in [*totals, *efficiency_in_words(measured), *more]:
        number, remark = safe(total.number), safe(total.remark)
        yield f'<div><dt>{total.name}</dt><dd class="number">{number}</dd><dd class="remark">{remark}</dd></div>'
    yield "</dl>"


def _groups(measured: Measured) -> Iterator[str]:
    """What is alike, summed up."""
    key = share_key(measured.asked)
    for by, title in (("word", "By word"), ("block", "By block")):
        entries = by_size(grouped(measured, by), key)
        heads = [
            count_head("count", lambda each: each.instances),
            *([count_head("steps", lambda each: each.steps)] if by == "block" else []),
            *number_heads(measured, largest(entries, key, measured.totals)),
        ]
        rows = [
            f'<tr class="{"" if each.runs else "aux"}" data-path="{safe(each.name)}"><th scope="row" class="name">'
            f"{safe(each.name)}</th>{''.join(head.cell(each) for head in heads)}</tr>"
            for each in entries
        ]
        total = Entry(Kind.FOLDED, 0, "total", "total", figures=measured.totals)
        yield f'<h2 id="by-{by}">{title}</h2>'
        yield f'<div class="scroll low" tabindex="0" role="region" aria-labelledby="by-{by}">'
        yield table(by, heads, rows, total, key, f'class="figures" id="{by}"')
        yield "</div>"


def _foot(measured: Measured) -> str:
    quantities = [each for name, each in QUANTITIES.items() if each.said and name != "time"]
    said = [measured.asked.in_precision(f"{each.told}: {each.said}") for each in quantities]
    told = [
        CONVENTION,
        *said,
        " ".join(assumed(measured)),
    ]
    notes = [f"<p>{safe(each)}</p>" for each in told if each]
    keys = "<p>Keys: / searches, Escape takes it back; a title sorts, a third time takes it back.</p>"
    return "\n".join(["<footer>", *notes, keys, "</footer>"])

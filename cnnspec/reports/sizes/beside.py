"""A text that does not compile at its written size: the sizes at which it does, in words, or how far was searched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.sizes.answer import Answer
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import counted
from cnnspec.reports.sizes.limits import place_of
from cnnspec.reports.sizes.sets import sizes_said
from cnnspec.reports.sizes.trial import Tried, asked_said, trial_text
from cnnspec.reports.step import step
from cnnspec.source.diagnostic import Diagnostic

Shapes = Mapping[str, Shape]
NONE_FOUND = "no size was found at which the text compiles"


def beside_text(tried: Tried, answer: Answer, weights: Node | None, look: Look, *, takes_it: bool, how: str) -> str:
    """What is told below the sets: whose weights these are for, and what works beside the size of the text. `takes_it`
    says that what runs at inference takes that, too; `how` the text has it: as written."""
    size, lines = asked_said(tried.inputs), list[str]()
    if weights is not None and not takes_it:
        made = step(weights.layer, weights.inputs)
        lines = ["", f"`{weights.id}` (`{made}`) has other weights at other sizes: {size} gives none,"]
        lines = [*lines, f"so what is told is for those of {asked_said(tried.beside)}"]
    told = "".join(f"{visible(each, look.encoding)}\n" for each in lines) + "\n"
    if takes_it:
        return told + visible(f"{size}, {how}: works at inference, where no auxiliary head runs", look.encoding) + "\n"
    return told + trial_text(tried, answer, look, f", {how}")


def hint(graph: Graph, answer: Answer | None, inputs: Shapes, weights: Node | None, look: Look) -> str:
    """The nearest size in a line, below what is wrong with the written one; `weights` is a step that has others there,
    and without an `answer` no more is known than this size."""
    told = f"at {asked_said(inputs)} it compiles"
    if weights is not None:
        told += f", with other weights in `{weights.id}`"
    elif answer is not None:
        told += f"; it takes {sizes_said(graph, answer, look, 2)}"
    return f"{look.paint('bold', 'help:')} {visible(told, look.encoding)}\n"


def none_text(written: Shapes, tried: Sequence[Shapes], lasting: Diagnostic | None, look: Look, how: str) -> str:
    """How far was searched for nothing."""
    lines = [f"{visible(asked_said(written), look.encoding)}, {how}: {look.paint('error', 'does not work')}"]
    if lasting is not None and lasting.label is not None:
        place = visible(place_of(lasting.label.span), look.encoding)
        lines.append(f"no other size helps: the error at {place} is the same at each")
    else:
        lines.append("no other size was found that does")
    were = "was" if len(tried) == 1 else "were"
    lines.append(f"{counted(len(tried), 'size')} {were} tried, {visible(_reach(tried), look.encoding)}")
    return "\n".join(lines) + "\n"


def _reach(tried: Sequence[Shapes]) -> str:
    """`from 3x8x8 to 3x1024x1024`, axis by axis"""
    least, most = dict(tried[0]), dict(tried[0])
    for each in tried:
        for name, shape in each.items():
            least[name] = tuple(map(min, least[name], shape))
            most[name] = tuple(map(max, most[name], shape))
    return f"from {asked_said(least)} to {asked_said(most)}"


def no_sizes(graph: Graph) -> dict[str, Any]:
    """The fields of `sizes` where there is nothing to say."""
    return {
        "model": graph.name,
        "sets": [],
        "ties": [],
        "proved": False,
        "why": NONE_FOUND,
        "searched": None,
        "text": "",
        "limits": [],
    }

"""Where a layer stands, what it is, and what is special about it."""

from __future__ import annotations

from collections.abc import Iterator

from cnnspec.contract.layer import Layer
from cnnspec.ir.graph import Node
from cnnspec.manual.docstring import explained
from cnnspec.passes.explained.derivation import Derivation
from cnnspec.reports.explained.document import Sentence
from cnnspec.reports.explained.texts import Texts
from cnnspec.source.text import Source, Span

LONGEST_STEP = 60
"""Characters of a step that are shown; braces may hold a whole network."""


def summary(layer: Layer, texts: Texts) -> str:
    """What the word is, in a line: the language's own, or the first of its docstring."""
    if texts.has("words", layer.word):
        return texts("words", layer.word)
    return explained(type(layer).__doc__ or "").summary


def placed(node: Node, texts: Texts) -> Iterator[Sentence]:
    """The step's line, and the way through blocks to it, innermost first."""
    yield Sentence(texts("place", "line", line=node.span.line, file=node.span.source.name))
    yield from (made_by(frame.path, frame.span, node.span.source, texts) for frame in reversed(node.trace))


def made_by(scope: str, span: Span, here: Source, texts: Texts) -> Sentence:
    """By which step a scope came to be; the file is named where it is another one."""
    written = " ".join(span.text.split())
    shown = written if len(written) <= LONGEST_STEP else f"{written[:LONGEST_STEP]}…"
    key = "in" if span.source is here else "in-file"
    return Sentence(texts("place", key, scope=scope, step=shown, line=span.line, file=span.source.name))


def flags(derived: Derivation, texts: Texts, others: tuple[str, ...]) -> Iterator[Sentence]:
    """Shared weights, what is left out at inference, what acts while training alone."""
    node = derived.row.node
    if node.reuse_of:
        yield Sentence(texts("place", "reuse", owner=node.reuse_of))
    if others:
        yield Sentence(texts("place", "reused", others=f"`{texts('symbol', 'comma')}`".join(others)))
    if not derived.row.runs:
        yield Sentence(texts("place", "auxiliary" if derived.is_aux else "unused"))
    if derived.network.is_open:
        yield Sentence(texts("place", "open"))
    if not derived.network.complete:
        yield Sentence(texts("place", "incomplete"))
    if node.layer.training_only:
        yield Sentence(texts("place", "training-only"))

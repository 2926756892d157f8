"""What comes with a change: parameters."""

from collections import Counter
from collections.abc import Iterator, Sequence

from cnnspec.fixes.bench import Bench, Outcome
from cnnspec.ir.graph import Unknown
from cnnspec.passes.parameters import elements, weights_of
from cnnspec.pipeline import Compiled
from cnnspec.source.text import Span

Place = tuple[str, int]


def cost_of(bench: Bench, outcome: Outcome, refused: Sequence[Span]) -> str:
    """`adds 8,448 parameters`, of steps that are new or were understood before. Where none came or went, those of the
    steps that could not be, if they have any."""
    before, after = Counter[Place](), Counter[Place]()
    for span, count in _parameters(bench.found):
        before[_start(span)] += count
    hidden = {
        _start(node.span)
        for each in bench.found
        if each.built
        for node in each.built.graph
        if each.built.shapes[node.id] is None or isinstance(node.layer, Unknown)
    }
    added = 0
    for span, count in _parameters(outcome.compiled):
        source = bench.sources.get(span.source.name)
        place, is_new = outcome.change.back(span, source) if source else (span, True)
        if is_new:
            added += count
        else:
            after[_start(place)] += count
    added += sum(count - before[at] for at, count in after.items() if at not in hidden)
    if added:
        return f"{'adds' if added > 0 else 'saves'} {abs(added):,} parameters"
    own = sum(after[at] for at in set(map(_start, refused)))
    return f"{own:,} parameters" if own else ""


def _start(span: Span) -> Place:
    """What tells a step from the others; its end moves when an argument comes or goes."""
    return span.source.name, span.start


def _parameters(found: Sequence[Compiled]) -> Iterator[tuple[Span, int]]:
    """Every step with the trainable numbers of each of its uses."""
    for each in found:
        if each.built is not None:
            nodes = each.built.graph.nodes
            for id, owned in weights_of(each.built.graph, each.built.shapes).items():
                yield nodes[id].span, sum(elements(weight) for weight in owned if weight.trainable)

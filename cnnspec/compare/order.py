"""The order in which the steps of a network are laid beside those of another: that of the graph, not of the text."""

from collections.abc import Iterable, Sequence

from cnnspec.ir.graph import Graph


def order(graph: Graph, ends: Sequence[str]) -> list[str]:
    """Each node behind its operands, as they are met on the way back from the ends (outputs, then auxiliary heads),
    then what nobody reads: so lines of the text that do not depend on one another may change places."""
    return behind(graph, (*ends, *graph.nodes))


def behind(graph: Graph, ends: Iterable[str]) -> list[str]:
    """The same without what nobody reads."""
    found: dict[str, None] = {}
    for end in ends:
        _behind(graph, end, found)
    return list(found)


def _behind(graph: Graph, end: str, found: dict[str, None]) -> None:
    """Adds a node, and first what it depends on; without recursion, as networks are deep."""
    waiting: list[tuple[str, Iterable[str]]] = []
    if end not in found:
        waiting.append((end, iter(graph.nodes[end].inputs)))
    opened = {end}
    while waiting:
        id, inputs = waiting[-1]
        for each in inputs:
            if each not in found and each not in opened:
                opened.add(each)
                waiting.append((each, iter(graph.nodes[each].inputs)))
                break
        else:
            waiting.pop()
            found[id] = None

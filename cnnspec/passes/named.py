"""What a name of a network means: a step, a room of the block tree, or the step whose result leaves it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cnnspec.ir.graph import Graph, Node, Scope
from cnnspec.source.nearest import nearest


class UnknownName(ValueError):
    """No step and no scope is called so, or several are; the message says which are."""


_AUTOMATIC = re.compile(r"(\w*[^\W\d])(\d{1,6})")
MOST = 6
"""So many of several are named,"""
MOST_INSTANCES = 16
"""and so many of one block."""


def named(graph: Graph, name: str) -> Node | Scope:
    """By its whole path (`layer1.0.conv1`, with `@` before it or not), by the name of an output or an auxiliary head,
    by the path's end if only one ends so, by a weight (`conv1.weight`), or by a block of which there is one instance.
    UnknownName else."""
    name = name.removeprefix("@")
    if name in graph.nodes:
        return graph.nodes[name]
    if name in graph.scopes and graph.scopes[name].parent is not None:
        return graph.scopes[name]
    if name in (ends := _ends(graph)):
        return graph.nodes[ends[name]]
    ending = [each for each in _all(graph) if each.endswith(f".{name}")]
    if len(ending) == 1:
        return named(graph, ending[0])
    if ending:
        raise UnknownName(f"{len(ending)} layers end in `{name}`: {_listed(ending, MOST)}")
    owner, _, weight = name.rpartition(".")
    if weight and owner in graph.nodes:
        return graph.nodes[owner]
    instances = [path for path, scope in graph.scopes.items() if scope.parent is not None and scope.block == name]
    if len(instances) == 1:
        return graph.scopes[instances[0]]
    if instances:
        told = _listed(instances, MOST_INSTANCES)
        raise UnknownName(f"`{name}` is a block with {len(instances)} instances, ask about one: {told}")
    near = _counted(graph, name) or _near(graph, name)
    hint = f"did you mean `{near}`?" if near else "`cnnspec report` lists them all"
    raise UnknownName(f"there is no layer `{name}` in {graph.name}; {hint}")


def _listed(names: list[str], most: int) -> str:
    return ", ".join(f"`{each}`" for each in names[:most]) + (" …" if len(names) > most else "")


def _counted(graph: Graph, name: str) -> str | None:
    """A step that would be called so if it had no label: `conv2` is the second one of the word `conv`, of the model or
    of the scope before the last dot."""
    path, _, last = name.rpartition(".")
    found = _AUTOMATIC.fullmatch(last)
    if not found or path not in graph.scopes:
        return None
    alike = [node.id for node in within(graph, graph.scopes[path]) if node.layer.word == found[1]]
    place = int(found[2])
    return alike[place - 1] if 0 < place <= len(alike) else None


def _near(graph: Graph, name: str) -> str | None:
    """The nearest path, or the nearest of their last parts."""
    known = _all(graph)
    blocks = {scope.block for scope in graph.scopes.values() if scope.parent is not None and scope.block}
    if near := nearest(name, [*known, *_ends(graph), *blocks]):
        return near
    ends = {each.rpartition(".")[2]: each for each in reversed(known)}
    last = nearest(name, ends)
    return ends[last] if last else None


def _ends(graph: Graph) -> dict[str, str]:
    """The steps of outputs and auxiliary heads, by the names that these have."""
    return {**graph.outputs, **{name: each.node for name, each in graph.aux.items()}}


def _all(graph: Graph) -> list[str]:
    return [*(path for path, scope in graph.scopes.items() if scope.parent is not None), *graph.nodes]


def within(graph: Graph, scope: Scope) -> Iterator[Node]:
    """The steps that stand in a scope, in those below it too, in the order of the text."""
    inside = {scope.path}
    for path, each in graph.scopes.items():
        if each.parent in inside:
            inside.add(path)
    return (node for node in graph if node.scope in inside)

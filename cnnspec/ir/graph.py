"""The network as a graph: nodes in the order of the text, edges as operands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes, Value, Word
from cnnspec.source.diagnostic import Frame
from cnnspec.source.text import Span

if TYPE_CHECKING:
    import networkx as nx


class Input(Layer):
    """The model's input; the graph's only source. `any_size`: nothing is promised about its height and width."""

    word = "input"
    arity = (0, 0)

    def __init__(self, shape: Shape, any_size: bool = False) -> None:
        object.__setattr__(self, "shape", shape)
        object.__setattr__(self, "any_size", any_size)

    shape: Shape
    any_size: bool

    @cached_property
    def _key(self) -> tuple[object, ...]:
        return (self.word, self.shape, self.any_size)

    @property
    def arguments(self) -> dict[str, object]:
        """As the language calls them."""
        return {"shape": self.shape, "size": Word("any") if self.any_size else None}

    def infer(self, inputs: Shapes) -> Shape:
        return self.shape


class Unknown(Layer):
    """Stands for a step that was refused, so that names which lead to it resolve and one fault gives one message."""

    word = "?"
    arity = (0, 64)


class Scope(NamedTuple):
    """One room of the block tree: a model, block instance, labelled or listed braces, or a copy of a labelled repeat.

    `block` is the block's name where the scope is an instance of one, `arguments` what its parameters were bound to,
    `tensors` the nodes that its tensor parameters name and `places` where each argument stands, if it was given.
    `entry` is the node that enters a block (`in.c`); `tests` are the conditions that were decided in the scope.
    """

    path: str
    parent: str | None
    block: str | None
    listed: bool
    arguments: Mapping[str, Value]
    span: Span
    tensors: Mapping[str, str] = {}
    places: Mapping[str, Span] = {}
    entry: str | None = None
    tests: tuple[Span, ...] = ()


class Node(NamedTuple):
    """One step of the expanded network.

    `id` is the dotted path, the same that torch's state_dict would use; `inputs` are the operands' ids in order;
    `span` is the step in the text and `trace` the way through blocks to it; `scope` the path of the room it is in.
    `reuse_of` names the node that owns this one's weights, if another does.
    """

    id: str
    layer: Layer
    inputs: tuple[str, ...]
    span: Span
    trace: tuple[Frame, ...]
    scope: str
    reuse_of: str | None = None


class Aux(NamedTuple):
    """An auxiliary head: trained with `weight` of the loss, absent at inference."""

    node: str
    weight: float


class Graph:
    """Nodes in topological order (the order of the text). Never changed; a transformation makes a new one.

    `outputs` and `aux` map the names the outside sees to nodes; `copies` says of the path of each copy (`tower@2`)
    in which scope the `reuse` stands that made it. `Node.inputs` is the truth about edges; the networkx
    graph is its index and is made when it is first asked for (docs/decisions/0002-networkx-on-demand.md).
    """

    def __init__(
        self,
        name: str,
        nodes: Mapping[str, Node],
        scopes: Mapping[str, Scope],
        outputs: Mapping[str, str],
        aux: Mapping[str, Aux],
        copies: Mapping[str, str] = {},
    ) -> None:
        self.name = name
        self.nodes = nodes
        self.scopes = scopes
        self.outputs = outputs
        self.aux = aux
        self.copies = copies
        self._check()

    def _check(self) -> None:
        seen: set[str] = set()
        for id, node in self.nodes.items():
            assert node.id == id, f"node {id} is not called by its id"
            assert all(each in seen for each in node.inputs), f"{id} reads a node that stands below it"
            assert node.reuse_of is None or node.reuse_of in seen, f"{id} reuses a node that stands below it"
            assert node.scope in self.scopes, f"{id} is in no scope"
            seen.add(id)
        for target in (*self.outputs.values(), *(each.node for each in self.aux.values())):
            assert target in seen, f"the output {target} is no node"

    def __iter__(self) -> Iterator[Node]:
        return iter(self.nodes.values())

    def __len__(self) -> int:
        return len(self.nodes)

    @cached_property
    def inputs(self) -> dict[str, Node]:
        """The input nodes by id."""
        return {node.id: node for node in self if isinstance(node.layer, Input)}

    @cached_property
    def complete(self) -> bool:
        """Whether every step was understood."""
        return not any(isinstance(node.layer, Unknown) for node in self)

    @cached_property
    def index(self) -> nx.DiGraph[str]:
        """The networkx view: each node carries its Node under `node`; an edge's `operands` are the places it fills."""
        import networkx as nx

        index: nx.DiGraph[str] = nx.DiGraph()
        for node in self:
            index.add_node(node.id, node=node)
            for place, source in enumerate(node.inputs):
                if index.has_edge(source, node.id):
                    index.edges[source, node.id]["operands"] += (place,)
                else:
                    index.add_edge(source, node.id, operands=(place,))
        return index

    @cached_property
    def running(self) -> frozenset[str]:
        """The nodes that inference needs: what the outputs depend on, and every input. Auxiliary heads are apart."""
        return self._needed(self.outputs.values())

    @cached_property
    def training(self) -> frozenset[str]:
        """The nodes that training needs: with those of auxiliary heads."""
        heads = [each.node for each in self.aux.values()]
        return self._needed((*self.outputs.values(), *heads)) if heads else self.running

    @cached_property
    def computed(self) -> frozenset[str]:
        """What inference computes: what it needs, and in every block or scope that it enters what goes from there to an
        auxiliary head, as the modules of the exported source do."""
        if not self.aux:
            return self.running
        entered = {each for id in self.running for each in self._around(self.nodes[id])}
        heads = (id for id in self.training - self.running if not entered.isdisjoint(self._around(self.nodes[id])))
        return self._needed((*self.running, *heads))

    @cached_property
    def checked(self) -> frozenset[str]:
        """The steps that must take a size for it to work: what inference computes, and what leads nowhere, which a
        check refuses, too. Left out is what feeds auxiliary heads alone: it is not there at inference."""
        apart = self.nodes.keys() - self.training
        return self._needed((*self.computed, *apart)) if apart else self.computed

    def _needed(self, ends: Iterable[str]) -> frozenset[str]:
        """These, all that they depend on, and every input."""
        needed = {*ends, *self.inputs}
        for id in reversed(list(self.nodes)):
            if id in needed:
                needed.update(self.nodes[id].inputs)
        return frozenset(needed)

    def _around(self, node: Node) -> Iterator[str]:
        """The scopes that a step is in, from the inside, without the model itself; of a copy those of its `reuse`."""
        scope = self.copies.get(node.id, node.scope)
        while (parent := self.copies.get(scope, self.scopes[scope].parent)) is not None:
            yield scope
            scope = parent

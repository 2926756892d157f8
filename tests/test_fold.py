"""What is alike is asked once, and what is kept of one network is never told of another."""

from collections import Counter

from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import Kind, Kinds, kinds_of
from tests.networks import network
from tests.texts import compiled, model


def test_a_kind_is_asked_once_and_by_whichever_pass_comes_first() -> None:
    built = network("resnet50").built
    assert built is not None
    asked: Counter[Kind] = Counter()

    def fact(kind: Kind) -> int:
        asked[kind] += 1
        return len(kind.operands)

    kinds = Kinds(built.graph, built.shapes)
    table = kinds.table(fact)
    assert kinds.table(fact) == table
    assert set(asked.values()) == {1}
    assert len(asked) == len(kinds.kinds) < len(table) / 2
    nodes = [node for node in built.graph if node.inputs]
    assert table == {node.id: len(node.inputs) for node in nodes}
    assert {node.id: kinds.kinds[kinds.of[node.id]].result for node in nodes} == {
        node.id: built.shapes[node.id] for node in nodes
    }


def test_kinds_are_kept_for_a_graph_and_its_table() -> None:
    built = network("lenet").built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    assert kinds_of(graph, shapes) is kinds_of(graph, shapes)
    other = {id: (shape[0], *(2 * each for each in shape[1:])) if shape else None for id, shape in shapes.items()}
    assert [each.operands for each in kinds_of(graph, other).kinds] != [
        each.operands for each in kinds_of(graph, shapes).kinds
    ]
    copy = Graph(graph.name, graph.nodes, graph.scopes, graph.outputs, graph.aux, graph.copies)
    assert kinds_of(copy, shapes) is not kinds_of(graph, shapes)


def test_a_step_that_was_refused_has_no_kind() -> None:
    result = compiled(model("conv 3x3 4\nconv 9x9 4\nrelu", "3x8x8"))
    assert result.built is not None
    kinds = kinds_of(result.built.graph, result.built.shapes)
    assert list(kinds.of) == ["conv1"]
    assert kinds.kind("conv2") is None
    assert kinds.kind("input") is None

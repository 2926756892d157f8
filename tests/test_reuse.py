"""`reuse`: a step once more with the same weights; and conditions on the finished model."""

import pytest

from tests.texts import compiled, findings, good, model

SIAMESE = """block Tower(c) { conv 3x3 c pad=1 -> relu -> head: conv 1x1 2 }
model Siamese {
  input left: 1x28x28
  input right: 1x28x28
  @left -> a: { conv 5x5 8 -> bn -> Tower 8 -> flatten }
  @right -> b: reuse a
  concat { @a | @b } -> linear 2
}"""


def test_what_is_reused_counts_again_and_owns_nothing() -> None:
    result = good(SIAMESE)
    assert result.built is not None
    graph = result.built.graph
    owners = {id: node.reuse_of for id, node in graph.nodes.items() if node.reuse_of}
    assert owners == {f"a@2{rest}": f"a{rest}" for rest in (".conv1", ".bn1", ".tower1.conv1", ".tower1.head")}
    once = good(SIAMESE.replace("b: reuse a", "b: flatten")).analysis.totals
    twice = result.analysis.totals
    assert twice.params - once.params == 2 * (2 * 24 * 24 - 28 * 28)  # only the last layer grew
    tower = sum(row.cost.macs for row in result.analysis.rows if row.node.id.startswith("a."))
    assert tower == sum(row.cost.macs for row in result.analysis.rows if row.node.id.startswith("a@2."))


def test_a_copy_of_a_copy_belongs_to_the_first() -> None:
    result = good(model("c: conv 3x3 3 pad=1 -> reuse c -> d: reuse c -> relu\nr: conv 1x1 3 x2\nreuse r -> reuse r.0"))
    assert result.built is not None
    owners = {id: node.reuse_of for id, node in result.built.graph.nodes.items() if node.reuse_of}
    assert owners == {"c@2": "c", "c@3": "c", "r@2.0": "r.0", "r@2.1": "r.1", "r.0@2": "r.0"}


@pytest.mark.parametrize(
    ("lines", "id", "pointed"),
    [
        ("c: conv 3x3 8 -> reuse c", "different-reuse", "reuse c"),
        ("t: { if in.h > 20 { conv 3x3 3 } }\nreuse u", "unknown-label", "u"),
        ("g: (relu -> tanh)\nreuse g", "no-step-to-reuse", "g"),
        ("reuse", "missing-argument", "reuse"),
    ],
)
def test_what_cannot_be_reused(lines: str, id: str, pointed: str) -> None:
    assert findings(model(lines)) == [(id, pointed)]


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("conv 3x3 3", "conv 1x1 3", "`b.conv1` is `conv 1x1 3`, and was `conv 3x3 3`"),
        ("conv 3x3 3 /2", "conv 3x3 3", "`b.conv1` is `conv 3x3 3`, and was `conv 3x3 3 /2`"),
        ("conv 3x3 3", "conv 3x3 3 -> relu", "it has a further `b.relu1`"),
        ("conv 3x3 3 -> relu", "conv 3x3 3", "it has no `b.relu1`"),
        ("a: relu", "a: tanh", "`b.a` is `tanh`, and was `relu`"),
    ],
)
def test_other_branches_are_no_reuse(first: str, then: str, message: str) -> None:
    """Also where the weights would fit: a module of torch is the same one when it is called again."""
    text = f"block B() {{ if in.h > 20 {{ {first} }} else {{ {then} }} }}\n" + model("b: B -> maxpool 2x2\nreuse b")
    (found,) = compiled(text).diagnostics
    assert (found.id, found.help) == (
        "different-reuse",
        "what is reused must take the same branches and have the same steps",
    )
    assert found.message.startswith("`b` comes out differently here: ")
    assert message in found.message


@pytest.mark.parametrize("step", ["conv 3x3 n pad=1", "{ conv 3x3 n pad=1 -> relu }", "conv 3x3 n pad=1 x2"])
def test_what_is_said_below_a_step_does_not_hold_for_it(step: str) -> None:
    """`set` and `let` hold from where they stand; the step that is applied again stands above."""
    text = "let n = 3\n" + model(f"s: {step}\nset conv pad=0 bias=no\nlet n = 4\nreuse s -> conv 3x3 n => 4x30x30")
    result = good(text)
    assert result.built is not None
    copies = [node for node in result.built.graph if node.reuse_of]
    assert [node.layer.arguments["pad"] for node in copies] == [
        result.built.graph.nodes[node.reuse_of or ""].layer.arguments["pad"] for node in copies
    ]
    assert copies


def test_a_size_that_is_read_may_differ_where_no_weights_depend_on_it() -> None:
    text = "block Up() { conv 3x3 3 pad=1 -> upsample to=dims(2*in.h, 2*in.w) }\n" + model(
        "u: Up\nreuse u => 3x128x128"
    )
    assert findings(text) == []


def test_a_model_over_its_budget_is_told_its_numbers() -> None:
    lines = "(conv 3x3 8 -> relu) x3\nrequire params < 1.4k, macs <= {}, rf >= 7, depth == 3, memory <= {}"
    # 224 + 2 * 584 parameters; 194,400 + 451,584 + 389,376 MACs; two maps of 8x30x30 alive at once beside the weights
    assert findings(model(lines.format("1.04M", 4 * (1392 + 2 * 8 * 30 * 30)))) == []
    over = compiled(model(lines.format("1M", "61KiB"))).diagnostics
    assert [each.message for each in over] == [
        "`macs <= 1M` does not hold: 1,035,360 of 1,000,000 MACs, 35,360 (3.5%) over",
        "`memory <= 61KiB` does not hold: 63,168 of 62,464 bytes, 704 (1.1%) over",
    ]


def test_a_parameter_may_bear_a_quantitys_name() -> None:
    assert findings("model M(depth=3) { input 3x8x8\n require depth == 3\n relu x depth }") == []
    assert findings(model("{ require params < 3 }")) == [("misplaced-line", "params < 3")]

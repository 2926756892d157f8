"""Random networks before every judge (CNNSPEC_RANDOM_NETS says how many), and each fault they found, as a text.

A network that fails is seen again with `python -m tests.random_networks` and its seed, made as small as it can be.
"""

import os

import pytest

from tests.texts import compiled, findings, good, model, shapes

pytestmark = pytest.mark.torch
pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from hypothesis import HealthCheck, Phase, find, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from cnnspec.contract.facts import Onnx, OnnxNode  # noqa: E402
from cnnspec.contract.register import words  # noqa: E402
from cnnspec.contract.values import Shape  # noqa: E402
from tests.judges.forms import FORMS, forms  # noqa: E402
from tests.judges.network_judges import judge  # noqa: E402
from tests.judges.random_draw import Draw  # noqa: E402
from tests.judges.random_networks import network  # noqa: E402
from tests.judges.random_words import drawn, fitted  # noqa: E402
from tests.random_networks import SEED, Tally, campaign  # noqa: E402

UNTIL_ONE_FITS = settings(
    max_examples=500,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
    database=None,
    derandomize=True,
    deadline=None,
)
NETS = int(os.environ.get("CNNSPEC_RANDOM_NETS", "60"))


def test_random_networks() -> None:
    """Every network is what all judges say; none is refused but some of those that were drawn carelessly."""
    tally = Tally()
    for trouble in campaign(NETS, SEED, tally):
        pytest.fail(str(trouble))
    assert tally.compiled >= 0.9 * NETS, str(tally)


def test_every_form_is_drawn() -> None:
    left = set(FORMS)
    for case in range(2000):
        drawn_now = network(SEED, case)
        left -= forms(drawn_now.text, drawn_now.files)
        if not left:
            return
    pytest.fail(f"nothing has {left}")


@pytest.mark.parametrize("word", words())
def test_a_word_is_drawn_by_being_there(word: str) -> None:
    """At the shape of each of its examples, arguments are found that it takes."""
    cls = words()[word]
    for shape in {example.inputs[0] for example in cls.examples}:

        def fits(draw: st.DrawFn, shape: Shape = shape) -> bool:
            if cls.merges:
                return fitted(cls, {}, (shape, shape), {}) is not None
            tensors = {f"t{place}": each.inputs[-1] for place, each in enumerate(cls.examples)}
            return drawn(Draw(draw), cls, shape, {}, tensors) is not None

        assert find(st.composite(fits)(), bool, settings=UNTIL_ONE_FITS)


# -- what they found --------------------------------------------------------------------------------------------------


def test_copies_of_a_labelled_repeat_are_rooms() -> None:
    """The steps in a merge's branches took the copies' own numbers."""
    text = "m: mul { conv 1x1 3 -> relu | id } x2\nc: if in.c == 3 { conv 1x1 3 } x2\nf: for i in 1..2 { relu } x2"
    assert list(shapes(good(model(text))))[1:] == [
        *("m.0.conv1", "m.0.relu1", "m.0.mul1", "m.1.conv1", "m.1.relu1", "m.1.mul1"),
        *("c.0.conv1", "c.1.conv1", "f.0.relu1", "f.0.relu2", "f.1.relu1", "f.1.relu2"),
    ]
    judge(good(model("m: add { conv 1x1 3 -> relu | id } x2\nsub { @m.0 | @m }")))


def test_a_merge_is_not_reused() -> None:
    """Its branches are steps of the room around it: `reuse` made new weights for them, in silence."""
    assert findings(model("m: add { conv 1x1 3 | id }\nreuse m")) == [("no-step-to-reuse", "m")]
    result = good(model("s: { add { conv 1x1 3 | id } }\nreuse s"))
    assert result.analysis.totals.params == 12
    judge(result)


def test_a_label_with_dots_is_reused() -> None:
    """The copy lost what stands before the last dot, and was compared with nothing."""
    result = good(model("blocks.0.conv: conv 1x1 3\nreuse blocks.0.conv\ns.1.b: { conv 1x1 3 }\nreuse s.1.b"))
    assert result.built is not None
    owners = {id: node.reuse_of for id, node in result.built.graph.nodes.items() if node.reuse_of}
    assert owners == {"blocks.0.conv@2": "blocks.0.conv", "s.1.b@2.conv1": "s.1.b.conv1"}
    judge(result)


def test_a_scope_is_reused_after_a_part_of_it_was() -> None:
    """The part's copy stands below the scope's path, but the scope does not make it."""
    result = good(model("s: { part: conv 1x1 3 -> relu }\nreuse s.part -> reuse s -> reuse s"))
    assert result.built is not None
    owners = {id: node.reuse_of for id, node in result.built.graph.nodes.items() if node.reuse_of}
    assert owners == {"s.part@2": "s.part", "s@2.part": "s.part", "s@3.part": "s.part"}
    assert findings(model("s: { t: conv 1x1 3 -> reuse t }\nreuse s")) == []


def test_reuse_takes_the_values_of_a_loop() -> None:
    """As references do; nothing was labelled `a-{i}`."""
    result = good(model("for i in 1,2 { a-{i}: conv 1x1 3 -> reuse @a-{i} }"))
    assert result.built is not None
    owners = {id: node.reuse_of for id, node in result.built.graph.nodes.items() if node.reuse_of}
    assert owners == {"a-1@2": "a-1", "a-2@2": "a-2"}


def test_rounding_explains_a_mean_of_nothing() -> None:
    """A constant map less its own mean is 0 in float64, and in float32 the rounding of the mean, 300 times as large."""
    assert judge(good(model("gap -> abs -> adaptive_avgpool 2 -> instancenorm -> gap", "1x3x3"))).shaky


def test_rounding_explains_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be said of the values, the node is judged by what it makes of what it read."""
    result = good(model("instancenorm -> gap -> relu", "1x3x3"))
    monkeypatch.setattr(words()["relu"], "onnx", lambda layer, inputs: Onnx((OnnxNode("Neg"),)))
    with pytest.raises(AssertionError, match=r"onnx makes an error of .* at relu1 alone"):
        judge(result)


def test_a_block_of_another_file_is_a_value_wherever_one_stands() -> None:
    """`rn.Basic` was one as an argument only: neither a default nor what `let` names."""
    text = (
        'use "blocks.cnn" as rn\nblock Stage(c, B=rn.Basic) { B c }\n'
        "model Net {\n  input 3x4x4\n  let C = rn.Basic\n  Stage 4 -> C 5 -> Stage 6 C\n}\n"
    )
    result = compiled(text, files={"blocks.cnn": "block Basic(c) { conv 1x1 c }\n"})
    assert result.ok
    assert list(shapes(result)) == ["input", "stage1.b1.conv1", "c1.conv1", "stage2.b1.conv1"]
    judge(result)


def test_more_steps_at_another_size_are_another_network() -> None:
    """All steps were the same there, and the output was a further one."""
    result = good(model("for i in 3..in.h { tanh }", "1x4x4 size=any"))
    assert judge(result).bound == "tanh"


@pytest.mark.parametrize("argument", ["alpha=0", "beta=0", "alpha=-1"])
def test_lrn_refuses_what_onnxruntime_would(argument: str) -> None:
    """The file could not be loaded."""
    assert findings(model(f"lrn 3 {argument}")) == [("bad-argument", argument.partition("=")[2])]


@pytest.mark.parametrize(
    ("lines", "shape"),
    [
        # onnxruntime's optimizer brought a Transpose past a Pad of some axes, and lost count of them
        ("permute 2 0 1 -> padc 9 side=both -> relu", "3x4x5"),
        ("permute 0 2 1 -> pad 1 -> relu", "3x4x5"),
        # where the axes are not said, it made Pad's zeros the padding of the pool behind it, which is no zero there
        # torch works out the nearest pixel in float32, and rounds 11 * 26 / 22 down to 12
        ("upsample to=22x9", "1x26x12"),
        ("upsample 41", "1x2x1"),
        ("log_softmax -> pad 1 -> maxpool 3 /1", "3x4x5"),
        ("pad 2 -> avgpool 2", "3x4x5"),
        # torch's pool in 3-D refuses a kernel larger than the map, padding or not
        ("avgpool 3 /1 pad=1 count_pad=yes", "2x4x2x2"),
        ("avgpool 3 /2 pad=1 ceil_mode=yes count_pad=no", "2x4x2x5"),
    ],
)
def test_a_network_that_was_wrong(lines: str, shape: str) -> None:
    judge(good(model(lines, shape)))

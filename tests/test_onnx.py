"""Networks as ONNX: judged by onnx's checker and shape inference, by onnxruntime, and by torch."""

import contextlib
import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, numpy_helper

from cnnspec.ir.graph import Graph
from cnnspec.lower.errors import ExportError
from cnnspec.lower.init import initialise
from cnnspec.lower.onnx import lower
from cnnspec.lower.onnx_file import save, size_of
from cnnspec.lower.onnx_metadata import Metadata
from cnnspec.lower.onnx_names import layer_of
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled, expansion
from tests import ROOT
from tests.networks import network
from tests.texts import good

PLAIN = Metadata("the text")
RESIDUAL = """
model Residual {
  input 3x12x10
  stem: conv 3x3 4 pad=1 bias=no
  bn -> relu
  layer1: [] {
    add { conv 3x3 4 pad=1 -> bn | id | conv 1x1 4 }
    relu -> dropout 0.5
  }
  aux head: { gap -> flatten -> linear 3 }
  padc 6 -> lrn size=3 -> maxpool 2x2 -> gap -> flatten
  linear 5 -> dropout 0.5
}
"""


def arrays_of(graph: Graph, shapes: ShapeTable) -> dict[str, np.ndarray]:
    """Weights with which no layer does nothing: variances and means away from 1 and 0."""
    arrays = initialise(full_weights(graph, shapes), 0)
    for name, array in arrays.items():
        if name.endswith(("running_var", "running_mean")):
            arrays[name] = (np.abs(np.sin(np.arange(array.size))) + 0.5).astype(np.float32)
    return arrays


def lowered(result: Compiled, meta: Metadata = PLAIN) -> ModelProto:
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    return judged(lower(graph, shapes, arrays_of(graph, shapes), meta, expansion(result)))


def judged(made: ModelProto) -> ModelProto:
    """The model, which onnx finds sound, whose shapes its strict inference confirms, and in which nothing is idle."""
    onnx.checker.check_model(made, full_check=True)
    bare = ModelProto()
    bare.CopyFrom(made)
    del bare.graph.value_info[:]
    found = onnx.shape_inference.infer_shapes(bare, check_type=True, strict_mode=True, data_prop=True)
    theirs = {each.name: dims(each) for each in found.graph.value_info}
    for name, ours in ((each.name, dims(each)) for each in made.graph.value_info):
        assert name in theirs
        for mine, other in zip(ours, theirs[name], strict=True):
            assert mine == other or isinstance(mine, str) or str(other).startswith("unk__"), name
    values = {name for node in made.graph.node for name in node.output if name}
    assert values == {each.name for each in (*made.graph.value_info, *made.graph.output)}
    tensors = {each.name for each in made.graph.initializer}
    read = {name for node in made.graph.node for name in node.input}
    assert tensors <= read
    names = [*values, *tensors, *(each.name for each in made.graph.input)]
    assert len(names) == len(set(names))
    assert len({node.name for node in made.graph.node}) == len(made.graph.node)
    return made


def dims(value: Any) -> tuple[int | str, ...]:
    return tuple(each.dim_param or each.dim_value for each in value.type.tensor_type.shape.dim)


def run(made: ModelProto | Path, given: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    runtime = pytest.importorskip("onnxruntime")
    options = runtime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = 2
    content = str(made) if isinstance(made, Path) else made.SerializeToString()
    session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_outputs()]
    return dict(zip(names, session.run(names, dict(given)), strict=True))


def given(result: Compiled, batch: int, **sizes: tuple[int, ...]) -> dict[str, np.ndarray]:
    assert result.built is not None
    chance = np.random.default_rng(batch)
    inputs = result.built.graph.inputs
    shapes = {id: sizes.get(id) or result.built.shapes[id] for id in inputs}
    return {id: chance.standard_normal((batch, *shape)).astype(np.float32) for id, shape in shapes.items()}


# -- the numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.torch
def test_a_network_with_branches_gives_torchs_numbers() -> None:
    check_against_torch(good(RESIDUAL))


@pytest.mark.torch
@pytest.mark.parametrize(
    "step",
    [
        "upsample 2",
        "upsample 2 mode=bilinear",
        "upsample to=7x5 mode=bilinear",
        "upsample to=7x5",
        "pad 1,0,2,0 value=1 -> maxpool 2x2",
        "crop to=4x5",
        "adaptive_maxpool 3x5",
        "layernorm affine=no",
        "groupnorm 2",
    ],
)
def test_what_stands_between_two_transposes(step: str) -> None:
    """onnxruntime moves a Transpose past the nodes behind it, and does not always take all they say along."""
    check_against_torch(good(f"model Turned {{\n input 6x8x8\n permute 2 0 1 -> {step} -> permute 1 2 0\n}}\n"))


def check_against_torch(result: Compiled) -> None:
    torch = pytest.importorskip("torch")
    from tests.judges.assemble import values

    built = result.built
    assert built is not None
    made = lowered(result)
    tensors = arrays_of(built.graph, built.shapes)
    for batch in (1, 3):
        inputs = given(result, batch)
        found = run(made, inputs)
        with torch.no_grad():
            expected = values(result, tensors, {id: torch.from_numpy(each) for id, each in inputs.items()})
        for name, id in built.graph.outputs.items():
            theirs = expected[id].numpy()
            assert found[name].shape == (batch, *(built.shapes[id] or ()))
            scale = np.abs(theirs).max()
            assert scale > 0
            assert np.abs(found[name] - theirs).max() <= 1e-4 * scale


# -- names, shapes, metadata ------------------------------------------------------------------------------------------


def test_names_group_and_never_meet() -> None:
    made = lowered(good(RESIDUAL)).graph
    nodes = {node.name: node for node in made.node}
    assert list(nodes)[:6] == ["/stem", "/bn1", "/relu1", "/layer1/0", "/layer1/1", "/layer1/2"]
    assert {"/layer1/add1:Add", "/layer1/add1:Add_1"} <= set(nodes)
    conv = nodes["/layer1/0"]
    assert list(conv.input) == ["relu1:0", "layer1.0.weight", "layer1.0.bias"]
    assert list(conv.output) == ["layer1/0:0"]
    assert conv.doc_string == "conv 3x3 4 pad=1"
    props = {each.key: each.value for each in conv.metadata_props}
    assert props == {"namespace": "layer1", "pkg.torch.onnx.name_scopes": "['', 'layer1', 'layer1.0']"}
    for node in made.node:
        assert node.name.startswith("/" + layer_of(node.name).replace(".", "/"))
    assert [each.name for each in made.initializer][:5] == [
        "stem.weight",
        "bn1.weight",
        "bn1.bias",
        "bn1.running_mean",
        "bn1.running_var",
    ]
    held = {each.name for each in made.initializer}
    assert not any("head" in name or "num_batches_tracked" in name for name in held)
    assert "padc1:sides" in held


def test_weights_bear_the_names_of_the_state_dict() -> None:
    result = network("resnet18")
    assert result.built is not None
    made = lowered(result)
    expected = full_weights(result.built.graph, result.built.shapes)
    names = [name for name in expected if not name.endswith("num_batches_tracked")]
    assert sorted(each.name for each in made.graph.initializer) == sorted(names)
    arrays = arrays_of(result.built.graph, result.built.shapes)
    for each in made.graph.initializer:
        assert np.array_equal(numpy_helper.to_array(each), arrays[each.name])
    assert all(node.op_type != "Identity" for node in made.graph.node)


def test_shapes_are_on_every_value() -> None:
    result = good(RESIDUAL)
    assert result.built is not None
    made = lowered(result).graph
    shapes = {each.name: dims(each) for each in (*made.value_info, *made.input, *made.output)}
    assert shapes["input"] == ("batch", 3, 12, 10)
    assert shapes["output"] == ("batch", 5)
    assert shapes["layer1/add1:t_1"] == ("batch", 4, 12, 10)
    for node in made.node:
        shape = result.built.shapes[layer_of(node.name)]
        assert shape is not None
        if node.output[0].endswith(":0"):
            assert shapes[node.output[0]] == ("batch", *shape)


def test_versions_and_metadata() -> None:
    meta = Metadata("model X {}\n", '{"version":1}', ["cat", "Müller, K."], {"license": "MIT", "author": "A"})
    made = lowered(good(RESIDUAL), meta)
    assert (made.ir_version, [(each.domain, each.version) for each in made.opset_import]) == (10, [("", 18)])
    assert (made.producer_name, made.graph.name) == ("cnnspec", "Residual")
    props = {each.key: each.value for each in made.metadata_props}
    assert props["cnnspec.spec"] == "model X {}\n"
    assert props["cnnspec.spec_sha256"] == hashlib.sha256(b"model X {}\n").hexdigest()
    assert props["cnnspec.preprocess"] == '{"version":1}'
    assert json.loads(props["names"]) == ["cat", "Müller, K."]
    assert (props["license"], props["author"]) == ("MIT", "A")
    assert "names" not in {each.key for each in lowered(good(RESIDUAL)).metadata_props}


# -- outputs, reuse, sizes --------------------------------------------------------------------------------------------


def test_outputs_have_their_own_names() -> None:
    text = """
    model Outputs {
      input 3x4x4
      output same: @input
      conv 3x3 2 -> relu
      output logits: flatten
      output again: @logits
      output probs: @logits -> softmax -> dropout 0.5
      output dropped: @input -> dropout 0.5
    }
    """
    result = good(text)
    made = lowered(result)
    assert [each.name for each in made.graph.output] == ["same", "logits", "again", "probs", "dropped"]
    assert [node.op_type for node in made.graph.node].count("Identity") == 3
    inputs = given(result, 2)
    found = run(made, inputs)
    assert np.array_equal(found["same"], inputs["input"])
    assert np.array_equal(found["dropped"], inputs["input"])
    assert np.array_equal(found["again"], found["logits"])
    exact = np.exp(found["logits"]) / np.exp(found["logits"]).sum(1, keepdims=True)
    assert found["probs"] == pytest.approx(exact, rel=1e-5)


def test_nothing_but_an_input() -> None:
    result = good("model Nothing {\n input 3x4x4\n id\n}\n")
    inputs = given(result, 2)
    assert np.array_equal(run(lowered(result), inputs)["output"], inputs["input"])


def test_a_step_that_is_used_again_keeps_one_set_of_weights() -> None:
    text = """
    model Siamese {
      input left: 1x6x6
      input right: 1x6x6
      @left -> tower: conv 3x3 2 -> bn: bn -> a: relu
      @right -> conv 3x3 2 -> bn -> relu
      concat { @a | id }
    }
    """
    result = good(text)
    assert result.built is not None
    graph = result.built.graph
    owners = {"conv1": "tower", "bn1": "bn"}
    nodes = {id: node._replace(reuse_of=owners.get(id)) for id, node in graph.nodes.items()}
    shared = Graph(graph.name, nodes, graph.scopes, graph.outputs, graph.aux)
    arrays = arrays_of(shared, result.built.shapes)
    assert set(arrays) == {name for name in arrays if name.startswith(("tower.", "bn."))}
    made = judged(lower(shared, result.built.shapes, arrays, Metadata("")))
    assert sorted(each.name for each in made.graph.initializer) == sorted(
        name for name in arrays if not name.endswith("num_batches_tracked")
    )
    image = given(result, 2)["left"]
    found = run(made, {"left": image, "right": image})["output"]
    assert np.array_equal(found[:, :2], found[:, 2:])
    assert found.any()


def test_any_size() -> None:
    text = """
    model Any {
      input 3x32x32 size=any
      conv 3x3 4 /2 pad=1 -> relu
      add { id | maxpool 3x3 /1 pad=1 }
      gap -> flatten -> linear 3
    }
    """
    result = good(text)
    made = lowered(result)
    assert dims(made.graph.input[0]) == ("batch", 3, "height", "width")
    shapes = {each.name: dims(each) for each in made.graph.value_info}
    assert shapes["conv1:0"] == ("batch", 4, 0, 0)  # nothing is promised
    assert shapes["flatten1:0"] == ("batch", 4)
    for size in ((3, 32, 32), (3, 33, 47)):
        assert run(made, given(result, 2, input=size))["output"].shape == (2, 3)


@pytest.mark.parametrize(
    "step",
    [
        "adaptive_avgpool 4x3 -> flatten -> linear 3",
        "concat { adaptive_maxpool 3 -> flatten | adaptive_maxpool 2 -> flatten } -> linear 3",
        "s: relu -> maxpool 2x2 -> conv 3x3 4 pad=1 -> upsample like=@s -> add { id | @s } -> gap -> flatten",
        "s: relu -> conv 3x3 4 -> u: relu\n@s -> crop like=@u -> add { id | @u } -> gap -> flatten",
        "upsample to=7x9 -> layernorm -> groupnorm 2 -> flatten -> linear 3",
        "conv 3x3 4 /2 pad=same_upper -> maxpool 3x3 /2 pad=same_lower -> depthwise 5x5 /2 pad=same_lower -> gap",
        "maxpool 3x3 /2 ceil_mode=yes -> avgpool 3x3 /2 pad=1 ceil_mode=yes count_pad=yes -> gap -> flatten",
        "avgpool 3x3 /2 pad=1 ceil_mode=yes count_pad=no -> upsample to=dims(4*in.c, 4*in.c) -> flatten -> linear 2",
        "channel_shuffle 2 -> conv_transpose 2x2 4 /2 -> pixel_shuffle 2 -> reshape 1 -1 -> gap -> flatten",
    ],
)
def test_what_works_at_any_size(step: str) -> None:
    """One file, and at every size it computes what the network written for that size does."""
    text = "model Any {{\n input 3x{}{}\n conv 3x3 4 pad=1\n {}\n}}\n"
    result = good(text.format("32x32", " size=any", step))
    made = lowered(result)
    assert result.built is not None
    arrays = arrays_of(result.built.graph, result.built.shapes)
    for size in ((3, 32, 32), (3, 33, 47), (3, 21, 30)):
        fixed = good(text.format(f"{size[1]}x{size[2]}", "", step)).built
        assert fixed is not None
        expected = lower(fixed.graph, fixed.shapes, arrays, Metadata(""))
        values = given(result, 2, input=size)
        found, told = (run(each, values)["output"] for each in (made, expected))
        assert np.abs(found - told).max() <= 1e-5 * np.abs(told).max()


@pytest.mark.parametrize(
    "step",
    [
        "flatten -> linear 3",
        "layernorm over=all -> gap -> flatten",
        "maxpool 3x3 /3 pad=1 ceil_mode=yes -> gap -> flatten",  # whether a window starts in the padding depends on W
        "conv 3x3 4 /2 dilation=2 pad=same_upper -> gap -> flatten",
        "upsample to=dims(in.h, 2*in.w) -> gap -> flatten",
        "if in.h > 70 { relu }\n gap -> flatten",
        "(maxpool 2x2 /1) x(in.w//16) -> gap -> flatten",
        "permute 1 0 2 -> B -> gap -> flatten",
    ],
)
def test_a_network_that_is_another_at_other_sizes_is_refused(step: str) -> None:
    text = "block B() { slice 0 in.c//2 -> permute 1 0 2 }\n"
    result = good(f"{text}model Fixed {{\n input 3x32x32 size=any\n conv 3x3 4 pad=1\n {step}\n}}\n")
    with pytest.raises(ExportError, match="for any size") as caught:
        lowered(result)
    assert "size=any" in str(caught.value.hint)


@pytest.mark.parametrize(
    ("step", "message", "hint"),
    [
        ("flatten -> linear 3", "`linear1` (linear, model.cnn:4:13) ", "`gap -> flatten` makes a vector"),
        ("upsample to=dims(in.h, 2*in.w)", "it has other arguments", "`like=@label` takes the size of a map"),
        ("layernorm over=all", "it has 4x33x33 numbers in `weight`, not 4x32x32", "export one size"),
        ("conv 3x3 4 /2 dilation=2 pad=same_upper", "it is computed in another way", "export one size"),
        ("(maxpool 2x2 /1) x(in.w//64)", "", "export one size"),
    ],
)
def test_where_it_is_another_and_how_is_told(step: str, message: str, hint: str) -> None:
    result = good(f"model Fixed {{\n input 3x32x32 size=any\n conv 3x3 4 pad=1\n {step} -> id\n}}\n")
    with pytest.raises(ExportError, match="for any size") as caught:
        lowered(result)
    assert message in str(caught.value)
    assert str(caught.value.hint).startswith(hint)


def test_a_network_for_some_sizes_only_is_asked_at_those() -> None:
    """Multiples of 128 at least; what is another there is found at twice the size, and nothing is taken on trust."""
    halves = "a: relu -> maxpool 2x2 x7 -> upsample 128 -> add { id | @a }"
    text = "model Deep {{\n input 3x128x256 size=any\n require in.h % 128 == 0, macs < 1G\n {}\n {}\n}}\n"
    made = lowered(good(text.format(halves, "gap -> flatten")))
    for shape in ((1, 3, 128, 128), (1, 3, 384, 128)):
        assert run(made, {"input": np.ones(shape, np.float32)})["output"].shape == (1, 3)
    with pytest.raises(ExportError, match="for any size"):
        lowered(good(text.format(halves, "flatten -> linear 1")))
    with pytest.raises(ExportError, match="takes no other size of the input that was tried"):
        lowered(good(text.format(halves, "require in.h == 128, in.w == 256")))


def test_what_cannot_be_lowered() -> None:
    built = good("model Small {\n input x: 3x4x4\n output y: linear: { flatten -> linear 2 }\n}\n").built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    arrays = arrays_of(graph, shapes)
    (weight,) = (name for name in arrays if name.endswith("weight"))
    for broken, word in (
        ({**arrays, weight: arrays[weight][:1]}, "float32 2x48, but float32 1x48 was given"),
        ({**arrays, weight: arrays[weight].astype(float)}, "float64 2x48 was given"),
        ({}, "missing"),
    ):
        with pytest.raises(ExportError, match=word):
            lower(graph, shapes, broken, Metadata(""))
    for name, word in (("x", "an input"), (weight, "a weight")):
        same = Graph(graph.name, graph.nodes, graph.scopes, {name: graph.outputs["y"]}, {})
        with pytest.raises(ExportError, match=word):
            lower(same, shapes, arrays, Metadata(""))
    with pytest.raises(ExportError, match="not known"):
        lower(graph, {**shapes, graph.outputs["y"]: None}, arrays, Metadata(""))


# -- files ------------------------------------------------------------------------------------------------------------


def written(path: str, limit: str) -> None:
    """What another process does, to compare its bytes."""
    save(lowered(good(RESIDUAL)), Path(path), limit=int(limit))


@pytest.mark.parametrize("limit", [10**9, 3000])
def test_the_same_bytes_in_another_process(limit: int, tmp_path: Path) -> None:
    ours = save(lowered(good(RESIDUAL)), tmp_path / "model.onnx", limit)
    assert len(ours) == (2 if limit == 3000 else 1)
    other = tmp_path / "other"
    other.mkdir()
    program = "import sys; from tests.test_onnx import written; written(*sys.argv[1:])"
    command = [sys.executable, "-c", program, str(other / "model.onnx"), str(limit)]
    subprocess.run(command, env={**os.environ, "PYTHONHASHSEED": "123"}, cwd=ROOT, check=True)
    for path in ours:
        assert path.read_bytes() == (other / path.name).read_bytes()
        assert str(tmp_path).encode() not in path.read_bytes()


def test_one_file_and_a_pair_run_alike(tmp_path: Path) -> None:
    result = good("model Wide {\n input 100\n linear 300 -> relu -> linear 30\n}\n")
    made = lowered(result)
    (whole,) = save(made, tmp_path / "whole.onnx")
    assert whole.read_bytes() == made.SerializeToString(deterministic=True)
    assert size_of(made) == whole.stat().st_size
    pair = save(made, tmp_path / "pair.onnx", limit=size_of(made) - 1)
    assert [each.name for each in pair] == ["pair.onnx", "pair.onnx.data"]
    onnx.checker.check_model(str(pair[0]), full_check=True)
    loaded = onnx.load(str(pair[0]))
    for each in loaded.graph.initializer:
        each.ClearField("data_location")  # which `load` leaves at its default, but said
    assert loaded == made
    bare = onnx.load(str(pair[0]), load_external_data=False)
    outside = [each.name for each in bare.graph.initializer if each.data_location == TensorProto.EXTERNAL]
    assert outside == ["linear1.weight", "linear1.bias", "linear2.weight"]
    for each in bare.graph.initializer:
        entries = {entry.key: entry.value for entry in each.external_data}
        assert int(entries.get("offset", 0)) % 4096 == 0
        assert entries.get("location", "pair.onnx.data") == "pair.onnx.data"
    inputs = given(result, 3)
    assert np.array_equal(run(whole, inputs)["output"], run(pair[0], inputs)["output"])
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pair.onnx", "pair.onnx.data", "whole.onnx"]


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    made = lowered(good("model Small {\n input 4\n linear 2\n}\n"))
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for path, word in (
        (tmp_path / "missing" / "m.onnx", "No such file"),
        (tmp_path / "file" / "m.onnx", "Not a directory"),
        (tmp_path / "folder", "Is a directory"),
        (Path(os.devnull), "no regular file"),
    ):
        with pytest.raises(ExportError, match=word) as caught:
            save(made, path)
        assert str(path) in caught.value.message
    assert sorted(each.name for each in tmp_path.iterdir()) == ["file", "folder"]


class Broken:
    """Lets `calls` calls of the system pass and then fails, as a full disk does; or stops, as a signal does."""

    def __init__(self, calls: int, error: BaseException) -> None:
        self.left = calls
        self.error = error

    def wrap(self, function: Any) -> Any:
        def call(*arguments: Any, **more: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise self.error
            return function(*arguments, **more)

        return call


@pytest.mark.parametrize("limit", [10**9, 3000])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_at_any_moment_leaves_no_half(
    limit: int, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = lowered(good(RESIDUAL)), lowered(good(RESIDUAL.replace("linear 5", "linear 7")))
    path, failures = tmp_path / "m.onnx", 0
    while True:
        save(old, path, limit)
        before = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
        broken = Broken(failures, error)
        with monkeypatch.context() as patch:
            for name in ("fsync", "replace"):
                patch.setattr(os, name, broken.wrap(getattr(os, name)))
            patch.setattr(Path, "unlink", broken.wrap(Path.unlink))
            with contextlib.suppress(ExportError, KeyboardInterrupt):
                save(new, path, limit)
                break
        failures += 1
        for left in tmp_path.glob(".*"):
            left.unlink()  # the failing system could not remove it
        after = {each.name: each.read_bytes() for each in tmp_path.iterdir()}
        if path.exists() and after != before:
            assert onnx.load(str(path)) == new
    assert failures >= 3
    assert onnx.load(str(path)) == new
    assert not list(tmp_path.glob(".*"))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="limits the size of files as Unix does")
def test_no_room(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
from cnnspec.lower.errors import ExportError
from cnnspec.lower.onnx_file import save
from tests.test_onnx import RESIDUAL, good, lowered
made = lowered(good(RESIDUAL))
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    save(made, Path(sys.argv[1]) / "m.onnx")
except ExportError as error:
    print(error.message)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "m.onnx`: File too large" in result.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")
def test_the_weights_are_held_twice_at_most(tmp_path: Path) -> None:
    program = """
import resource, sys
from pathlib import Path
import onnx
from cnnspec.lower.onnx_file import save
from tests.test_onnx import Metadata, full_weights, good, initialise, lower
built = good("model Wide {\\n input 1200\\n linear 1200 x8\\n}\\n").built
arrays = initialise(full_weights(built.graph, built.shapes), 0)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
save(lower(built.graph, built.shapes, arrays, Metadata("")), Path(sys.argv[1]) / "m.onnx", int(sys.argv[2]))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    for limit in ("1000000000", "1000"):
        command = [sys.executable, "-c", program, str(tmp_path), limit]
        result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        weights = 8 * 1200 * 1201 * 4 / 1024
        assert int(result.stdout) < 1.8 * weights  # one copy, and what is at hand of one tensor

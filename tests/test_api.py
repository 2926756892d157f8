"""The compiler from Python."""

import os
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image
from safetensors.numpy import save_file

import cnnspec
from tests import ROOT
from tests.networks import truth

PUBLIC = {
    "BudgetWarning",
    "Diff",
    "ExportError",
    "Model",
    "Report",
    "RunError",
    "SpecError",
    "Sweep",
    "WeightsError",
    "__version__",
    "check",
    "diff",
    "format_text",
    "load",
    "loads",
    "sweep",
    "zoo",
}
MODEL = {
    "within_budget",
    "counted",
    "diagnostics",
    "explain",
    "export",
    "field",
    "formulas",
    "graph",
    "inputs",
    "macs",
    "memory",
    "name",
    "outputs",
    "params",
    "projective_field",
    "recipe",
    "report",
    "run",
    "shapes",
    "sizes",
    "sweep",
    "torch_source",
}
REPORT = {"to_csv", "to_dict", "to_html", "to_json", "to_markdown", "to_text"}

TEXT = 'cnn 1\nmodel Small(c=4, kind="a") {\n  input 3x8x8\n  conv 3x3 c -> relu -> gap -> flatten -> linear 3\n}\n'


def test_public_names_are_these() -> None:
    assert set(cnnspec.__all__) == PUBLIC
    assert set(dir(cnnspec)) == PUBLIC
    for name in PUBLIC:
        assert getattr(cnnspec, name) is not None
    assert {name for name in dir(cnnspec.Model) if not name.startswith("_")} == MODEL
    assert {name for name in dir(cnnspec.Report) if not name.startswith("_")} == REPORT
    with pytest.raises(AttributeError, match="bake"):
        cnnspec.bake  # noqa: B018  (that it raises is what is tested)


def test_import_brings_nothing() -> None:
    script = "import sys; a = set(sys.modules); import cnnspec; print(*sorted(set(sys.modules) - a))"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True)
    assert found.stdout.split() == ["cnnspec"]


def test_load_with_parameters_and_another_input() -> None:
    model = cnnspec.load("zoo:resnet50")
    known = truth("networks")["resnet50"]
    assert (model.name, model.params, model.macs) == ("ResNet50", known["params"], known["conv_linear_macs"])
    assert model.inputs == {"input": (3, 224, 224)}
    assert model.outputs == {"output": (1000,)}
    assert model.shapes["layer1.0.conv1"] == (64, 56, 56)
    assert model.diagnostics == []
    assert "25,557,032" in repr(model)
    for given in ("3x64x64", (3, 64, 64), {"input": "3x64x64"}):
        assert cnnspec.load("zoo:resnet50", input=given, classes=10).outputs == {"output": (10,)}
    path = ROOT / "examples" / "mobilenet_v1.cnn"
    half = truth("networks")["mobilenet_v1_0.5_160"]
    model = cnnspec.load(path, width=0.5, input=(3, 160, 160))
    assert (model.params, model.macs) == (half["params"], half["conv_linear_macs"])


def test_parameters_of_all_kinds() -> None:
    program = (
        'cnn 1\nmodel A(k=3x3, wide=no, act=relu, text="a", limits=8) {\n'
        '  input 3x8x8\n  conv k limits -> act\n  if wide { conv 1x1 99 }\n  if text == "b c" { padc 100 }\n}\n'
    )
    model = cnnspec.loads(program, k=(1, 5), wide=True, act="tanh", text="b c", parameters={"limits": 4})
    assert model.shapes["conv1"] == (4, 8, 4)
    assert model.graph.nodes["act1"].layer.word == "tanh"
    assert model.outputs == {"output": (100, 8, 4)}
    with pytest.raises(TypeError, match="a parameter is"):
        cnnspec.loads(program, k=object())


def test_errors_are_raised_as_they_are_shown() -> None:
    with pytest.raises(cnnspec.SpecError) as caught:
        cnnspec.loads(TEXT.replace("conv", "covn"), name="mine.cnn")
    assert [each.id for each in caught.value.diagnostics] == ["unknown-word"]
    assert "  --> mine.cnn:4:3" in str(caught.value)
    assert "did you mean `conv`?" in str(caught.value)
    assert "\x1b" not in str(caught.value)
    with pytest.raises(cnnspec.SpecError, match="there is no file"):
        cnnspec.load("no/such.cnn")
    with pytest.raises(cnnspec.SpecError, match="no parameter `with`"):
        cnnspec.load("zoo:mobilenet_v2", parameters={"with": 1})
    with pytest.raises(cnnspec.SpecError, match="more than 1 layer"):
        cnnspec.loads(TEXT, limits={"nodes": 1})
    with pytest.raises(ValueError, match="no shape"):
        cnnspec.loads(TEXT, input="3xx8")


def test_check_takes_one_or_several(tmp_path: Path) -> None:
    bad = tmp_path / "bad.cnn"
    bad.write_text(TEXT.replace("relu", "rellu"), encoding="utf-8")
    assert cnnspec.check("zoo:lenet") == []
    assert [each.id for each in cnnspec.check(bad)] == ["unknown-word"]
    assert len(cnnspec.check(["zoo:lenet", bad, str(bad)])) == 2
    assert [each.file for each in cnnspec.check(os.fspath(tmp_path / "none.cnn"))] == [str(tmp_path / "none.cnn")]


def test_the_zoo_loads() -> None:
    names = cnnspec.zoo()
    assert {"resnet50", "mobilenet_v2", "lenet"} <= set(names)
    assert cnnspec.load(f"zoo:{names[0]}").params


def test_a_report_is_text_data_and_a_table_in_a_notebook() -> None:
    report = cnnspec.loads(TEXT).report()
    assert report.to_dict()["totals"]["params"] == 3 * 9 * 4 + 4 + 4 * 3 + 3
    assert str(report).startswith("Small  3x8x8 → 3  <text>\n")
    assert report._repr_html_().startswith("<div>")
    assert cnnspec.loads(TEXT)._repr_html_() == report._repr_html_()
    assert "name,step" in report.to_csv()
    assert report.to_markdown().startswith("## Small")
    assert report.to_json().isascii()
    assert len(cnnspec.load("zoo:resnet18").report(levels=1).to_csv().splitlines()) < 15
    with pytest.raises(ValueError, match="batch"):
        cnnspec.loads(TEXT).report(batch=0)


def test_export_from_a_seed_a_file_and_arrays(tmp_path: Path) -> None:
    model = cnnspec.loads(TEXT)
    one = model.export(tmp_path / "one.onnx", seed=7)
    assert one.files == (tmp_path / "one.onnx",)
    assert one.inputs == {"input": ("batch", 3, 8, 8)}
    assert one.outputs == {"output": ("batch", 3)}
    assert one.bytes == (tmp_path / "one.onnx").stat().st_size
    held = {each.name: onnx.numpy_helper.to_array(each) for each in onnx.load(tmp_path / "one.onnx").graph.initializer}
    weights = {name: array for name, array in held.items() if name.startswith(("conv1", "linear1"))}
    save_file(weights, tmp_path / "weights.safetensors")
    model.export(tmp_path / "two.onnx", weights=tmp_path / "weights.safetensors")
    model.export(tmp_path / "three.onnx", weights=weights)
    two, three = ((tmp_path / f"{name}.onnx").read_bytes() for name in ("two", "three"))
    assert two == three
    assert {each.name for each in onnx.load(tmp_path / "two.onnx").graph.initializer} == set(held)


def test_export_refuses_what_is_not_told(tmp_path: Path) -> None:
    model = cnnspec.loads(TEXT)
    with pytest.raises(ValueError, match="nothing says"):
        model.export(tmp_path / "a.onnx")
    with pytest.raises(ValueError, match="too much"):
        model.export(tmp_path / "a.onnx", seed=1, weights={})
    with pytest.raises(cnnspec.WeightsError, match=r"conv1\.weight"):
        model.export(tmp_path / "a.onnx", weights={"conv1.weight": np.zeros((4, 3, 5, 5), "float32")})
    with pytest.raises(cnnspec.ExportError, match="cannot write"):
        model.export(tmp_path / "none" / "a.onnx", seed=1)
    assert list(tmp_path.iterdir()) == []
    assert cnnspec.loads("cnn 1\nmodel A {\n  input 3x8x8\n  relu\n}\n").export(tmp_path / "a.onnx").bytes


def test_converted_numbers_are_noted(tmp_path: Path) -> None:
    model = cnnspec.loads("cnn 1\nmodel A {\n  input 3\n  linear 2 bias=no\n}\n")
    with pytest.warns(UserWarning, match="float64 to float32"):
        model.export(tmp_path / "a.onnx", weights={"linear1.weight": np.zeros((2, 3), "float64")})


def test_run_names_what_is_on_pictures(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    for name, colour in (("red", (250, 0, 0)), ("blue", (0, 0, 250))):
        Image.new("RGB", (20, 20), colour).save(tmp_path / f"{name}.png")
    (tmp_path / "names.txt").write_text("red\ngreen\nblue\n", encoding="utf-8")
    text = (
        'cnn 1\nmodel Colour {\n  input 3x8x8\n  image { resize 8x8 -> rescale 1/255 }\n  labels "names.txt"\n'
        "  gap -> flatten -> linear 3 bias=no\n}\n"
    )
    (tmp_path / "colour.cnn").write_text(text, encoding="utf-8")
    model = cnnspec.load(tmp_path / "colour.cnn")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        found = model.run(tmp_path, weights={"linear1.weight": np.eye(3, dtype="float32") * 9}, top=2, device="cpu")
    assert [(Path(each.image).stem, each.top[0].label) for each in found] == [("blue", "blue"), ("red", "red")]
    assert all(len(each.top) == 2 and 0.9 < each.top[0].score <= 1 for each in found)
    with pytest.raises(ValueError, match="nothing says"):
        model.run(tmp_path)
    with pytest.raises(cnnspec.RunError, match="no device"):
        model.run(tmp_path, seed=1, device="abacus")
    (bad,) = model.run(tmp_path / "none.png", weights={"linear1.weight": np.eye(3, dtype="float32")}, device="cpu")
    assert bad.error
    assert bad.top == ()

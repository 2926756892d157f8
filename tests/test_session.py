"""Opening models: files that are none, and devices that are not there."""

import subprocess
import sys
import types

import numpy as np
import pytest

from cnnspec.runtime.device import CPU, CUDA
from cnnspec.runtime.errors import DeviceError, ModelError
from cnnspec.runtime.session import open_session
from tests import tiny_onnx

ort = pytest.importorskip("onnxruntime")
without_cuda = pytest.mark.skipif(CUDA in ort.get_available_providers(), reason="this onnxruntime has CUDA")


def test_a_session_says_what_it_is():
    session = open_session(tiny_onnx.colours(metadata={"a": "b"}), "cpu")
    assert session.provider == CPU
    assert session.inputs == (("x", (None, 3, 8, 8), "tensor(float)"),)
    assert session.outputs == (("y", (None, 3), "tensor(float)"),)
    assert session.metadata == {"a": "b"}
    assert session.notes == ()


def test_a_session_runs_any_batch_and_several_inputs():
    session = open_session(tiny_onnx.colours(), "cpu", threads=1)
    for batch in (1, 3):
        made = session.run(np.ones((batch, 3, 8, 8), np.float32))
        np.testing.assert_allclose(made["y"], np.full((batch, 3), tiny_onnx.GAIN))
    session = open_session(tiny_onnx.two_inputs(), "cpu")
    one = np.ones((2, 3), np.float64)  # made what the model wants
    assert session.run({"left": one, "right": one})["y"].tolist() == [[2, 2, 2]] * 2
    with pytest.raises(ModelError, match="the model failed while it ran: Got invalid dimensions for input: right"):
        session.run({"left": one, "right": np.ones((2, 5))})


def test_a_file_and_bytes_are_the_same(tmp_path):
    (tmp_path / "a.onnx").write_bytes(tiny_onnx.colours())
    made = [
        open_session(each, "cpu").run(np.ones((1, 3, 8, 8)))["y"] for each in (tmp_path / "a.onnx", tiny_onnx.colours())
    ]
    np.testing.assert_array_equal(*made)


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"not a model at all", "is not taken by onnxruntime"),
        (tiny_onnx.colours()[:100], "is not taken by onnxruntime"),
        (tiny_onnx.newer_than_known(), r"is not taken by onnxruntime [\d.]+: Unsupported model IR version: 99"),
        (b"version https://git-lfs.github.com/spec/v1\n", "is a Git LFS pointer"),
    ],
    ids=["empty", "text", "truncated", "newer", "lfs"],
)
def test_files_that_are_no_models(tmp_path, content, message, capfd):
    (tmp_path / "a.onnx").write_bytes(content)
    with pytest.raises(ModelError, match=message):
        open_session(tmp_path / "a.onnx", "cpu")
    assert capfd.readouterr() == ("", "")


def test_paths_that_are_no_files(tmp_path):
    for path, message in (
        (tmp_path, "is a folder"),
        (tmp_path / "no", "cannot be read: no such file"),
        ("a\0", "null"),
    ):
        with pytest.raises(ModelError, match=message):
            open_session(path, "cpu")


def test_a_model_that_crashes_onnxruntime_is_a_message(tmp_path):
    path = tmp_path / "a.onnx"
    path.write_bytes(tiny_onnx.crashing())
    load = "import sys, onnxruntime; onnxruntime.InferenceSession(sys.argv[1], providers=['CPUExecutionProvider'])"
    if subprocess.run([sys.executable, "-c", load, str(path)], capture_output=True, check=False).returncode >= 0:
        pytest.skip("this onnxruntime does not crash")
    with pytest.raises(ModelError, match=r"a\.onnx makes onnxruntime crash \(SIG"):
        open_session(path, "cpu")


# -- devices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["gpu", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "", "auto:1", "cuda:²"])
def test_devices_that_do_not_exist(name):
    with pytest.raises(DeviceError, match="there is no device") as found:
        open_session(tiny_onnx.colours(), name)
    assert found.value.hint == "auto, cpu, cuda and cuda:1 are"


def test_threads():
    with pytest.raises(DeviceError, match="0 threads"):
        open_session(tiny_onnx.colours(), "cpu", threads=0)


@without_cuda
def test_cuda_that_is_not_built_in(capfd):
    with pytest.raises(DeviceError, match="`cuda:1` cannot be had: this onnxruntime is built without it") as found:
        open_session(tiny_onnx.colours(), "cuda:1")
    assert "pip install 'cnnspec[gpu]'" in str(found.value.hint)
    assert capfd.readouterr() == ("", "")


@without_cuda
def test_both_wheels_are_named_as_the_cause(tmp_path, monkeypatch):
    for name in ("onnxruntime", "onnxruntime-gpu"):
        folder = tmp_path / f"{name.replace('-', '_')}-1.20.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.20.0\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(DeviceError, match="onnxruntime and onnxruntime-gpu are both installed") as found:
        open_session(tiny_onnx.colours(), "cuda")
    assert found.value.hint == "pip uninstall -y onnxruntime onnxruntime-gpu, then pip install 'cnnspec[gpu]'"


@without_cuda
def test_auto_says_why_not_cuda():
    session = open_session(tiny_onnx.colours())
    assert session.provider == CPU
    assert len(session.notes) == 1
    assert session.notes[0].startswith("runs on the CPU; not on CUDA: ")


def test_without_onnxruntime(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(DeviceError, match="onnxruntime is not installed") as found:
        open_session(tiny_onnx.colours())
    assert "pip install 'cnnspec[cpu]'" in str(found.value.hint)


def test_half_an_onnxruntime(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", types.ModuleType("onnxruntime"))
    with pytest.raises(DeviceError, match="installed in part"):
        open_session(tiny_onnx.colours())


@pytest.fixture
def falling_back(monkeypatch):
    """onnxruntime as it is where CUDA is built in and a library of it is missing: it prints, and takes the CPU."""

    class FallingBack(ort.InferenceSession):
        def __init__(self, model, options, providers, **more):
            if providers != [CPU]:
                print("*************** EP Error ***************")  # noqa: T201 - what is to be kept from the output
            super().__init__(model, options, providers=[CPU], **more)

    fake = types.ModuleType("onnxruntime")
    vars(fake).update(vars(ort))
    fake.get_available_providers = lambda: [CUDA, CPU]
    fake.InferenceSession = FallingBack
    monkeypatch.setitem(sys.modules, "onnxruntime", fake)


@pytest.mark.usefixtures("falling_back")
def test_a_quiet_fall_back_is_an_error(capfd):
    with pytest.raises(DeviceError, match="the device `cuda` cannot be had") as found:
        open_session(tiny_onnx.colours(), "cuda")
    assert found.value.hint
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("falling_back")
def test_auto_falls_back_and_says_so(capfd):
    session = open_session(tiny_onnx.colours(), "auto")
    assert session.provider == CPU
    assert session.notes[0].startswith("runs on the CPU; not on CUDA: ")
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(CUDA not in ort.get_available_providers(), reason="this onnxruntime has no CUDA")
def test_cuda_gives_what_the_cpu_gives():
    batch = np.random.default_rng(0).random((2, 3, 8, 8), np.float32)
    session = open_session(tiny_onnx.colours("softmax"), "cuda")
    assert session.provider == CUDA
    wanted = open_session(tiny_onnx.colours("softmax"), "cpu").run(batch)["y"]
    np.testing.assert_allclose(session.run(batch)["y"], wanted, rtol=1e-4)

"""Files of other kinds: each is told in one error what it is and what to do."""

import io
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save

import cnnspec
from cnnspec.build.options import Limits
from cnnspec.cli.app import run
from cnnspec.files import read_source
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from tests import ROOT

PYTHON = "import torch\nfrom torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        pass\n"


def _npz() -> bytes:
    file = io.BytesIO()
    np.savez(file, a=np.zeros(3))
    return file.getvalue()


def _torch(made: str) -> bytes:
    torch = pytest.importorskip("torch")
    file = io.BytesIO()
    torch.save({"a": torch.zeros(3)}, file, _use_new_zipfile_serialization=made == "zip")
    return file.getvalue()


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        made.writestr("readme.txt", "hello")
    return file.getvalue()


KNOWN = {
    "w.safetensors": (lambda: save({"a": np.zeros(3, np.float32)}), "weights in safetensors"),
    "w.npz": (_npz, "arrays of numpy"),
    "w.pth": (lambda: _torch("zip"), "a checkpoint of torch"),
    "old.pth": (lambda: _torch("pickle"), "a checkpoint of torch"),
    "p.pkl": (lambda: pickle.dumps({"a": 1}), "a checkpoint of torch"),
    "w.h5": (lambda: b"\x89HDF\r\n\x1a\n\0\0", "a file of Keras or HDF5"),
    "a.zip": (_zip, "an archive"),
    "a.pdf": (lambda: b"%PDF-1.7\n%\xe2\xe3", "a PDF"),
    "p.png": (lambda: b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture"),
    "page.html": (lambda: b"<!-- made -->\n<!DOCTYPE html>\n<html><body>cnn 1</body></html>", "an HTML page"),
    "page.svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "XML"),
    "book.ipynb": (lambda: b'{\n "cells": [],\n "nbformat": 4\n}', "a notebook"),
    "data.json": (lambda: b'{"model": null}', "JSON"),
    "list.json": (lambda: b"[1, 2]", "JSON"),
    "net.py": (lambda: PYTHON.encode(), "Python"),
    "said.py": (lambda: b'#!/usr/bin/env python\n"""A network."""\nx = 3\n', "Python"),
}


@pytest.mark.parametrize("name", KNOWN)
def test_it_is_told_what_a_file_is(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made, what = KNOWN[name]
    (tmp_path / name).write_bytes(made())
    assert run(["report", str(tmp_path / name)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("error") == 2  # and the count of them
    assert f"is {what}, not a network as text" in said.err


@pytest.mark.parametrize("name", [name for name in KNOWN if name != "said.py"])
def test_whatever_its_name_is(name: str, tmp_path: Path) -> None:
    made, what = KNOWN[name]
    (tmp_path / "model.cnn").write_bytes(made())
    found = read_source(str(tmp_path / "model.cnn"), Limits())
    assert isinstance(found, Diagnostic)
    assert f"is {what}," in found.message


def test_an_onnx_model_is_known_though_it_is_large(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    model = cnnspec.load("zoo:resnet18")
    model.export(tmp_path / "r.onnx", seed=0)
    (tmp_path / "model.cnn").write_bytes((tmp_path / "r.onnx").read_bytes())
    for name in ("r.onnx", "model.cnn"):
        assert run(["check", str(tmp_path / name)]) == 2
        said = capsys.readouterr().err
        assert "is an ONNX model" in said
        assert "`cnnspec run` and `eval`" in said
        assert "file_bytes" not in said


def test_a_name_says_it_where_the_bytes_do_not(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"\0\0\0")
    found = read_source(str(tmp_path / "m.onnx"), Limits())
    assert isinstance(found, Diagnostic)
    assert found.id == "foreign-file"


@pytest.mark.parametrize(
    "text",
    [
        "# import torch\nmodel Net { input 3x8x8 }\n",
        "\n\ncnn 1\nmodel Net { input 3x8x8 }\n",
        "Model Net {\n  input 3x8x8\n}\n",
        "import torch\nmodel Net {\n  input 3x8x8\n}\n",
        "{\n  input 3x8x8\n}\n",
        "input 3x8x8\n",
        "@left -> conv 3x3 8\n",
        "class = 3\n",
    ],
)
def test_what_may_be_a_text_is_read_as_one(text: str, tmp_path: Path) -> None:
    (tmp_path / "model.cnn").write_text(text, encoding="utf-8")
    assert isinstance(read_source(str(tmp_path / "model.cnn"), Limits()), Source)


def test_a_text_of_ours_is_one_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text("cnn 1\nmodel Net { input 3x8x8 }\n", encoding="utf-8")
    assert isinstance(read_source(str(tmp_path / "net.py"), Limits()), Source)


def test_every_example_and_template_is_a_text() -> None:
    for path in sorted((*(ROOT / "examples").rglob("*.cnn"), *(ROOT / "templates").rglob("*.cnn"))):
        assert isinstance(read_source(str(path), Limits()), Source), path

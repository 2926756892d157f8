"""What a file is that holds no network as text, by its first bytes and its name: ONNX, weights, pages, programs."""

import os
import re
from collections.abc import Callable
from typing import NamedTuple

TEXT = "a text of cnnspec begins with `cnn 1` or `model`"
OWN = re.compile(rb"(?:\s|#[^\n]*\n)*(?:cnn\s+\d|(?:model|block|use|set|let)\s+[\w\"])")
"""How a text begins, behind its comments."""

_PYTHON = re.compile(rb"(?:\s|#[^\n]*\n)*(?:import \w|from [\w.]+ import |def \w+\(|class \w+[(:])")
_PYTHON_BODY = re.compile(rb"^\s*(?:class \w+(?:\(.*\))?|def \w+\(.*\).*):\s*$", re.MULTILINE)
_HTML = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"\s*<(?:\?xml|!doctype|svg)\b", re.IGNORECASE)
_JSON = re.compile(rb"\s*(?:\{\s*(?:\"|\})|\[\s*[\[{\"\d\]-])")
_SAFETENSORS = re.compile(rb".{3}\x00{5}\{\s*\"", re.DOTALL)
_PROTOBUF = re.compile(rb"\x08[\x01-\x1f](?:[\x12\x1a\x22\x2a\x32\x3a\x42])", re.DOTALL)
_ARCHIVE = re.compile(rb"PK\x03\x04|\x1f\x8b")
_PICTURE = re.compile(rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}", re.DOTALL)


class Kind(NamedTuple):
    """`what` a file is, and what to do about it; `fits` says whether the first bytes are such, `endings` are names that
    say it where the bytes do not say that it is a text of ours."""

    what: str
    help: str
    fits: Callable[[bytes], object]
    endings: tuple[str, ...] = ()


WEIGHTS = "weights go beside a text: `cnnspec export model.cnn --weights FILE -o model.onnx`"
KINDS = (
    Kind(
        "an ONNX model",
        "`cnnspec run` and `eval` read one, by its ending .onnx; the other commands are about texts",
        _PROTOBUF.match,
        (".onnx",),
    ),
    Kind("weights in safetensors", WEIGHTS, _SAFETENSORS.match, (".safetensors",)),
    Kind("arrays of numpy", WEIGHTS, lambda data: data[:6] == b"\x93NUMPY" or _zip_of(data, b".npy"), (".npz", ".npy")),
    Kind(
        "a checkpoint of torch",
        WEIGHTS,
        lambda data: (
            _zip_of(data, b"/data.pkl", b"/version", b"/.format_version", b"/byteorder")
            or data[:2] in (b"\x80\x02", b"\x80\x04", b"\x80\x05")
        ),
        (".pt", ".pth", ".ckpt"),
    ),
    Kind(
        "a file of Keras or HDF5",
        "its numbers go through `.npz` or safetensors; " + TEXT,
        lambda data: data[:4] == b"\x89HDF",
        (".h5", ".hdf5", ".keras"),
    ),
    Kind("a picture", "`cnnspec run model.cnn PICTURE` takes one", _PICTURE.match, (".png", ".jpg", ".jpeg")),
    Kind("a PDF", TEXT, lambda data: data[:5] == b"%PDF-", (".pdf",)),
    Kind(
        "an archive",
        "unpack it first",
        _ARCHIVE.match,
        (".zip", ".gz", ".tar"),
    ),
    Kind(
        "an HTML page",
        f"{TEXT}; from a web site take the raw file",
        _HTML.match,
        (".html", ".htm"),
    ),
    Kind("XML", TEXT, _XML.match, (".xml", ".svg")),
    Kind("a notebook", TEXT, lambda data: _JSON.match(data) and b'"nbformat"' in data, (".ipynb",)),
    Kind("JSON", TEXT, _JSON.match, (".json",)),
    Kind(
        "Python",
        f"{TEXT}; `cnnspec new` writes a first one",
        _PYTHON.match,
        (".py",),
    ),
)


def foreign(start: bytes, name: str) -> Kind | None:
    """What a file is that begins with these bytes and has this name; None for what may be a text of ours."""
    start = start.removeprefix(b"\xef\xbb\xbf")
    if OWN.match(start):
        return None
    ending = os.path.splitext(name)[1].lower()
    for kind in KINDS:
        if kind.fits(start) and (kind.what != "Python" or ending != ".cnn" or _PYTHON_BODY.search(start)):
            return kind
    return next((kind for kind in KINDS if ending in kind.endings), None) if start.strip() else None


def _zip_of(data: bytes, *endings: bytes) -> bool:
    """Whether an archive's first member has a name that ends so."""
    if data[:4] != b"PK\x03\x04" or len(data) < 30:
        return False
    return data[30 : 30 + int.from_bytes(data[26:28], "little")].endswith(endings)

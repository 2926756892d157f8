"""Weights from files: the same numbers that torch, NumPy and safetensors read, and nothing executed, ever."""

import contextlib
import io
import json
import os
import pickle
import random
import struct
import subprocess
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy

from cnnspec.lower.errors import WeightsError
from cnnspec.lower.weights import read_checkpoint, read_weights
from tests import ROOT

HEADER = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}X\r\x00\x00\x00little_endian\x88s."


def refused(path: Path) -> WeightsError:
    """The error that reading the file gives; it names the file."""
    with pytest.raises(WeightsError) as caught:
        read_weights(path)
    assert path.name in caught.value.message
    return caught.value


# -- torch as the judge -----------------------------------------------------------------------------------------------


def tensors(torch: Any) -> dict[str, Any]:
    """Tensors of every type that weights have, whole and as views that share storages."""
    torch.manual_seed(0)
    base = torch.randn(6, 8)
    made = {
        name: (torch.randn(3, 4) * 50).to(getattr(torch, name))
        for name in ("float64", "float32", "float16", "bfloat16", "int64", "int32", "int16", "int8", "uint8", "bool")
    }
    made |= {
        "transposed": base.t(),
        "slice": base[1:5:2, 2:7:3],
        "offset": base[3],
        "expanded": torch.tensor([1.5, 2.5]).view(2, 1).expand(2, 5),
        "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "bool_transposed": (base > 0).t(),
        "half_transposed": base.half().t(),
        "scalar": torch.tensor(7),
        "empty": torch.zeros(0, 3),
        "parameter": torch.nn.Parameter(torch.randn(2, 2)),
        "buffer": torch.nn.Buffer(torch.randn(3)),
    }
    return made


def save(torch: Any, what: Any, path: Path, form: str) -> Path:
    torch.save(what, path, _use_new_zipfile_serialization=form != "legacy", pickle_protocol=4 if form == "zip4" else 2)
    return path


def assert_equal(found: dict[str, Any], expected: dict[str, Any], torch: Any) -> None:
    assert list(found) == list(expected)
    for name, tensor in expected.items():
        wide = tensor.detach().float() if tensor.dtype in (torch.float16, torch.bfloat16) else tensor.detach()
        assert found[name].dtype == wide.numpy().dtype, name
        assert found[name].shape == tuple(tensor.shape), name
        assert found[name].flags.c_contiguous
        assert np.array_equal(found[name], wide.numpy()), name


@pytest.mark.torch
@pytest.mark.parametrize("form", ["legacy", "zip", "zip4"])
def test_equal_to_torch_load(form: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    made = tensors(torch)
    if form != "legacy":  # torch itself cannot read its own legacy file with these
        made |= {"uint16": torch.tensor([1, 65535], dtype=torch.uint16), "uint64": torch.ones(2, dtype=torch.uint64)}
    path = save(torch, made, tmp_path / "weights.pth", form)
    safe = form != "zip4"  # torch's own careful reader does not know protocol 4
    assert_equal(read_weights(path), torch.load(path, weights_only=safe), torch)
    assert read_checkpoint(path).format == ("torch (legacy)" if form == "legacy" else "torch")


@pytest.mark.torch
@pytest.mark.parametrize("form", ["legacy", "zip"])
def test_a_module_and_its_training(form: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4))
    optimizer = torch.optim.Adam(model.parameters())
    model(torch.randn(2, 3, 5, 5)).sum().backward()
    optimizer.step()
    average = torch.optim.swa_utils.AveragedModel(model)
    average.update_parameters(model)
    checkpoint = {
        "epoch": 3,
        "best_acc1": torch.tensor(0.5),
        "model_ema": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "state_dict": OrderedDict((f"module._orig_mod.{name}", each) for name, each in model.state_dict().items()),
        "size": torch.Size([3, 4]),
        "dtype": torch.float16,
    }
    path = save(torch, checkpoint, tmp_path / "checkpoint.pth.tar", form)
    taken = read_checkpoint(path)
    assert_equal(taken.arrays, dict(model.state_dict()), torch)
    assert (taken.entry, taken.others, taken.prefix) == ("state_dict", ("model_ema",), "module._orig_mod.")
    average_weights = read_checkpoint(path, entry="model_ema")
    assert_equal(average_weights.arrays, dict(model.state_dict()), torch)
    with pytest.raises(WeightsError, match="no entry `ema`") as caught:
        read_checkpoint(path, entry="ema")
    assert "`model_ema`" in str(caught.value.hint)


@pytest.mark.torch
def test_weights_from_a_big_endian_machine(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = save(torch, {"a": torch.arange(6.0).view(2, 3), "b": torch.arange(3)}, tmp_path / "little.pth", "zip")
    big = rezipped(path, tmp_path / "big.pth", lambda name, data: _swapped(name, data))
    assert_equal(read_weights(big), torch.load(big, weights_only=True), torch)
    assert read_weights(big)["a"].tolist() == [[0, 1, 2], [3, 4, 5]]


def _swapped(name: str, data: bytes) -> bytes:
    if name.endswith("byteorder"):
        return b"big"
    if name.endswith("/data/0"):
        return np.frombuffer(data, "<f4").astype(">f4").tobytes()
    return np.frombuffer(data, "<i8").astype(">i8").tobytes() if name.endswith("/data/1") else data


def rezipped(path: Path, to: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """The archive again, sound, with its records changed."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for info in old.infolist():
            new.writestr(info.filename, change(info.filename, old.read(info)))
    return to


@pytest.mark.torch
@pytest.mark.parametrize("form", ["legacy", "zip"])
def test_what_is_refused_of_torchs_own_files(form: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    path = save(torch, torch.nn.Linear(2, 3), tmp_path / "module.pth", form)
    error = refused(path)
    assert "it wants to run `torch.nn.modules.linear.Linear`; nothing was executed" in error.message
    assert "state_dict" in str(error.hint)
    assert "complex64" in refused(save(torch, {"a": torch.zeros(2, dtype=torch.complex64)}, path, form)).message
    assert "single tensor" in refused(save(torch, torch.zeros(2), path, form)).message
    assert "no tensors" in refused(save(torch, {"a": 1, "b": {"c": [2.5, "x", None]}}, path, form)).message
    assert (
        "`left`, `right`"
        in refused(save(torch, {n: {"w": torch.ones(1)} for n in ("left", "right")}, path, form)).message
    )
    assert "far more" in refused(save(torch, {"a": torch.zeros(1).expand(10**6, 10**6)}, path, form)).message


@pytest.mark.torch
@pytest.mark.parametrize("form", ["legacy", "zip"])
def test_every_truncation_is_told(form: str, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    whole = save(torch, {"a": torch.randn(40), "b": torch.randn(3)}, tmp_path / "whole.pth", form).read_bytes()
    cut = tmp_path / "cut.pth"
    for length in range(0, len(whole), 3):
        cut.write_bytes(whole[:length])
        refused(cut)


@pytest.mark.data
@pytest.mark.torch
def test_the_real_file(data_dir: Path) -> None:
    torch = pytest.importorskip("torch")
    path = data_dir / "mobilenet_v2" / "mobilenet_v2-b0353104.pth"
    assert_equal(read_weights(path), torch.load(path, weights_only=True), torch)


# -- npz and safetensors ----------------------------------------------------------------------------------------------

PLAIN: dict[str, Any] = {
    "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big": np.arange(5, dtype=">f4"),
    "scalar": np.array(3, np.int64),
    "empty": np.zeros((0, 4), np.float32),
    "flag": np.array([True, False]),
    "half": np.array([1.5, -2.0], np.float16),
}


def same(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        kind = np.dtype(np.float32) if array.dtype == np.float16 else array.dtype.newbyteorder("=")
        assert (found[name].dtype, found[name].shape) == (kind, array.shape), name
        assert np.array_equal(found[name], array)
        assert found[name].flags.c_contiguous


@pytest.mark.parametrize("writer", [np.savez, np.savez_compressed])
def test_npz(writer: Callable[..., None], tmp_path: Path) -> None:
    writer(tmp_path / "w.npz", **PLAIN)
    same(read_weights(tmp_path / "w.npz"), PLAIN)


def test_npz_never_unpickles_and_never_unpacks_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    np.savez(path, a=np.array([{"x": 1}], dtype=object))
    assert "object arrays are never read" in str(refused(path).hint)
    np.savez(path, a=np.zeros(2, dtype=[("x", "f4")]))
    assert "no plain array" in refused(path).message
    np.savez(path, a=np.zeros(2, np.complex64))
    assert "<c8" in refused(path).message
    np.savez_compressed(path, a=np.zeros(30_000_000, np.float32))
    assert "20 times its own size" in refused(path).message


def test_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    whole = {name: np.ascontiguousarray(each.astype(each.dtype.newbyteorder("="))) for name, each in PLAIN.items()}
    whole["scalar"] = PLAIN["scalar"]
    safetensors.numpy.save_file(whole, path, metadata={"made": "here"})
    expected = safetensors.numpy.load_file(path)
    found = read_weights(path)
    assert sorted(found) == sorted(expected)
    same(found, {name: expected[name] for name in found})


@pytest.mark.torch
def test_safetensors_of_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    path = tmp_path / "w.bin"  # the name does not matter
    save_file({f"module.{name}": each.contiguous().clone() for name, each in tensors(torch).items()}, path)
    found = read_checkpoint(path)
    assert (found.format, found.prefix) == ("safetensors", "module.")
    expected = load_file(path)
    assert_equal(found.arrays, {name: expected[f"module.{name}"] for name in found.arrays}, torch)
    save_file({"a": torch.zeros(2, dtype=torch.float8_e4m3fn)}, path)
    assert "F8_E4M3" in refused(path).message


def header(entries: Any, body: bytes = b"") -> bytes:
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text)) + text + body


def test_unsound_safetensors(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    good = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}
    for content in (
        header({"a": good}),
        header({"a": good}, bytes(7)),
        header({"a": good}, bytes(9)),
        header({"a": {**good, "shape": [2**40, 2**40]}}, bytes(8)),
        header({"a": good, "b": good}, bytes(8)),
        header({"a": {**good, "data_offsets": [4, 12]}}, bytes(12)),
        header({"a": {**good, "dtype": "F33"}}, bytes(8)),
        header(b"{" * 100_000),
        b"\xff" * 8 + b"{}",
    ):
        path.write_bytes(content)
        refused(path)


def test_what_is_no_file_of_weights(tmp_path: Path) -> None:
    path = tmp_path / "w.npz"
    for content, word in (
        (b"", "empty"),
        (b"<!DOCTYPE html>", "web page"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "pointer of Git LFS"),
        (b"\x89HDF\r\n\x1a\n" + bytes(90), "HDF5"),
        (bytes(100), "no format"),
        (b"cnn 1\nmodel", "no format"),
        (b"PK\x03\x04" + bytes(100), "archive"),
    ):
        path.write_bytes(content)
        assert word in refused(path).message
    assert "no file" in refused(tmp_path / "missing.pth").message
    refused(tmp_path)  # a folder
    if hasattr(os, "mkfifo") and Path("/dev/zero").exists():
        assert "no regular file" in refused(Path("/dev/zero")).message


# -- hostile files ----------------------------------------------------------------------------------------------------


class Runs:
    """Pickles to a call of os.system."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def hostile(command: str) -> dict[str, bytes]:
    """Pickles that would run the command, each by another instruction."""
    text = command.encode()
    unicode = b"X" + struct.pack("<I", len(text)) + text
    return {
        "reduce": b"\x80\x02cos\nsystem\n(" + unicode + b"tR.",
        "stack_global": b"\x80\x04\x8c\x02os\x8c\x06system\x93(" + unicode + b"tR.",
        "inst": b"(" + unicode + b"ios\nsystem\n.",
        "obj": b"(cos\nsystem\n" + unicode + b"o.",
        "newobj": b"\x80\x02cos\nsystem\n(" + unicode + b"t\x81.",
        "setstate": b"\x80\x02cos\nsystem\n)R}X\x01\x00\x00\x00aK\x01sb.",
        "text": b"cos\nsystem\n(S'" + text + b"'\ntR.",
        "getattr": b"\x80\x02cbuiltins\ngetattr\n(ctorch\nFloatStorage\nX\x01\x00\x00\x00atR.",
        "storage as a function": b"\x80\x02ctorch\nFloatStorage\n(" + unicode + b"tR.",
        "state of a size": b"\x80\x02ctorch\nSize\n()tR}b.",
        "persistent text": b"P" + text + b"\n.",
        "extension": b"\x80\x02\x82\x01)R.",
        **{f"protocol {each}": pickle.dumps({"a": Runs(command)}, each) for each in range(6)},
    }


def in_zip(data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("archive/data.pkl", data)
    return made.getvalue()


def test_nothing_is_executed(tmp_path: Path) -> None:
    trace = tmp_path / "executed"
    path = tmp_path / "evil.pth"
    for name, data in hostile(f"echo > '{trace}'").items():
        for content in (data, HEADER + data, in_zip(data)):
            path.write_bytes(content)
            error = refused(path)
            assert not trace.exists()
            if name in ("reduce", "stack_global", "inst", "obj", "newobj", "setstate", "text"):
                assert "it wants to run `os.system`; nothing was executed" in error.message, name
            if name.startswith("protocol") and name != "protocol 0":  # which fails at an instruction before it
                assert f"it wants to run `{os.system.__module__}.system`; nothing" in error.message


def bombs() -> dict[str, bytes]:
    """Small pickles that would take much memory or time, or break a recursive reader."""
    laughs = b"\x80\x02]q\x00(" + b"".join(
        b"](" + b"h%c" % each * 10 + b"eq%c" % (each + 1) for each in range(100)
    ) + b"e."  # fmt: skip
    tuples = b"\x80\x02)q\x00" + b"".join(b"h%ch%c\x86q%c" % (i, i, i + 1) for i in range(100))
    shared = b"\x80\x02}(" + b"".join(b"X\x02\x00\x00\x00%02dNu(" % i for i in range(90)) + b"u."
    tensor = b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\n"
    storage = b"X\x01\x00\x00\x000X\x03\x00\x00\x00cpu"
    return {
        "laughs": laughs,
        "laughs as device": b"\x80\x02ctorch\ndevice\n(" + laughs[2:-1] + b"tR.",
        "tuple as key": b"\x80\x02}" + tuples[2:] + b"Ns.",
        "tuple as size": b"\x80\x02ctorch\nSize\n" + tuples[2:] + b"\x85R.",
        "deep lists": b"\x80\x02" + b"](" * 150_000 + b"e" * 150_000 + b".",
        "deep tuples": b"\x80\x02)" + b"\x85" * 300_000 + b".",
        "deep dictionaries": shared,
        "marks": b"\x80\x02" + b"(" * 2_000_000,
        "dictionaries": b"\x80\x02" + b"}" * 2_000_000,
        "memo": b"\x80\x04N" + b"\x94" * 2_000_000,
        "memo at the end": b"\x80\x02Nr\xff\xff\xff\xff.",
        "long4": b"\x80\x02\x8b\xff\xff\xff\x7f" + b"\xff" * 1000,
        "long4 negative": b"\x80\x02\x8b\xff\xff\xff\xff.",
        "long4 real": b"\x80\x02\x8b\x00\x00\x40\x00" + b"\x7f" * (4 << 20) + b".",
        "frame": b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.",
        "text": b"\x80\x02X\xff\xff\xff\xffabc.",
        "text8": b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xffabc.",
        "bytes": b"\x80\x04B\xff\xff\xff\xffabc.",
        "name": b"\x80\x02c" + b"a" * 1_000_000 + b"\nb\n.",
        "pairs": b"\x80\x02ccollections\nOrderedDict\nq\x00](" + b"K\x01N\x86" * 40_000 + b"eq\x01"
        + b"h\x00h\x01\x85R" * 40_000 + b".",
        "storage": tensor + storage + b"\x8a\x05\xff\xff\xff\xff\x7ftQK\x00K\x01\x85K\x01\x85\x89)tR.",
        "storage of minus one": tensor + storage + b"J\xff\xff\xff\xfftQK\x00K\x01\x85K\x01\x85\x89)tR.",
        "shape": b"\x80\x02}X\x01\x00\x00\x00a" + tensor[2:] + storage
        + b"K\x01tQK\x00(J\xff\xff\xff\x7fJ\xff\xff\xff\x7ftK\x00K\x00\x86\x89)tRs.",
        "strides": tensor + storage + b"K\x01tQK\x00K\x02\x85J\xff\xff\xff\xff\x85\x89)tR.",
        "offset": tensor + storage + b"K\x01tQK\x09K\x01\x85K\x01\x85\x89)tR.",
        "axes": tensor + storage + b"K\x01tQK\x00(" + b"K\x01" * 500 + b"tK\x01\x85\x89)tR.",
    }  # fmt: skip


BOMB_RUN = """
import resource, sys, time
from pathlib import Path
from cnnspec.lower.errors import WeightsError
from cnnspec.lower.weights import read_weights
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sorted(Path(sys.argv[1]).iterdir()):
    start = time.perf_counter()
    try:
        read_weights(path)
        print("READ", path.name)
    except WeightsError:
        pass
    taken = time.perf_counter() - start
    if taken > 5:
        print("SLOW", path.name, taken)
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
if grown > 200_000:
    print("LARGE", grown)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="measures memory as Linux does")
def test_bombs_are_refused_fast_and_small(tmp_path: Path) -> None:
    for number, (name, data) in enumerate(bombs().items()):
        (tmp_path / f"{name}.pth").write_bytes(in_zip(data) if number % 2 else HEADER + data)
    run = subprocess.run([sys.executable, "-c", BOMB_RUN, str(tmp_path)], capture_output=True, text=True, cwd=ROOT)
    assert (run.stdout, run.stderr, run.returncode) == ("", "", 0)


def test_names_from_a_file_cannot_steer_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "evil.pth"
    path.write_bytes(b"\x80\x02cos\x1b[2J\nsystem\n.")
    assert "os\\x1b[2J.system" in refused(path).message


# -- mutants ----------------------------------------------------------------------------------------------------------


def mutant(data: bytes, chance: random.Random) -> bytes:
    """One to four random changes: a byte, a cut, a copy, a number of consequence."""
    changed = bytearray(data)
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(changed) + 1)
        what = chance.randrange(6)
        if what == 0:
            changed[at : at + 1] = bytes([chance.randrange(256)])
        elif what == 1:
            del changed[at : at + chance.randint(1, 9)]
        elif what == 2:
            changed[at:at] = changed[(start := chance.randrange(len(changed) + 1)) : start + chance.randint(1, 30)]
        elif what == 3:
            changed[at : at + 4] = chance.choice(
                (b"\xff\xff\xff\x7f", b"\xff\xff\xff\xff", bytes(4), b"\x00\x00\x01\x00")
            )
        elif what == 4:
            changed[at : at + 1] = bytes([changed[at] ^ 1 << chance.randrange(8)]) if at < len(changed) else b"."
        else:
            changed[at : at + 2] = chance.choice(
                (b"tR", b"QR", b"h\x01", b"}b", b"(t", b"\x86R", b"q\x00", b"Q.", b"es")
            )
    return bytes(changed)


@pytest.mark.torch
def test_two_thousand_mutants(tmp_path: Path) -> None:
    """Files changed at random, and records changed inside of sound archives: read or refused, nothing else."""
    torch = pytest.importorskip("torch")
    small = {
        "state_dict": {"a": torch.ones(2, 3), "b": torch.tensor(3), "c": torch.ones(4, 2).t().half()},
        "e": [1, 2.5],
    }
    seeds = [save(torch, small, tmp_path / f"seed{form}", form) for form in ("legacy", "zip", "zip4")]
    for writer in (np.savez, np.savez_compressed):
        writer(tmp_path / f"{writer.__name__}.npz", **PLAIN)
        seeds.append(tmp_path / f"{writer.__name__}.npz")
    safetensors.numpy.save_file({"a": np.ones((2, 3), np.float32), "b": np.ones(2, np.float16)}, tmp_path / "s")
    seeds.append(tmp_path / "s")
    chance = random.Random(1)
    path, read = tmp_path / "mutant.pth", 0
    for turn in range(2000):
        seed = chance.choice(seeds)
        if turn % 2 and zipfile.is_zipfile(seed):
            rezipped(seed, path, lambda name, data: mutant(data, chance) if chance.random() < 0.5 else data)
        else:
            path.write_bytes(mutant(seed.read_bytes(), chance))
        with contextlib.suppress(WeightsError):
            read_weights(path)
            read += 1
    assert 0 < read < 1500

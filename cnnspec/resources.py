"""Where the files that ship with cnnspec lie: the grammar, the example networks, which are also the zoo, the templates
of `cnnspec new`, and the texts of `cnnspec explain`, a file a language.

A wheel carries these folders inside the package; in a checkout, an unpacked sdist and an editable install they stand
beside it, but for the texts, which are always inside.
"""

import os
import re

ZOO = "zoo:"
"""How a network that ships with cnnspec is named where a file is expected: `zoo:resnet50`."""
GIT = "git:"
"""How a file is named as it was at a revision: `git:origin/main:model.cnn`."""

_MODEL = re.compile(r"^[ \t]*model\b", re.MULTILINE)


def folder(name: str) -> str:
    """The absolute path of `grammar`, `examples`, `templates` or `texts`; FileNotFoundError if it is not there."""
    package = os.path.dirname(os.path.abspath(__file__))
    for place in (package, os.path.dirname(package)):
        found = os.path.join(place, name)
        if os.path.isdir(found):
            return found
    raise FileNotFoundError(f"this installation of cnnspec lacks its folder {name!r}: install it again")


def zoo_names() -> tuple[str, ...]:
    """The networks of the zoo, sorted, `resnet18` before `resnet101`. A file of blocks alone is no network."""
    names = (each.removesuffix(".cnn") for each in os.listdir(folder("examples")) if each.endswith(".cnn"))
    return tuple(sorted((each for each in names if _holds_a_model(each)), key=_by_number))


def zoo_path(name: str) -> str | None:
    """The file of a network of the zoo, by its name without `zoo:`; None if there is none of that name."""
    if f"{name}.cnn" not in os.listdir(folder("examples")) or not _holds_a_model(name):
        return None
    return os.path.join(folder("examples"), f"{name}.cnn")


def example_path(name: str) -> str | None:
    """A file that ships, a network or one of blocks alone, by its name without `.cnn`; None if there is none."""
    path = os.path.join(folder("examples"), f"{name}.cnn")
    return path if f"{name}.cnn" in os.listdir(folder("examples")) else None


def template_names() -> tuple[str, ...]:
    """The first files that `cnnspec new` can write, sorted."""
    return tuple(sorted(each.removesuffix(".cnn") for each in os.listdir(folder("templates")) if each.endswith(".cnn")))


def template_path(name: str) -> str:
    """The file of one of template_names()."""
    return os.path.join(folder("templates"), f"{name}.cnn")


def _by_number(name: str) -> tuple[str | int, ...]:
    """Text and numbers in turn: `resnet18` is `("resnet", 18, "")`."""
    return tuple(int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name))


def _holds_a_model(name: str) -> bool:
    with open(os.path.join(folder("examples"), f"{name}.cnn"), encoding="utf-8") as file:
        return _MODEL.search(file.read()) is not None

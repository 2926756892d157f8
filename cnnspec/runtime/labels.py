"""The names of the classes: from a list, or from what a model file carries."""

import ast
import json
from pathlib import Path
from typing import Any

from cnnspec.runtime.errors import LabelError

LARGEST = 16_000_000
"""Bytes; a list of labels is smaller."""


def read_labels(path: str | Path) -> tuple[str, ...]:
    """One name a line, or a JSON list, or a JSON object from index to name (or to a list that ends in the name, as
    Keras' imagenet_class_index.json); LabelError names the file and what is wrong."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise LabelError(f"{path} is too large for a list of labels")
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise LabelError(f"{path} is not UTF-8 text", "one name a line, or a JSON list") from problem
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or str(problem)
        raise LabelError(f"{path} cannot be read: {why.lower()}") from problem
    if text.lstrip().startswith(("[", "{")):
        return _from_json(text, str(path))
    lines = text.rstrip().splitlines()
    for number, line in enumerate(lines, 1):
        if not line.strip():
            raise LabelError(
                f"line {number} of {path} is empty", "each class has one line, in the order of the outputs"
            )
    if not lines:
        raise LabelError(f"{path} is empty")
    return tuple(line.strip() for line in lines)


def check_count(labels: tuple[str, ...], outputs: int) -> None:
    """LabelError unless there is one name for each output."""
    if labels and len(labels) != outputs:
        raise LabelError(
            f"there are {len(labels)} labels, but the model has {outputs} outputs",
            "each class has one label, in the order of the outputs",
        )


def carried_labels(text: str) -> tuple[str, ...]:
    """The entry `names` of a model file: JSON, or the Python literal that Ultralytics writes; LabelError if neither."""
    try:
        return _from_json(text, "the entry `names`")
    except LabelError:
        try:
            return _names(ast.literal_eval(text), "the entry `names`")
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError) as problem:
            raise LabelError("the entry `names` is no list of labels") from problem


def _from_json(text: str, where: str) -> tuple[str, ...]:
    try:
        return _names(json.loads(text), where)
    except (ValueError, RecursionError) as problem:
        raise LabelError(f"{where} is no JSON: {problem}", "one name a line, or a JSON list") from problem


def _names(data: Any, where: str) -> tuple[str, ...]:
    if isinstance(data, dict):
        by_index = {str(key): name for key, name in data.items()}
        if set(by_index) != set(map(str, range(len(data)))):
            raise LabelError(f"{where} does not number its labels from 0 to {len(data) - 1}")
        data = [by_index[str(index)] for index in range(len(data))]
        data = [each[-1] if isinstance(each, list) and each else each for each in data]
    if not isinstance(data, list) or not data or not all(isinstance(each, str) for each in data):
        raise LabelError(f"{where} is no list of labels", 'a list is ["cat", "dog"]')
    return tuple(data)

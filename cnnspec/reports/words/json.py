"""`cnnspec words --json`: the words as data, for editors and other tools; docs/cli.md says what each field is."""

from typing import Any

from cnnspec.contract.fields import Field
from cnnspec.manual.entries import Argument
from cnnspec.manual.worked import Page, Worked
from cnnspec.passes.parameters import elements
from cnnspec.reports.findings.json import Json
from cnnspec.reports.words.signature import signature
from cnnspec.reports.words.torch_call import torch_lines


def word_record(page: Page) -> Json:
    """Everything that the page of a word says."""
    entry, said = page.entry, page.entry.explained
    return {
        "word": entry.word,
        "chapter": entry.chapter,
        "summary": said.summary,
        "usage": " ".join(signature(entry)),
        "formula": list(said.formula),
        "text": list(said.text),
        "shapes": said.shapes,
        "arguments": [_argument(each) for each in entry.arguments],
        "branches": entry.branches,
        "parameters": said.parameters,
        "source": said.source,
        "also": list(entry.also),
        "example": {**_made(page.example), **_worked(page.example)},
        "more": [_made(each) for each in page.more],
    }


def _argument(argument: Argument) -> Json:
    field = argument.field
    return {
        "name": field.name,
        "given": _given(field),
        "required": field.required,
        "default": None if field.required else _plain(field.default),
        "takes": field.kind.expects,
        "text": argument.text,
    }


def _given(field: Field) -> str:
    """How it is written: by its place, behind a slash, or by its name."""
    if field.positional:
        return "places" if field.kind.many else "place"
    return "slash" if field.slash else "name"


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _made(worked: Worked) -> Json:
    return {
        "step": worked.example.text,
        "inputs": [list(shape) for shape in worked.example.inputs],
        "output": list(worked.output),
    }


def _worked(worked: Worked) -> Json:
    return {
        "arithmetic": list(worked.arithmetic),
        "weights": {each.name: list(each.shape) for each in worked.weights},
        "params": sum(elements(each) for each in worked.weights if each.trainable),
        "macs": worked.cost.macs,
        "ops": worked.cost.ops,
        "torch": torch_lines(worked.torch, len(worked.example.inputs)),
        "onnx": [each.op for each in worked.onnx],
    }

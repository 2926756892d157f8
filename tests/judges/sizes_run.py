"""Networks at other sizes than the written one, at work: torch's own refusal, and onnxruntime's."""

from collections.abc import Callable

import numpy as np
import torch
from onnxruntime import InferenceSession, SessionOptions
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException
from torch import Tensor

from cnnspec.api.torch_export import source
from cnnspec.contract.values import Shape
from cnnspec.lower.init import initialise
from cnnspec.lower.onnx import lower
from cnnspec.lower.onnx_metadata import Metadata
from cnnspec.passes.parameters import full_weights
from cnnspec.pipeline import Compiled, expansion
from tests.judges.torch_written import module

Runs = Callable[[Shape], list[Shape] | None]
"""The outputs' shapes, without the batch, for an input; None where it does not run."""


def in_torch(result: Compiled) -> Runs:
    """The exported source, made for the written size and run at others."""
    assert result.built is not None
    made = module(source(result), result.built.graph.name).eval()

    def runs(shape: Shape) -> list[Shape] | None:
        try:
            with torch.no_grad():
                given = made(torch.zeros(1, *shape))
        except RuntimeError:
            return None
        values = [given] if isinstance(given, Tensor) else list(given.values())
        return [tuple(each.shape[1:]) for each in values]

    return runs


def in_onnxruntime(result: Compiled) -> Runs:
    """One ONNX model for all sizes; the text says `size=any`."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    weights = initialise(full_weights(graph, shapes), 0)
    made = lower(graph, shapes, weights, Metadata("the text"), expansion(result))
    options = SessionOptions()
    options.log_severity_level = 4
    session = InferenceSession(made.SerializeToString(), options, providers=["CPUExecutionProvider"])
    (input,) = graph.inputs

    def runs(shape: Shape) -> list[Shape] | None:
        try:
            given = session.run(None, {input: np.zeros((1, *shape), np.float32)})
        except (Fail, InvalidArgument, RuntimeException):
            return None
        return [tuple(each.shape[1:]) for each in given]

    return runs

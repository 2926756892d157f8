"""What onnxruntime raises, and what of it a person can use."""

import re
from types import ModuleType

LONGEST = 300
NOISE = re.compile(
    r"^\[ONNXRuntimeError\] : \d+ : \w+ : (?:Load model from .*? failed: ?)?"
    r"|/\S+\.(?:cc|h|cu|cuh):\d+ [^()]*\((?:[^()]|\([^()]*\))*\)(?: const)?(?: \[with [^\]]*\])? "
)
"""In its messages: its codes, the path again, the line of its source and that function's signature."""


def failures_of(ort: ModuleType) -> tuple[type[Exception], ...]:
    """Every exception that onnxruntime has of its own; they have no common base."""
    state = vars(ort.capi.onnxruntime_pybind11_state).values()
    own = (each for each in state if isinstance(each, type) and issubclass(each, Exception))
    return (*own, RuntimeError, ValueError, MemoryError)


def plain(problem: BaseException) -> str:
    """What onnxruntime says, on one line, without its own codes, source lines and unprintable characters."""
    text = NOISE.sub("", " ".join(str(problem).split())) or type(problem).__name__
    text = "".join(each if each.isprintable() else "?" for each in text)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"

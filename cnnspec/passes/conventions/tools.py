"""The tools by name."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnnspec.passes.conventions.rules import Tool

_PLACES = {
    "fvcore": ("fvcore", "TOOL"),
    "ptflops": ("ptflops", "TOOL"),
    "thop": ("thop", "TOOL"),
    "torchinfo": ("torchinfo", "TOOL"),
    "calflops": ("calflops", "TOOL"),
    "calflops-flops": ("calflops", "FLOPS"),
    "torch": ("torch_counter", "TOOL"),
}

NAMES = tuple(_PLACES)


@cache
def tool(name: str) -> Tool:
    """One of NAMES."""
    file, constant = _PLACES[name]
    found: Tool = getattr(import_module(f"cnnspec.passes.conventions.{file}"), constant)
    return found

"""Lowerings of several ONNX nodes, put together one after the other."""

from __future__ import annotations

from typing import Any

from cnnspec.contract.facts import Onnx, OnnxConstant, OnnxNode


class Nodes:
    """Collects nodes and constants; what the last node gives is the layer's result."""

    def __init__(self) -> None:
        self._nodes: list[OnnxNode] = []
        self._constants: dict[str, OnnxConstant] = {}

    def put(self, op: str, *inputs: str, **attributes: Any) -> str:
        """Adds a node; gives the name of its result."""
        result = f"t_{len(self._nodes)}"
        self._nodes.append(OnnxNode(op, inputs, (result,), attributes))
        return result

    def constant(self, name: str, value: OnnxConstant) -> str:
        assert self._constants.setdefault(name, value) == value, f"two constants are called {name}"
        return name

    def number(self, name: str, value: float) -> str:
        """A float32 scalar."""
        return self.constant(name, OnnxConstant("float32", (), (value,)))

    def whole(self, name: str, value: int) -> str:
        """An int64 scalar."""
        return self.constant(name, OnnxConstant("int64", (), (value,)))

    def ints(self, name: str, *values: int) -> str:
        """A vector of int64."""
        return self.constant(name, OnnxConstant("int64", (len(values),), values))

    def column(self, weight: str, rank: int) -> str:
        """A weight (C,) shaped so that it broadcasts over (N, C, spatial)."""
        if not rank:
            return weight
        return self.put("Reshape", weight, self.ints("column", -1, *(1,) * rank))

    def onnx(self, open: Onnx | None = None) -> Onnx:
        """All of it; no node at all hands the operand on."""
        if not self._nodes:
            return Onnx((), open=open)
        last = self._nodes[-1]._replace(outputs=("y",))
        return Onnx((*self._nodes[:-1], last), self._constants, open)

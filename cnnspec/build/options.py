"""What a caller may ask of a build beyond the text: which model, parameter values, another input, larger bounds."""

from collections.abc import Mapping
from typing import NamedTuple

from cnnspec.contract.values import Shape, Value
from cnnspec.syntax.limits import SyntaxLimits


class Limits(NamedTuple):
    """Bounds against texts that are small and expand without end; `--limit NAME=N` raises one."""

    nodes: int = 100_000
    steps: int = 200_000
    repeat: int = 10_000
    nesting: int = 64
    files: int = 64
    file_bytes: int = 1_000_000
    tokens: int = 200_000
    operators: int = 64

    @property
    def syntax(self) -> SyntaxLimits:
        """Those that hold while a text is read."""
        return SyntaxLimits(*(getattr(self, name) for name in SyntaxLimits._fields))


class Options(NamedTuple):
    """`parameters` replace the model's own by name, `inputs` the shape of an input (the only one under the key None).
    Either switches the file's `=>` expectations off, which hold for the file's own numbers only."""

    model: str | None = None
    parameters: Mapping[str, Value] = {}
    inputs: Mapping[str | None, Shape] = {}
    limits: Limits = Limits()


PLAIN = Options()
"""Nothing asked beyond the text."""

"""Programs for tests: a text in, what the compiler makes of it out."""

from cnnspec.build.options import PLAIN, Options
from cnnspec.contract.values import Shape
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.source.text import Source


def compiled(text: str, options: Options = PLAIN, name: str = "model.cnn") -> Compiled:
    """A whole file."""
    return compile_source(Source(name, text), options)


def model(lines: str, shape: str = "3x32x32") -> str:
    """A file with one model, whose input is given."""
    return f"model Example {{\n  input {shape}\n{lines}\n}}\n"


def good(text: str, options: Options = PLAIN) -> Compiled:
    """A file that must compile without any finding."""
    result = compiled(text, options)
    assert not result.diagnostics, [(each.id, each.message, each.label) for each in result.diagnostics]
    assert result.built is not None
    return result


def steps(lines: str, shape: str = "3x32x32") -> Compiled:
    """Lines of a model that must compile without any finding."""
    return good(model(lines, shape))


def shapes(result: Compiled) -> dict[str, Shape | None]:
    """The shapes by node."""
    assert result.built is not None
    return dict(result.built.shapes)


def last(result: Compiled) -> Shape | None:
    """The shape of the only output."""
    assert result.built is not None
    (output,) = result.built.graph.outputs.values()
    return result.built.shapes[output]


def findings(text: str, options: Options = PLAIN) -> list[tuple[str, str]]:
    """Every diagnostic as (id, the text it points at)."""
    return [(each.id, each.label.span.text if each.label else "") for each in compiled(text, options).diagnostics]

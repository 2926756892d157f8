"""The last line of a check: what a network is, or how much is wrong with it. It needs no rich."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from cnnspec.ir.graph import Input
from cnnspec.passes.cost import costs, depth
from cnnspec.passes.parameters import params_of
from cnnspec.reports.look import Look, visible
from cnnspec.reports.numbers import counted, ends, thousands
from cnnspec.source.diagnostic import Diagnostic, Severity

if TYPE_CHECKING:
    from cnnspec.build.elaborate import Built
    from cnnspec.pipeline import Compiled


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """`2 errors, 1 warning`"""
    found = list(diagnostics)
    counts = [(each.value, sum(one.severity is each for one in found)) for each in Severity]
    return ", ".join(counted(n, name) for name, n in counts if n)


def one_file(name: str, compiled: Compiled, look: Look) -> str:
    """`model.cnn: ok — ResNet50: 3x224x224 → 1000, depth 50, 25,557,032 parameters`, or `2 errors in model.cnn`."""
    shown = visible(name, look.encoding)
    found = compiled.diagnostics
    if is_passed_over(compiled):
        said = [each for each in found if each.severity is Severity.HINT]
        return f"{shown}: {', '.join(visible(each.message, look.encoding) for each in said)}\n"
    if not compiled.ok:
        return f"{look.paint('error', tally(found))} in {shown}\n"
    assert compiled.built is not None
    ok = look.paint("ok", "ok") + (f" with {tally(found)}" if found else "")
    described = f"{_described(compiled.built, look)}{_kept(compiled, look)}{_any_size(compiled, look)}"
    return f"{shown}: {ok} {look.dash} {described}\n"


def is_passed_over(compiled: Compiled) -> bool:
    """Nothing is wrong, but there is no model: a file of blocks."""
    return compiled.built is None and not any(each.is_error for each in compiled.diagnostics)


def _described(built: Built, look: Look) -> str:
    graph, shapes = built.graph, built.shapes
    inputs = ends([shapes[id] for id in graph.inputs], "inputs")
    outputs = ends([shapes[id] for id in graph.outputs.values()], "outputs")
    trainable = params_of(graph, shapes)
    deep = f"depth {depth(graph, costs(graph, shapes))}"
    name = visible(graph.name, look.encoding)
    return f"{name}: {inputs} {look.arrow} {outputs}, {deep}, {thousands(trainable)} parameters"


def _kept(compiled: Compiled, look: Look) -> str:
    """How near a network is to the bounds that it keeps: `; params 97% of 8M, rf 102% of 200`. Rounded down, so that
    100% is all of it."""
    near = [
        f"{each.quantity} {thousands(int(100 * each.number // each.limit))}% of {visible(each.text, look.encoding)}"
        for each in compiled.kept
        if each.limit > 0 and each.op not in ("==", "!=")
    ]
    return f"; {', '.join(near)}" if near else ""


def _any_size(compiled: Compiled, look: Look) -> str:
    """Of a network that is written for any size, the sizes that it takes; nothing where that is not proved."""
    built = compiled.built
    assert built is not None, "there is a network"
    if not any(isinstance(each.layer, Input) and each.layer.any_size for each in built.graph.inputs.values()):
        return ""
    from cnnspec.pipeline import sizes_of
    from cnnspec.reports.sizes.sets import sizes_said

    answer = sizes_of(compiled, search=False)
    return f"; {visible(sizes_said(built.graph, answer, look, 2), look.encoding)}" if answer else ""


def all_files(codes: Sequence[int], look: Look) -> str:
    """`2 of 5 files have findings`"""
    bad = sum(code != 0 for code in codes)
    return f"{look.paint('error', f'{thousands(bad)} of {thousands(len(codes))} files')} did not pass\n"

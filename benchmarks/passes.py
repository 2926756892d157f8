"""What all passes of a network cost, beside torch.fx and its ShapeProp, which give shapes alone.

    pip install -e '.[torch]'
    python benchmarks/passes.py [RUNS]

ResNet-152 in one process, warm: every number that reports show of it, pass by pass and all together, in turn with
symbolic tracing and ShapeProp of the same network in torch, made on the meta device from the source that we export, in
eval mode and without gradients; Python's collector waits on both sides. Each turn begins with a graph of which no pass
has asked anything; what one pass finds out, another may use. Valid input sizes are apart (`cnnspec sizes` has them), as
are other tools than fvcore. Medians of processor time are compared. Then growth: the same passes of ResNet-50 to -152,
and of chains of 500 to 8,000 layers, as time a layer. Exits with 1 if a bound is missed.
"""

import gc
import statistics
import sys
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

import torch
from torch import fx, nn
from torch.fx.passes.shape_prop import ShapeProp

from cnnspec.api.torch_export import source
from cnnspec.build.options import Limits, Options
from cnnspec.collector import collector_paused
from cnnspec.ir.graph import Graph
from cnnspec.lower.torch_source.rooms import in_evaluation
from cnnspec.passes.analysis import Analysis, analyse
from cnnspec.passes.conventions.cross_walk import cross_walk
from cnnspec.passes.conventions.tools import tool
from cnnspec.passes.fields.table import fields_in_full
from cnnspec.passes.fold import ShapeTable
from cnnspec.passes.formulas.costs import formulas
from cnnspec.passes.memory.backward.saved import forward
from cnnspec.passes.memory.backward.step import moments
from cnnspec.passes.memory.inference import inference_memory
from cnnspec.passes.padding import padding_macs
from cnnspec.passes.roofline.estimate import Device, estimate
from cnnspec.passes.roofline.fusing import fused
from cnnspec.passes.roofline.traffic import memory_steps, traffic
from cnnspec.pipeline import Compiled, compile_file, compile_source
from cnnspec.source.text import Source

ASKED = "resnet152"
DEEPER = ("resnet50", "resnet101", "resnet152")
CHAINS = (500, 1000, 2000, 4000, 8000)
MOST, GROWTH = 0.1, 1.5
"""At most so much of torch's time; a layer of a longer network takes at most so many times that of a shorter one."""

MANY = Options(limits=Limits(nodes=10**6, steps=10**6, repeat=10**6, file_bytes=10**8, tokens=10**7))
DEVICE = Device(Fraction(10**13), Fraction(9 * 10**11))

Pass = Callable[[Graph, ShapeTable, Analysis], object]
Work = Callable[[Compiled], object]


def _roofline(graph: Graph, shapes: ShapeTable, analysis: Analysis) -> object:
    steps = memory_steps(graph, shapes)
    return estimate(analysis, traffic(graph, shapes, steps), fused(graph, shapes, steps), DEVICE)


def _convention(graph: Graph, shapes: ShapeTable, _: Analysis) -> object:
    return cross_walk(tool("fvcore"), graph, shapes, in_evaluation(graph, shapes))


PASSES: dict[str, Pass] = {
    "parameters, cost, receptive field, depth": lambda graph, shapes, _: analyse(graph, shapes),
    "what moves, what fuses, roofline": _roofline,
    "multiplications by padding": lambda graph, shapes, analysis: padding_macs(analysis.rows),
    "a counting convention: fvcore": _convention,
    "memory of inference, in the best order": lambda graph, shapes, _: inference_memory(graph, shapes),
    "memory of training": lambda graph, shapes, _: moments(forward(graph, shapes)),
    "receptive field in full": lambda graph, shapes, _: fields_in_full(graph, shapes),
    "costs as formulas": lambda graph, shapes, _: formulas(graph, shapes),
}


STAND_ON_SIZES = "costs as formulas"
"""It works out the class of the input's sizes first, as `cnnspec sizes` does."""


def everything(compiled: Compiled, without: str = "") -> None:
    """All passes, one after another."""
    for name, each in PASSES.items():
        if name != without:
            alone(each, compiled)


def alone(work: Pass, compiled: Compiled) -> None:
    assert compiled.built is not None
    with collector_paused():
        work(compiled.built.graph, compiled.built.shapes, compiled.analysis)


def forgotten(compiled: Compiled) -> Compiled:
    """The same network, of which no pass has worked out anything."""
    assert compiled.built is not None
    graph, analysis = compiled.built.graph, compiled.analysis
    made = Graph(graph.name, graph.nodes, graph.scopes, graph.outputs, graph.aux, graph.copies)
    other = compiled.with_built(compiled.built._replace(graph=made))
    vars(other)["analysis"] = analysis
    return other


def torch_module(compiled: Compiled) -> nn.Module:
    """The network from its exported source, on the meta device: no memory, no weights."""
    assert compiled.built is not None
    namespace: dict[str, object] = {"__name__": "exported"}
    exec(source(compiled), namespace)  # noqa: S102  (our own text)
    made = namespace[compiled.built.graph.name]
    assert isinstance(made, type)
    with torch.device("meta"):
        module = made()
    assert isinstance(module, nn.Module)
    return module.eval()


def propagated(module: nn.Module, image: torch.Tensor) -> None:
    """What torch does for the shape of every value."""
    with collector_paused(), torch.no_grad():
        ShapeProp(fx.symbolic_trace(module)).propagate(image)


def chain(layers: int) -> Compiled:
    """A network of so many layers, one behind the other: convolutions, norms, activations."""
    steps = " -> ".join(["conv 3x3 8 pad=1 bias=no -> bn -> relu"] * 10)
    text = f"model Chain {{\n  input 8x32x32\n  {{ {steps} }} x{layers // 30}\n  gap -> flatten -> linear 10\n}}\n"
    compiled = compile_source(Source("chain.cnn", text), MANY)
    assert compiled.ok, compiled.diagnostics
    return compiled


def seconds(compiled: Compiled, work: Work) -> float:
    fresh = forgotten(compiled)
    gc.collect()
    start = time.process_time()
    work(fresh)
    return time.process_time() - start


def medians(works: dict[str, tuple[Compiled, Work]], runs: int) -> dict[str, float]:
    """Seconds by name; a first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for turn in range(runs + 1):
        for name, work in works.items():
            taken = seconds(*work)
            if turn:
                times[name].append(taken)
    return {name: statistics.median(each) for name, each in times.items()}


def beside_torch(runs: int) -> bool:
    """Each pass, all together, and torch."""
    compiled = compile_file(f"zoo:{ASKED}")
    module, image = torch_module(compiled), torch.empty(1, 3, 224, 224, device="meta")
    works: dict[str, Work] = {name: partial(alone, work) for name, work in PASSES.items()}
    works |= {"all but formulas": partial(everything, without=STAND_ON_SIZES), "all": everything}
    works |= {"torch": lambda _: propagated(module, image)}
    times = medians({name: (compiled, work) for name, work in works.items()}, runs)
    sys.stdout.write(f"{ASKED}, {len(compiled.analysis.rows)} layers\n")
    for name, taken in times.items():
        sys.stdout.write(f"  {name:<48}{taken * 1e3:>9.2f} ms{taken / times['torch']:>9.3f}\n")
    _told("all but formulas / torch.fx and ShapeProp", times["all but formulas"] / times["torch"], MOST)
    return _told("all / torch.fx and ShapeProp", times["all"] / times["torch"], MOST)


def growth(networks: dict[str, Compiled], runs: int) -> bool:
    """Time a layer, where the shortest network is the measure."""
    times = medians({name: (each, everything) for name, each in networks.items()}, runs)
    per = {name: taken / len(networks[name].analysis.rows) for name, taken in times.items()}
    for name, taken in times.items():
        sys.stdout.write(f"  {name:<48}{taken * 1e3:>9.2f} ms{per[name] * 1e6:>9.2f} µs a layer\n")
    first, *others = per.values()
    return _told("the longest a layer / the shortest network's", max(others) / first, GROWTH)


def _told(name: str, ratio: float, most: float) -> bool:
    fine = ratio <= most
    sys.stdout.write(f"{name:<50}{ratio:>9.3f}   at most {most:g}{'' if fine else ': missed'}\n\n")
    return fine


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    fine = [
        beside_torch(runs),
        growth({name: compile_file(f"zoo:{name}") for name in DEEPER}, runs),
        growth({f"a chain of {layers:,}": chain(layers) for layers in CHAINS}, runs),
    ]
    return int(not all(fine))


if __name__ == "__main__":
    sys.exit(main())

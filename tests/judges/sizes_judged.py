"""The sizes that a network takes, before brute force: `infer` and weights at every size of each axis and at some pairs.

A network whose text asks for sizes is compiled anew at each of them.
"""

import random
from collections.abc import Callable, Iterator, Mapping

from cnnspec.build.elaborate import Built
from cnnspec.contract.facts import Weight
from cnnspec.contract.values import Shape
from cnnspec.ir.graph import Graph
from cnnspec.passes.parameters import full_weights
from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.form import Variable
from cnnspec.pipeline import Compiled, at_inputs, sizes_of
from tests.judges.brute import shapes_at

EVERY = 400
Sizes = dict[Variable, int]


def entering(graph: Graph, sizes: Mapping[Variable, int]) -> dict[str, Shape]:
    found = {}
    for id, node in graph.inputs.items():
        channels, *rest = node.layer.infer(())
        found[id] = (channels, *(sizes[Variable(id, axis)] for axis, _ in enumerate(rest, start=1)))
    return found


def taker(result: Compiled) -> Callable[[Sizes], bool]:
    """Whether the network takes sizes, by trying them."""
    built = result.built
    assert built is not None
    if not built.reads_shapes:
        return lambda sizes: shapes_at(built.graph, built.shapes, entering(built.graph, sizes)) is not None
    owned = _owned(built)
    limits = result.options.limits._replace(elements=10**18)
    options = result.options._replace(limits=limits)
    roomy = Compiled(result.source, built, (), options, result.used, result.trees, result.library)

    def takes(sizes: Sizes) -> bool:
        other = at_inputs(roomy, entering(built.graph, sizes))
        return other.whole and other.built is not None and _owned(other.built) == owned

    return takes


def _owned(built: Built) -> dict[str, Weight]:
    running = built.graph.running
    return full_weights(built.graph, {id: shape if id in running else None for id, shape in built.shapes.items()})


def judged(result: Compiled, *, every: int = EVERY, step: int = 1, pairs: int = 200) -> tuple[Answer, int]:
    """The answer, after it was right at every size of each axis, of all alike, at random ones, and far out; and how
    many of these are taken."""
    answer = sizes_of(result)
    assert answer is not None
    takes, taken = taker(result), 0
    if not answer.proved:
        for sizes in _of_found(answer):
            assert takes(sizes), (sizes, "was found, and is none")
        return answer, 0
    for sizes in _tried(answer, random.Random(result.source.text if result.source else ""), every, step, pairs):
        real = takes(sizes)
        assert answer.takes(sizes) == real, f"{sizes}: {'taken' if real else 'refused'}, but told otherwise: {answer}"
        taken += real
    return answer, taken


def _tried(answer: Answer, chance: random.Random, every: int, step: int, pairs: int) -> Iterator[Sizes]:
    written = dict(answer.written)
    yield written
    for name in written:
        for size in range(1, every + 1, step):
            yield {**written, name: size}
    for size in range(1, every + 1, step):
        yield dict.fromkeys(written, size)
    for _ in range(pairs):
        yield {name: chance.randint(1, every) for name in written}
        yield {name: _near_a_member(answer, name, chance) for name in written}
    for _ in range(10):
        yield {name: chance.randint(1000, 100_000) for name in written}
        far = chance.randint(1000, 100_000)
        yield {name: _beside(answer, name, far, chance) for name in written}


def _near_a_member(answer: Answer, name: Variable, chance: random.Random) -> int:
    """A size that some product has, or one beside it."""
    products = answer.products[name.input]
    if not products:
        return chance.randint(1, 50)
    sizes = chance.choice(products)[name]
    found = sizes.up(chance.randint(1, 60)) or sizes.least
    return max(1, found + chance.choice((0, 0, 0, 0, -1, 1)))


def _beside(answer: Answer, name: Variable, far: int, chance: random.Random) -> int:
    products = answer.products[name.input]
    found = chance.choice(products)[name].up(far) if products else None
    return (found or far) + chance.choice((0, 0, 0, 1))


def _of_found(answer: Answer) -> Iterator[Sizes]:
    """Some of the sizes that were found by trying, each input's with the others as written."""
    for products in answer.products.values():
        for each in products:
            for name, sizes in each.items():
                for size in sizes.low[:: max(1, len(sizes.low) // 7)]:
                    yield {**answer.written, **{other: those.least for other, those in each.items()}, name: size}

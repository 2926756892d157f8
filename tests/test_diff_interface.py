"""`cnnspec diff` on inputs and outputs: it says "the same" exactly if the exported `forward` is the same.

The judge is torch.fx: it follows the exported source from its arguments to what it returns. CNNSPEC_DIFF_NETS says how
many random networks are compared with edited ones.
"""

import operator
import os
import random
from collections.abc import Collection, Sequence
from itertools import combinations

import pytest

from cnnspec.compare.difference import Difference
from cnnspec.pipeline import Compiled
from cnnspec.reports.difference.interface import interface_words
from cnnspec.reports.difference.json import difference_record
from cnnspec.reports.difference.text import difference_text
from cnnspec.reports.look import Look, cells
from tests.texts import good

NETS = 6 * int(os.environ.get("CNNSPEC_DIFF_NETS", "25"))

Q = """model Q {{
  {inputs}
  @{first} -> conv 3x3 4 pad=1 -> s: relu
  @{second} -> conv 3x3 4 pad=1 -> t: relu
  {outputs}
}}
"""
A_B, B_A = "input a: 3x8x8\n  input b: 3x8x8", "input b: 3x8x8\n  input a: 3x8x8"
SUB, RELU = "output {}: sub {{ @s | @t }}", "{} {}: @t -> relu"


def q(inputs: str = A_B, first: str = "a", second: str = "b", outputs: Sequence[str] = ()) -> Compiled:
    ends = outputs or (SUB.format("o"), RELU.format("output", "p"))
    return good(Q.format(inputs=inputs, first=first, second=second, outputs="\n  ".join(ends)))


def told(a: Compiled, b: Compiled) -> list[str]:
    found = Difference(a, b)
    assert found.is_same is not bool(found.interface) or not found.has_same_steps
    assert not (found.is_identical and found.interface)
    for width in (60, 200):
        text = difference_text(found, (), Look(width=width))
        assert all(cells(line) <= width for line in text.splitlines()[1:])
    return interface_words(found.interface, "→")


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (q(), []),
        (q(inputs=B_A), ["inputs in another order: a b → b a"]),
        (q(first="b", second="a"), ["input a feeds what b fed", "input b feeds what a fed"]),
        (
            q(inputs=B_A, first="b", second="a"),
            ["input a feeds what b fed", "input b feeds what a fed", "inputs in another order: a b → b a"],
        ),
        (
            q(inputs=A_B.replace("a", "x").replace("b", "b"), first="x"),
            ["input under another name: a → x"],
        ),
        (
            q(outputs=(RELU.format("output", "p"), SUB.format("o"))),
            ["outputs in another order: o p → p o"],
        ),
        (
            q(outputs=(SUB.format("p"), RELU.format("output", "o"))),
            ["output o is what p was", "output p is what o was", "outputs in another order: o p → p o"],
        ),
        (
            q(outputs=(SUB.format("o"), RELU.format("output", "q"))),
            ["output under another name: p → q"],
        ),
    ],
)
def test_the_same_steps_under_another_interface(other: Compiled, words: list[str]) -> None:
    found = Difference(q(), other)
    assert told(q(), other) == words
    assert found.has_same_steps
    assert found.is_same is not bool(words)
    record = difference_record(found)
    assert (record["same"], len(record["interface"])) == (not words, len(words))
    assert told(other, q()) != [] or not words


def test_heads_and_what_is_added() -> None:
    head = q(outputs=(SUB.format("o"), RELU.format("aux", "p")))
    assert told(q(), head) == ["output removed: p", "auxiliary head added: p"]
    heavy, light = (q(outputs=(SUB.format("o"), RELU.format(f"aux weight={each}", "p"))) for each in (0.3, 0.4))
    assert told(heavy, light) == ["auxiliary head p has another weight: 0.3 → 0.4"]
    more = q(outputs=(SUB.format("o"), RELU.format("output", "p"), "output r: @s -> relu"))
    assert told(q(), more) == ["output added: r"]
    behind = q(outputs=(SUB.format("o") + " -> gelu", RELU.format("output", "p")))
    assert len(told(q(), behind)) == 1
    assert "output o is of another step" in told(q(), behind)[0]


def test_a_shape_is_in_the_record() -> None:
    one, other = (good(f"model M {{ input {shape}\n conv 3x3 4 }}\n") for shape in ("3x8x8", "3x9x9"))
    found = difference_record(Difference(one, other))["interface"]
    assert [(each["ends"], each["change"], each["a"], each["b"]) for each in found] == [
        ("inputs", "shape", [3, 8, 8], [3, 9, 9]),
        ("outputs", "shape", [4, 6, 6], [4, 7, 7]),
    ]
    assert told(one, other) == []


def test_many_other_names_are_no_change() -> None:
    """Names that have moved on by one step would be worth more than equal layers, if they were weighed alone."""
    one, other = (
        good("model M { input 3x8x8\n" + "\n".join(f"l{place + shift}: relu" for place in range(12)) + "\n}\n")
        for shift in (0, 1)
    )
    found = Difference(one, other)
    assert found.has_same_steps
    assert interface_words(found.interface, "→") == ["output under another name: l11 → l12"] or found.is_same


def test_steps_that_nobody_reads() -> None:
    body = "  a: conv 1x1 3\n  {}\n  {}\n  @a -> relu\n"
    twigs = "@a -> x: tanh -> sigmoid", "@a -> y: tanh -> gelu"
    one = good("model M {\n  input 3x8x8\n" + body.format(*twigs) + "}\n")
    other = good("model M {\n  input 3x8x8\n" + body.format(*twigs[::-1]).replace("x:", "z:") + "}\n")
    assert Difference(one, other).is_same
    less = good("model M {\n  input 3x8x8\n" + body.format(twigs[0], "") + "}\n")
    assert not Difference(one, less).is_same


# -- random networks, beside torch's own reading of the exported source ------------------------------------------------


class Drawn:
    """A network as lines: inputs, steps and ends by name, so that it can be written in another way."""

    def __init__(self, chance: random.Random) -> None:
        self.inputs = [f"i{place}" for place in range(chance.randint(1, 3))]
        self.shapes = dict.fromkeys(self.inputs, "4x6x6")
        if chance.random() < 0.2:
            self.shapes[self.inputs[-1]] = "4x6x6 size=any"
        self.steps: list[tuple[str, str, list[str]]] = []
        known = list(self.inputs)
        for place in range(chance.randint(2, 5)):
            word = chance.choice(("relu", "gelu", "conv 1x1 4", "conv 3x3 4 pad=1", "add", "sub", "sub", "max"))
            many = 2 if word in ("add", "sub", "max") else 1
            self.steps.append((f"s{place}", word, [chance.choice(known) for _ in range(many)]))
            known.append(f"s{place}")
        read = {each for _, _, sources in self.steps for each in sources}
        ends = [name for name, _, _ in self.steps if name not in read]
        self.ends = [(f"o{place}", "output", end) for place, end in enumerate(ends)]
        if len(ends) > 1 and chance.random() < 0.4:
            self.ends[-1] = (self.ends[-1][0], "aux", self.ends[-1][2])

    def text(self) -> str:
        lines = [f"input {each}: {self.shapes[each]}" for each in self.inputs]
        for name, word, sources in self.steps:
            if len(sources) > 1:
                lines.append(f"{name}: {word} {{ {' | '.join(f'@{each}' for each in sources)} }}")
            else:
                lines.append(f"@{sources[0]} -> {name}: {word}")
        lines += [f"{kind} {name}: @{step} -> tanh" for name, kind, step in self.ends]
        return "model M {\n  " + "\n  ".join(lines) + "\n}\n"

    def edit(self, chance: random.Random) -> None:
        """Something that may or may not change the network."""
        match chance.randrange(10):
            case 0:
                chance.shuffle(self.inputs)
            case 1:
                chance.shuffle(self.ends)
            case 2:  # names of inputs change places, or one gets a new name
                others = chance.sample(self.inputs, len(self.inputs))
                self._call(dict(zip(self.inputs, others, strict=True)))
            case 3:
                self._call({chance.choice(self.inputs): "image"} if "image" not in self.text() else {})
            case 4:
                self._call({chance.choice(self.steps)[0]: "other"} if "other" not in self.text() else {})
            case 5:  # two steps exchange their names
                one, other = (chance.choice(self.steps)[0] for _ in range(2))
                self._call({one: other, other: one})
            case 6:
                place = chance.randrange(len(self.steps))
                name, word, sources = self.steps[place]
                self.steps[place] = name, word, sources[::-1]
            case 7:  # the names of ends, by turns
                names = [name for name, _, _ in self.ends]
                names = names[1:] + names[:1]
                self.ends = [(name, kind, step) for name, (_, kind, step) in zip(names, self.ends, strict=True)]
            case 8:
                self.ends[0] = ("result", *self.ends[0][1:])
            case 9:  # lines that do not depend on one another
                place = chance.randrange(max(len(self.steps) - 1, 1))
                pair = self.steps[place : place + 2]
                if len(pair) == 2 and pair[0][0] not in pair[1][2]:
                    self.steps[place : place + 2] = pair[::-1]

    def _call(self, names: dict[str, str]) -> None:
        def new(name: str) -> str:
            return names.get(name, name)

        self.inputs = [new(each) for each in self.inputs]
        self.shapes = {new(name): shape for name, shape in self.shapes.items()}
        self.steps = [(new(name), word, [new(each) for each in sources]) for name, word, sources in self.steps]
        self.ends = [(name, kind, new(step)) for name, kind, step in self.ends]


COMMUTE = (operator.add, "maximum")


def seen_by_torch(result: Compiled) -> list[tuple[object, ...]]:
    """The arguments with what they promise, the names of what comes out, and how that is worked out: each operation by
    the place where it is first met on the way back from the results, modules as they print, and which are the same.
    All that it may be seen as: sums and maxima either way round."""
    import torch
    from torch import fx

    from cnnspec.api.torch_export import source
    from tests.judges.torch_written import module

    assert result.built is not None
    graph = result.built.graph
    made = module(source(result), graph.name).train()
    traced = fx.Tracer().trace(made)
    signature = [each.target for each in traced.nodes if each.op == "placeholder"]

    def seen(turned: Collection[fx.Node]) -> list[object]:
        numbers: dict[fx.Node, int] = {}
        modules: dict[int, int] = {}
        facts: list[object] = []

        def read(node: fx.Node) -> int:
            if node not in numbers:
                if node.op == "placeholder":
                    operation: object = ("argument", signature.index(node.target))
                elif node.op == "call_module":
                    target = made.get_submodule(str(node.target))
                    operation = (repr(target), modules.setdefault(id(target), len(modules)))
                else:
                    operation = str(node.target)
                args = node.args[::-1] if node in turned else node.args
                inputs = fx.map_arg((args, node.kwargs), lambda each: f"<{read(each)}>")
                numbers[node] = len(numbers)
                facts.append((operation, repr(inputs)))
            return numbers[node]

        given = [read(each) for each in (results.values() if isinstance(results, dict) else [results])]
        return [given, facts]

    (end,) = (each for each in traced.nodes if each.op == "output")
    results = end.args[0]
    assert isinstance(results, (fx.Node, dict))
    names = [*graph.outputs, "aux", *((name, head.weight) for name, head in graph.aux.items())]
    shapes = [repr(each.layer.arguments) for each in graph.inputs.values()]
    assert torch.is_grad_enabled()
    free = [each for each in traced.nodes if each.target in COMMUTE or getattr(each.target, "__name__", "") in COMMUTE]
    ways = (way for many in range(len(free) + 1) for way in combinations(free, many))
    return [(signature, list(graph.inputs), shapes, names, *seen(way)) for way in ways]


@pytest.mark.torch
def test_the_same_exactly_if_torch_has_the_same_forward() -> None:
    pytest.importorskip("torch")
    verdicts = {True: 0, False: 0}
    for case in range(NETS):
        chance = random.Random(case)
        net = Drawn(chance)
        one = good(net.text())
        for _ in range(chance.randint(1, 3)):
            net.edit(chance)
        other = good(net.text())
        found = Difference(one, other)
        same = seen_by_torch(one)[0] in seen_by_torch(other)
        assert found.is_same is same, f"{one.source and one.source.text}{net.text()}"
        back = Difference(other, one)
        assert (back.is_same, back.is_identical) == (found.is_same, found.is_identical)
        assert len(back.interface) == len(found.interface), net.text()
        verdicts[same] += 1
    assert min(verdicts.values()) > NETS // 6, verdicts

"""Random networks that go down and up again, join branches, and end in all ways that tie sizes: texts to be sized.

Branches that differ at the written size are padded or cropped until they agree there, so that many joins hold at few
sizes, or at one.
"""

import random
from typing import NamedTuple

from cnnspec.pipeline import Compiled
from tests.texts import compiled

MOST = 200_000
"""Values of a map; what grows larger is drawn anew."""


class Value(NamedTuple):
    """A named value and its shape at the written size."""

    name: str
    shape: tuple[int, ...]


class Draw:
    """One network, line by line; each line is compiled before the next one is drawn."""

    def __init__(self, seed: object, rank: int | None = None) -> None:
        self.chance = random.Random(f"resampled {seed}")
        self.rank = rank or self.chance.choice((1, 2, 2, 2, 2, 3))
        low, high = {1: (12, 60), 2: (9, 40), 3: (6, 16)}[self.rank]
        self.shape = (self.chance.choice((2, 3, 4)), *(self.chance.randint(low, high) for _ in range(self.rank)))
        self.lines: list[str] = []
        self.values = [Value("input", self.shape)]
        self.count = 0

    def text(self, last: str = "") -> str:
        dressed = "x".join(map(str, self.shape))
        lines = "\n".join(f"  {each}" for each in [*self.lines, *([last] if last else [])])
        return f"cnn 1\nmodel Drawn {{\n  input {dressed}\n{lines}\n}}\n"

    def put(self, step: str, start: Value | None = None) -> Value | None:
        """A line more, if the compiler takes it: the value that it names."""
        self.count += 1
        name = f"v{self.count}"
        begins = f"@{start.name} -> " if start and start.name != "input" else ""
        line = f"{begins}{name}: ({step})" if "->" in step else f"{begins}{name}: {step}"
        if start is None:
            line = f"{name}: {step}"
        result = compiled(self.text(line))
        if not result.ok or result.built is None:
            return None
        graph = result.built.graph
        shape = result.built.shapes[next(iter(graph.outputs.values()))]
        if shape is None or max(shape) > 600 or _count(shape) > MOST:
            return None
        self.lines.append(line)
        self.values.append(Value(name, shape))
        return self.values[-1]

    # -- steps ----------------------------------------------------------------------------------------------------

    def one_of(self, *choices: str) -> str:
        return self.chance.choice(choices)

    def kernel(self, sizes: tuple[int, ...] = (1, 2, 3, 3, 5)) -> str:
        return "x".join(str(self.chance.choice(sizes)) for _ in range(self.rank))

    def padding(self) -> str:
        return self.one_of("", "", " pad=1", " pad=same_upper", " pad=same_lower", " pad=2", self.ends())

    def ends(self) -> str:
        return " pad=" + ",".join(str(self.chance.randint(0, 1)) for _ in range(2 * self.rank))

    def window(self) -> str:
        """A convolution or a pool, with or without a stride."""
        stride = self.one_of("", "", " /2", " /2", " /3")
        kind = self.one_of("conv", "conv", "maxpool", "avgpool", "depthwise")
        if kind == "conv":
            dilation = self.one_of("", "", "", " dilation=2")
            return f"conv {self.kernel()} {self.chance.choice((2, 3, 4))}{stride}{self.padding()}{dilation}"
        if kind == "depthwise":
            return f"depthwise {self.kernel()}{stride}{self.padding()}"
        ceil = self.one_of("", " ceil_mode=yes")
        more = self.one_of(" count_pad=no", " count_pad=yes", "") if kind == "avgpool" else ""
        return f"{kind} {self.kernel((2, 2, 3))}{stride}{self.padding()}{ceil}{more}"

    def up(self, shape: tuple[int, ...]) -> str:
        kinds = ["upsample", "upsample", "conv_transpose", "conv_transpose", "bilinear", "pad"]
        kind = self.chance.choice([*kinds, "shuffle"] if self.rank == 2 and shape[0] % 4 == 0 else kinds)
        if kind == "shuffle":
            return "pixel_shuffle 2"
        if kind == "bilinear":
            return "upsample 2 mode=bilinear"
        if kind == "pad":
            return f"pad {self.chance.randint(1, 4)}{self.one_of('', ' mode=reflect', ' mode=edge')}"
        if kind == "conv_transpose":
            more = self.one_of("", " pad=1", " pad=same_upper", " output_pad=1")
            return f"conv_transpose {self.kernel((2, 3, 4))} {self.chance.choice((2, 4))} /2{more}"
        return f"upsample {self.one_of('2', '2', '3')}"

    def plain(self) -> str:
        return self.one_of(
            "relu", "bn", "crop 1", "instancenorm", "groupnorm 1", "layernorm", "crop 0,1" if self.rank == 1 else "relu"
        )

    def a_step(self, shape: tuple[int, ...]) -> str:
        draws = self.chance.random()
        return self.window() if draws < 0.5 else self.up(shape) if draws < 0.75 else self.plain()

    # -- joins ----------------------------------------------------------------------------------------------------

    def a_join(self) -> Value | None:
        """Two values that agree at the written size, if need be by a border more or less."""
        maps = [each for each in self.values if len(each.shape) == self.rank + 1]
        one, other = maps[-1], self.chance.choice(maps)
        if self.chance.random() < 0.5:
            one, other = other, one
        kind = self.one_of("concat", "concat", "add", "mul", "like", "gate")
        if kind == "like":
            step = self.one_of("crop like=", "upsample like=", "upsample like=")
            bilinear = self.one_of("", " mode=bilinear") if step.startswith("upsample") else ""
            resized = self.put(f"{step}@{other.name}{bilinear}", one)
            return resized and self.put(f"concat {{ @{resized.name} | @{other.name} }}")
        if kind == "gate":
            return self.put(f"mul {{ @{one.name} | @{one.name} -> gap -> sigmoid }}")
        other_step = self.agreeing(one, other, channels=kind != "concat")
        return self.put(f"{kind} {{ @{one.name} | {other_step} }}")

    def agreeing(self, one: Value, other: Value, *, channels: bool) -> str:
        """The other value with a border that makes it as large as the first one, and as many channels."""
        step = f"@{other.name}"
        if channels and one.shape[0] != other.shape[0]:
            step += f" -> conv {'x'.join('1' * self.rank)} {one.shape[0]}"
        more = [a - b for a, b in zip(one.shape[1:], other.shape[1:], strict=True)]
        if any(each > 0 for each in more):
            step += " -> pad " + ",".join(["0"] * self.rank + [str(max(0, each)) for each in more])
        if any(each < 0 for each in more):
            step += " -> crop " + ",".join(["0"] * self.rank + [str(max(0, -each)) for each in more])
        return step

    def an_end(self) -> None:
        """How it ends: as a map, a vector whose length is free or tied, or in another order of the axes."""
        last = self.values[-1]
        ends = ["", "", "gap -> flatten -> linear 3", "flatten -> linear 3", "flatten", "adaptive"]
        if self.rank > 1:
            ends += ["permute", "layernorm over=last", "layernorm over=all"]
        end = self.chance.choice([*ends, "reshape", "twice"])
        if end == "adaptive":
            end = f"adaptive_avgpool {'x'.join('2' * self.rank)} -> flatten -> linear 2"
        elif end == "permute":
            end = "permute 0 " + " ".join(map(str, reversed(range(1, self.rank + 1)))) + self.one_of("", " -> relu")
        elif end == "reshape":
            end = f"reshape {last.shape[0]} -1" + self.one_of("", " -> relu", " -> maxpool 2", " -> reshape -1 2")
        elif end == "twice":
            end = f"concat {{ flatten | gap -> flatten }} -> {self.one_of('relu', 'linear 2')}"
        if end:
            self.put(end, last)

    def a_condition(self) -> None:
        """A text that asks for its input's size."""
        axis = self.one_of(*{1: "w", 2: "hw", 3: "dhw"}[self.rank])
        size = self.shape["dhw".index(axis) - 3 + self.rank + 1]
        kind = self.one_of("require", "require", "if", "if")
        if kind == "require":
            by = self.chance.choice((2, 3, 4))
            self.lines.append(
                self.one_of(
                    f"require in.{axis} % {by} == {size % by}",
                    f"require in.{axis} >= {max(1, size - 3)} and in.{axis} < {size + 150}",
                    f"require not in.{axis} == {size + 1}",
                )
            )
        else:
            cut = self.chance.choice((size, size + 7, size + 30))
            test = self.one_of(f"in.{axis} % 2 == {self.chance.randint(0, 1)}", f"in.{axis} > {cut}")
            begins = ",".join("0" * self.rank)
            self.lines.append(f"if {test} {{ pad {begins},{','.join('1' * self.rank)} }}")
            result = compiled(self.text())
            assert result.built is not None
            shape = next(iter(result.built.shapes[each] for each in result.built.graph.outputs.values()))
            assert shape is not None
            self.values = [Value("input", shape)] if shape == self.shape else [self.put("relu") or self.values[0]]


def drawn(seed: object, rank: int | None = None) -> Compiled:
    """A network that compiles."""
    draw = Draw(seed, rank)
    if draw.chance.random() < 0.15:
        draw.a_condition()
    for _ in range(draw.chance.randint(3, 9)):
        if draw.chance.random() < 0.35 and len(draw.values) > 2:
            draw.a_join()
        else:
            last = draw.values[-1]
            draw.put(draw.a_step(last.shape), last)
    draw.an_end()
    result = compiled(draw.text())
    if not result.ok:
        return drawn(f"{seed} again", rank)
    return result


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for each in shape:
        total *= each
    return total

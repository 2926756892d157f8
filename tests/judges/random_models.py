"""Random models: their inputs and outputs, auxiliary heads, and the lines that are no steps."""

from cnnspec.contract.values import Dim, Shape, dress
from tests.judges.random_blocks import Blocks
from tests.judges.random_forms import indented, referable
from tests.judges.random_spots import Known, Spot, written
from tests.judges.random_words import words_for

LARGEST = {0: (24, 1), 1: (4, 24), 2: (4, 13), 3: (3, 7)}
"""The most channels and the largest extent of an input, by rank."""
BUDGETS = ("params <= 12M", "macs < 2G", "rf >= 1", "memory <= 1GiB", "depth <= 1k", "params == params")
"""Conditions on the finished model that hold for every model here."""
LABELS = "labels.txt"
RECIPES = (
    "train { optimizer sgd 0.1 momentum=0.9 -> l2 1e-4 of=weights -> schedule step 0.1 every=30 epochs -> epochs 90 }",
    "train {\n  optimizer adamw 0.001\n  decay 0.01\n  warmup 5 epochs\n  schedule cosine per=step\n  steps 4000\n}",
)


class Models(Blocks):
    def model(self, name: str, spot: Spot) -> str:
        """A whole model."""
        parameters = self._parameters(spot)
        listed = "[]" if self.draw.chance(8) else ""
        rank = self.draw.one((2, 2, 2, 1, 3, 0))
        count = self.draw.one((1, 1, 1, 1, 2, 3))
        lines = self._several(spot, rank, count) if count > 1 else self._single(spot, rank)
        return f"model {name}{parameters}{listed} {{\n  {indented(lines)}\n}}"

    def _parameters(self, spot: Spot) -> str:
        found = []
        for _ in self.draw.several(2, 40, least=0):
            name, value = self.name("m"), self.draw.one((2, 3, 4, 6, 8))
            spot.env[name] = value
            found.append(f"{name}={value}")
        return f"({', '.join(found)})" if found else ""

    # -- inputs -------------------------------------------------------------------------------------------------------

    def _shape(self, rank: int) -> Shape:
        channels, extent = LARGEST[rank]
        return (self.draw.number(1, channels), *(self.draw.number(3, extent) for _ in range(rank)))

    def _input(self, spot: Spot, label: str, shape: Shape) -> str:
        name = "" if label == "input" else f"{label}: "
        size = written(self.draw, spot, Dim(shape)) if len(shape) > 1 else str(shape[0])
        open_size = " size=any" if len(shape) > 1 and self.draw.chance(20) else ""
        return f"input {name}{size}{open_size}"

    def _single(self, spot: Spot, rank: int) -> list[str]:
        """One input, whose value the first line takes."""
        shape = self._shape(rank)
        label = self.name("in") if self.draw.chance(20) else "input"
        first = self._input(spot, label, shape)
        spot.entry = shape
        spot.labels[label] = Known(shape)
        lines, result = self.lines(spot, shape, 8, 75)
        return [first, *self._sections(shape), *lines, *self._ends(spot, result), *self._budget()]

    def _several(self, spot: Spot, rank: int, count: int) -> list[str]:
        """Each input begins a line; a merge joins the lines' ends."""
        inputs = {self.name("in"): self._shape(rank) for _ in range(count)}
        lines = [self._input(spot, label, shape) for label, shape in inputs.items()]
        spot.labels |= {label: Known(shape) for label, shape in inputs.items()}
        ends: dict[str, Shape] = {}
        for label, shape in inputs.items():
            text, result = self.chain(spot, shape, 2)
            end = self.name("end")
            if ends:
                first = next(iter(ends.values()))
                steps, fitted = self.fitting(spot, result, first)
                if fitted is not None:
                    text, result = " -> ".join([f"({text})", *steps]), fitted
            lines.append(f"@{label} -> {end}: ({text})")
            spot.labels[end] = Known(result)
            ends[end] = result
        cls = self.draw.one(words_for(len(first_shape := next(iter(ends.values()))) - 1, merges=True))
        joined = [end for end, shape in ends.items() if shape == first_shape]
        lines.append(f"{cls.word} {{ {' | '.join(f'@{end}' for end in joined)} }}")
        shape = cls().infer((first_shape,) * len(joined)) if len(joined) > 1 else first_shape
        more, shape = self.lines(spot, shape, 4)
        rest = [f"output {self.name('out')}: @{end}" for end in ends if end not in joined]
        return [*lines, *more, *rest, *self._ends(spot, shape, must=bool(rest)), *self._budget()]

    # -- outputs ------------------------------------------------------------------------------------------------------

    def _ends(self, spot: Spot, shape: Shape, *, must: bool = False) -> list[str]:
        """Auxiliary heads and outputs, or nothing: then the last value is the output."""
        lines = []
        if self.draw.chance(20):
            weight = self.draw.one(("", " weight=0.3"))
            lines.append(f"aux{weight} {self.name('aux')}: {self._source(spot, shape)}")
        if must or self.draw.chance(35):
            for _ in self.draw.several(2, 50, least=0):
                lines.append(self._output(spot, shape))
            lines.append(f"output {self.name('out')}: {self.chain(spot.aside(), shape, 2)[0]}")
        return lines

    def _output(self, spot: Spot, shape: Shape) -> str:
        """An output, or one for each turn of a loop."""
        name = self.name("out")
        if not self.draw.chance(25):
            return f"output {name}: {self._source(spot, shape)}"
        turn = self.name("i")
        values = self.draw.one(("1..2", "1,3", "2..2"))
        return f"for {turn} in {values} {{ output {name}-{{{turn}}}: {self._source(spot.copied(), shape)} }}"

    def _source(self, spot: Spot, shape: Shape) -> str:
        """A short chain from the current value or from a label. Its own labels may not be in reach afterwards: braces
        take the line's name and are a scope."""
        reach = (spot := spot.aside()).reach()
        if not reach or self.draw.chance(50):
            return self.chain(spot, shape, 2)[0]
        label = self.draw.one(referable(spot))
        if self.draw.chance(20):
            return f"@{label}"
        return f"@{label} -> {self.chain(spot, reach[label].shape, 2)[0]}"

    # -- what travels with it -----------------------------------------------------------------------------------------

    def _sections(self, shape: Shape) -> list[str]:
        lines = []
        if len(shape) == 3 and shape[0] in (1, 3) and self.draw.chance(20):
            steps = [f"resize {max(shape[1:]) + 3}{self.draw.one(('', ' bicubic antialias=no', ' lanczos'))}"]
            steps.append(f"crop {dress(shape[1:])}")
            steps += self.draw.one(([], ["rescale 1/255"], ["normalize mean=0.5 std=0.25"]))
            lines.append(f"image {{ {' -> '.join(steps)} }}")
        if self.draw.chance(6):
            lines.append(f'labels "{LABELS}"')
        if self.draw.chance(6):
            lines.append(self.draw.one(RECIPES))
        return lines

    def _budget(self) -> list[str]:
        if not self.draw.chance(10):
            return []
        tests = [self.draw.one(BUDGETS) for _ in self.draw.several(3, 40)]
        message = self.draw.one(("", ' "within the budget"'))
        return [f"require {', '.join(tests)}{message}"]

"""Random networks as Hypothesis draws and shrinks them: texts of whole files, nearly all of which compile.

Shapes are followed by what each word itself infers, so that a text fits as it is drawn. Only where text is used again
at another shape (repeats, loops, blocks with other arguments) the compiler is asked for what comes out.
"""

from collections.abc import Mapping
from typing import NamedTuple

from hypothesis import strategies as st

from cnnspec.contract.values import Shape, dress
from tests.judges.random_blocks import Blocks
from tests.judges.random_draw import Draw
from tests.judges.random_forms import indented, referable
from tests.judges.random_spots import File, Known, Spot
from tests.judges.random_words import words_for

LARGEST = {0: (24, 1), 1: (4, 24), 2: (4, 13), 3: (3, 7)}
"""The most channels and the largest extent of an input, by rank."""


class Network(NamedTuple):
    """A text and the files that it uses; `careless`: nobody looked whether its words fit."""

    text: str
    careless: bool = False
    files: Mapping[str, str] = {}


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Whole texts: settings, blocks, one model with inputs, outputs and auxiliary heads."""
    return Writer(Draw(draw)).network()


class Writer(Blocks):
    """Writes one text. Blocks are written when the model first wants them, and stand before it."""

    def network(self) -> Network:
        self.left = self.draw.number(4, 24)
        self.careless = self.draw.chance(3)
        self._shelves()
        behind = self.main.spot.body()
        behind.depth = 0
        late = self.preamble(behind) if self.draw.chance(20) else []
        spot = behind.room()
        parameters = self._parameters(spot)
        listed = "[]" if self.draw.chance(8) else ""
        lines = [f"model Net{parameters}{listed} {{", f"  {indented(self._model(spot))}", "}"]
        return Network("\n".join([*self.head(self.main), *late, *lines]) + "\n", self.careless, self.files())

    def _shelves(self) -> None:
        """The main file, and others that blocks may be written into."""
        names = ["parts/deep.cnn", "parts/more.cnn"][: self.draw.one((0, 0, 0, 1, 2))]
        opened: list[File] = []
        for name in [*names, ""]:
            file = File(name) if name else self.main
            file.dated = self.draw.chance(30)
            for other in opened:
                file.uses[other] = self.draw.one(("", f"{self.name('parts')}."))
            file.head += self.preamble(file.spot)
            file.spot.sets.clear()
            opened.append(file)

    def _parameters(self, spot: Spot) -> str:
        found = []
        for _ in self.draw.several(2, 40, least=0):
            name, value = self.name("m"), self.draw.one((2, 3, 4, 6, 8))
            spot.env[name] = value
            found.append(f"{name}={value}")
        return f"({', '.join(found)})" if found else ""

    def _shape(self, rank: int) -> Shape:
        channels, extent = LARGEST[rank]
        return (self.draw.number(1, channels), *(self.draw.number(3, extent) for _ in range(rank)))

    def _model(self, spot: Spot) -> list[str]:
        rank = self.draw.one((2, 2, 2, 1, 3, 0))
        count = self.draw.one((1, 1, 1, 1, 2, 3))
        if count > 1:
            return self._several(spot, rank, count)
        shape = self._shape(rank)
        spot.entry = shape
        label = self.name("in") if self.draw.chance(20) else "input"
        spot.labels[label] = Known(shape)
        first = f"input {dress(shape)}" if label == "input" else f"input {label}: {dress(shape)}"
        lines, shape = self.lines(spot, shape, 8, 75)
        return [first, *lines, *self._ends(spot, shape)]

    def _several(self, spot: Spot, rank: int, count: int) -> list[str]:
        """Each input begins a line; a merge joins the lines' ends."""
        inputs = {self.name("in"): self._shape(rank) for _ in range(count)}
        spot.labels |= {label: Known(shape) for label, shape in inputs.items()}
        lines = [f"input {label}: {dress(shape)}" for label, shape in inputs.items()]
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
        return [*lines, *more, *rest, *self._ends(spot, shape, must=bool(rest))]

    def _ends(self, spot: Spot, shape: Shape, *, must: bool = False) -> list[str]:
        """Auxiliary heads and outputs, or nothing: then the last value is the output."""
        lines = []
        if self.draw.chance(20):
            weight = self.draw.one(("", " weight=0.3"))
            lines.append(f"aux{weight} {self.name('aux')}: {self._source(spot, shape)}")
        if must or self.draw.chance(35):
            for _ in self.draw.several(2, 50, least=0):
                lines.append(f"output {self.name('out')}: {self._source(spot, shape)}")
            lines.append(f"output {self.name('out')}: {self.chain(spot.aside(), shape, 2)[0]}")
        return lines

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

"""Random networks as Hypothesis draws and shrinks them: texts of whole files, nearly all of which compile.

Shapes are followed by what each word itself infers, so that a text fits as it is drawn. Only where text is used again
at another shape (repeats, loops, blocks with other arguments) the compiler is asked for what comes out.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from tests.judges.random_draw import Draw
from tests.judges.random_models import LABELS, Models
from tests.judges.random_spots import File


class Network(NamedTuple):
    """A text, the files that it uses, and its models' names; `careless`: nobody looked whether its words fit."""

    text: str
    careless: bool = False
    files: Mapping[str, str] = {}
    models: tuple[str, ...] = ("Net",)


def attempt(base: int, case: int, trial: Callable[[Network], None], *, shrink: bool = True) -> None:
    """One case of a seed, by a run of Hypothesis of its own, so that no two are made of each other and each can be
    seen again. What `trial` raises is raised of the smallest text of which it does, if there is time to shrink."""

    @seed(base * 1_000_003 + case)
    @settings(
        max_examples=2,  # the simplest text of all comes first
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
        database=None,
        deadline=None,
    )
    @given(networks())
    def one(network: Network) -> None:
        trial(network)

    one()


def network(base: int, case: int) -> Network:
    """The text of a case."""
    found: list[Network] = []
    attempt(base, case, found.append, shrink=False)
    return found[-1]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Whole texts: settings, blocks, one model with inputs, outputs and auxiliary heads."""
    return Writer(Draw(draw)).network()


class Writer(Models):
    """Writes one text. Blocks are written when a model first wants them, and stand before it."""

    def network(self) -> Network:
        self.left = self.draw.number(4, 24)
        self.careless = self.draw.chance(3)
        self._shelves()
        behind = self.main.spot.body()
        behind.depth = 0
        late = self.preamble(behind) if self.draw.chance(20) else []
        names = ("Net", "Other") if self.draw.chance(6) else ("Net",)
        models = [self.model(name, behind.room()) for name in names]
        text = "\n".join([*self.head(self.main), *late, *models]) + "\n"
        files = self.files() | ({LABELS: "cat\ndog\n"} if f'"{LABELS}"' in text else {})
        return Network(text, self.careless, files, names)

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

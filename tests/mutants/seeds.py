"""What mutants are made from: the examples, the tests' programs, and random networks, in which every form stands."""

import random
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from cnnspec.source.text import Source
from cnnspec.syntax.parse import parse
from tests import ROOT

EACH = 25
"""So many cases make theirs from the same random network, which takes longer to draw than to change."""


class Text(NamedTuple):
    """A main file and those that it uses, which lie beside it."""

    main: str
    files: Mapping[str, str] = {}


WRITTEN = [
    path.read_text(encoding="utf-8")
    for folder in ("examples", "tests/programs")
    for path in sorted((ROOT / folder).glob("*.cnn"))
]


WHOLE = [text for text in WRITTEN if not parse(Source("seed.cnn", text))[1]]
"""Without those whose syntax is at fault, and is to be."""


def seed_of(chance: random.Random, seed: int, case: int, *, whole: bool) -> Text:
    """What a case changes; `whole` if there is to be no fault in its syntax."""
    return Text(chance.choice(WHOLE if whole else WRITTEN)) if chance.random() < 0.5 else drawn(seed, case // EACH)


@lru_cache(maxsize=32)
def drawn(seed: int, case: int) -> Text:
    """A random network."""
    from tests.judges.random_networks import network

    found = network(seed, case)
    return Text(found.text, found.files)


def donor(chance: random.Random) -> str:
    """Another text, of which a mutant takes a part."""
    return chance.choice(WRITTEN) if chance.random() < 0.5 else drawn(0, chance.randrange(8)).main

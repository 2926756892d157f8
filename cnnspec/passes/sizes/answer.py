"""The answer to which sizes a network takes: proved where that can be, else found by trying."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import product
from typing import NamedTuple

from cnnspec.passes.sizes.conditions import Chance, Tie, Untold
from cnnspec.passes.sizes.form import TooLarge, Variable
from cnnspec.passes.sizes.joint import Product, merged
from cnnspec.passes.sizes.sets import only
from cnnspec.passes.sizes.valid import Expand, Limit, Network, found_of, variables_of
from cnnspec.passes.sizes.walk import checked, refused
from cnnspec.passes.sizes.ways import resized, same_weights, ways_of

SEARCHED = 256
"""Sizes of an axis that are tried where nothing is proved."""

BESIDE = 32
"""And so many below and above the written one."""

MOST_CHANCES = 64
"""Single sizes that are tried one by one beside what is proved."""


class Answer(NamedTuple):
    """`products` of sets by input, whose union is what it takes, of all inputs together where the `ties` are met, too.
    `joint` are all ties, met by the products or not; `limits` what keeps each axis. Not `proved`: `why`, and `searched`
    is up to which size, and `BESIDE` the written one, it was tried; the products are then what was found to work, and
    there may be more."""

    written: Mapping[Variable, int]
    products: Mapping[str, list[Product]]
    ties: tuple[Tie, ...] = ()
    joint: tuple[Tie, ...] = ()
    limits: tuple[Limit, ...] = ()
    proved: bool = True
    why: str = ""
    searched: int | None = None

    def takes(self, sizes: Mapping[Variable, int]) -> bool:
        """Whether these sizes are among them."""
        return all(
            any(all(sizes[name] in those for name, those in each.items()) for each in products)
            for products in self.products.values()
        ) and all(tie.holds(sizes) for tie in self.ties)


def answer(network: Network, expand: Expand | None = None, *, search: bool = True) -> Answer | None:
    """Which sizes a network without errors takes; `expand` where its text asks for sizes. Without `search`, None where
    it cannot be proved."""
    try:
        return _proved(network, expand)
    except (Untold, TooLarge) as error:
        return _searched(network, expand, str(error)) if search else None


def _proved(network: Network, expand: Expand | None) -> Answer:
    written = variables_of(network.graph)
    found = found_of(network)
    products = dict(found.products)
    if found.ways:
        if found.ties or found.chances:
            raise Untold("the text goes other ways for other sizes, which are tied")
        (input,) = _single(written, "the text goes other ways for other sizes of several inputs")
        products[input] = ways_of(network, found, written, expand)
    elif found.chances:
        (input,) = _single(written, "a branch of several inputs may be a gate at single sizes")
        more = list(_by_chance(network, found.chances, written))
        products[input] = merged([*products[input], *more])
    return Answer(written, products, found.ties, found.joint, found.limits)


def _single(written: Mapping[Variable, int], why: str) -> set[str]:
    """The only input; Untold, and why, where there are several."""
    inputs = {each.input for each in written}
    if len(inputs) != 1:
        raise Untold(why)
    return inputs


def _by_chance(network: Network, chances: Iterable[Chance], written: Mapping[Variable, int]) -> Iterator[Product]:
    """The single sizes at which an operand happens to be a gate, those of them that are taken."""
    graph, shapes, _ = network
    nodes = checked(graph)
    tried = set[tuple[int, ...]]()
    for chance in chances:
        sets = [chance.sizes.get(name) for name in written]
        listed = [each.low for each in sets if each is not None and each.is_finite]
        if len(listed) < len(written):
            raise Untold("a branch may be a gate at any size of an axis")
        tried.update(product(*listed))
    if len(tried) > MOST_CHANCES:
        raise Untold("a branch may be a gate at too many sizes")
    for each in sorted(tried):
        sizes = dict(zip(written, each, strict=True))
        if refused(graph, shapes, resized(graph, sizes), nodes) is None:
            yield {name: only(size) for name, size in sizes.items()}


def taker(network: Network, expand: Expand | None) -> Callable[[Mapping[Variable, int]], bool]:
    """Whether the network takes sizes, found by trying: the steps themselves, or the text where it asks for sizes."""
    graph, shapes, _ = network
    nodes = checked(graph)

    def takes(sizes: Mapping[Variable, int]) -> bool:
        inputs = resized(graph, sizes)
        if expand is None:
            return refused(graph, shapes, inputs, nodes) is None
        other = expand(inputs)
        return other is not None and same_weights(network, other)

    return takes


def _searched(network: Network, expand: Expand | None, why: str) -> Answer:
    """Each axis by itself, all others as written, up to a bound, and beside the written size."""
    written = variables_of(network.graph)
    takes = taker(network, expand)
    products: dict[str, list[Product]] = {name.input: [] for name in written}
    for name in written:
        near = range(max(1, written[name] - BESIDE), written[name] + BESIDE + 1)
        tried = sorted({*range(1, SEARCHED + 1), *near})
        found = only(*(size for size in tried if takes({**written, name: size})))
        here = {other: only(size) for other, size in written.items() if other.input == name.input}
        products[name.input].append({**here, name: found})
    whole = {input: merged(each) for input, each in products.items()}
    return Answer(written, whole, proved=False, why=why, searched=SEARCHED)

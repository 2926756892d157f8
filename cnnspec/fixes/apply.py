"""Fixes made: round after round until none is left, each round judged by compiling every program that there is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from cnnspec.fixes.bench import Bench, Outcome, Program, compiled_with, errors_of, warnings_of
from cnnspec.fixes.edits import without_overlap
from cnnspec.pipeline import Compiled
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix

MOST_ROUNDS = 100
MOST_ALONE = 20
"""Fixes of a round that are tried one by one, where several of them together do not go well."""
UNBOUNDED = 2**62

Made = tuple[Diagnostic, tuple[Edit, ...]]
"""A finding and the edits that mend it."""

Answer = Callable[[Program, Mapping[str, str]], tuple[Compiled, ...]]
"""A program compiled with these texts, and everything that is said of it, fixes included."""


class Mended(NamedTuple):
    """`texts` are the new texts by name, of the files that changed; `made` the findings that are gone by a fix; `left`
    what is said then, program by program."""

    texts: Mapping[str, str]
    made: tuple[Diagnostic, ...]
    left: tuple[tuple[Compiled, ...], ...]

    @property
    def errors(self) -> int:
        return len(errors_of(each for one in self.left for each in one))


class Wanted(NamedTuple):
    """Which fixes are made: those in files of these names, `unsafe` ones too or only the safe."""

    names: frozenset[str]
    unsafe: bool

    def fix_of(self, found: Diagnostic) -> Fix | None:
        fix = found.fix
        if fix is None or not (fix.safe or self.unsafe):
            return None
        return fix if all(edit.span.source.name in self.names for edit in fix.edits) else None


def mended(programs: Sequence[Program], answer: Answer, wanted: Wanted, guards: Sequence[Program] = ()) -> Mended:
    """The programs with all fixes made that can be. There are never more errors than before: where mending one line
    brings more to light than it mends, that line is left. `guards` are further programs that shall not be harmed."""
    untouched = tuple(answer(each, {}) for each in programs)
    start = Mended({}, (), untouched)
    result = _Rounds(programs, answer, wanted, guards, may_grow=True).run(start)
    if result.errors > start.errors:
        result = _Rounds(programs, answer, wanted, guards, may_grow=False).run(start)
    return result


class _Rounds:
    """`may_grow`: a round may bring to light more errors than it mends, as later rounds may mend those."""

    def __init__(
        self,
        programs: Sequence[Program],
        answer: Answer,
        wanted: Wanted,
        guards: Sequence[Program],
        *,
        may_grow: bool,
    ) -> None:
        self.programs, self.answer, self.wanted, self.guards = programs, answer, wanted, guards
        self.may_grow = may_grow

    def run(self, state: Mended) -> Mended:
        seen = [state.texts]
        for _ in range(MOST_ROUNDS):
            following = self._round(state)
            if following is None or following.texts in seen:
                break
            state = following
            seen.append(state.texts)
        return state

    def _round(self, state: Mended) -> Mended | None:
        """All fixes at once that touch each other nowhere; if that does not go well, the first that goes well alone."""
        found = [each for one in state.left for each in one]
        told = (*errors_of(found), *warnings_of(found))
        fixable = [(each, fix.edits) for each in told if (fix := self.wanted.fix_of(each))]
        if not fixable:
            return None
        found += [each for guard in self.guards for each in compiled_with(guard, state.texts)]
        bench = Bench((*self.programs, *self.guards), found, UNBOUNDED)
        together = [fixable[i] for i in without_overlap(edits for _, edits in fixable)]
        for chosen in _attempts(together, fixable):
            outcome = bench.tried(edit for _, edits in chosen for edit in edits)
            if outcome is not None and self._is_fine(bench, outcome, chosen):
                texts = {**state.texts, **outcome.change.texts()}
                left = tuple(self.answer(each, texts) for each in self.programs)
                return Mended(texts, (*state.made, *(each for each, _ in chosen)), left)
        return None

    def _is_fine(self, bench: Bench, outcome: Outcome, chosen: list[Made]) -> bool:
        """Whether the errors that were mended are gone, and none came; but a line that can be read now may show what
        else is wrong with it, and with what follows from it."""
        gone = {bench.errors[i] for i in outcome.gone}
        reads = not any(_is_worked_out(each, bench) for each, _ in chosen)
        grows = len(outcome.left) > len(bench.errors)
        return (
            all(each in gone for each, _ in chosen if each.is_error)
            and (outcome.added == outcome.revealed if reads else not outcome.added)
            and (self.may_grow or not grows)
        )


def _is_worked_out(found: Diagnostic, bench: Bench) -> bool:
    """Whether its fix changes numbers of the network, and not only how a line is written."""
    place = (found.id, found.label.span) if found.label else None
    return any(each.built and place in each.built.failures for each in bench.found)


def _attempts(together: list[Made], each: list[Made]) -> Iterator[list[Made]]:
    """All together, then the first half of them, and so on; then one by one."""
    size = len(together)
    while size > 1:
        yield together[:size]
        size //= 2
    yield from ([one] for one in each[:MOST_ALONE])

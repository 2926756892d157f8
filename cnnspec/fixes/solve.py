"""The changes that are shown: those with which the whole text compiles, or at least this error goes and none comes."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from cnnspec.build.failures import Failure, RefusedStep
from cnnspec.build.options import Options
from cnnspec.fixes.bench import Bench, Outcome, Program
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.cost import cost_of
from cnnspec.fixes.edits import edits_between, without_overlap
from cnnspec.fixes.expectations import expectation_candidates
from cnnspec.fixes.following import Following
from cnnspec.fixes.joins import join_candidates
from cnnspec.fixes.steps import MOVED, step_candidates
from cnnspec.fixes.tuning import Work
from cnnspec.fixes.turned import turned
from cnnspec.fixes.uses import is_unproven, proves
from cnnspec.pipeline import Compiled
from cnnspec.source.change import Change
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix
from cnnspec.source.text import Span

MOST_ERRORS = 20
"""Errors that a change is looked for: who has more reads the first ones first."""
MOST_TRIED = 10
"""Changes that are tried for one error."""
MOST_FOLLOWED = 4
"""Further changes that are tried for an error that a change brought to light."""
MOST_SHOWN = 2
FARTHEST = 100
"""Blanks between an edit and an error that stands beside it."""


def solved(found: Sequence[Compiled], options: Options, *, looks_turned: bool = True) -> tuple[Compiled, ...]:
    """The models of one text with, at each error, the changes that would make it right; where nothing is wrong nothing
    is done. `options` are those that the text was compiled with, `looks_turned` says that inputs whose channels may
    stand last are turned."""
    source = found[0].source if found else None
    if source is None or not any(each.is_error for one in found for each in one.diagnostics):
        return tuple(found)
    return Solver(Bench([Program(source, options)], found), looks_turned).run()


def solved_one(compiled: Compiled) -> Compiled:
    """The same for one model."""
    return solved((compiled,), compiled.options)[0]


class Held(NamedTuple):
    """A change that holds. The smaller its rank, the better: errors that are left, whether it is far-fetched, warnings
    that come with it, and how late it was thought of. `further` are steps that were refused behind the first."""

    rank: tuple[int, ...]
    candidate: Candidate
    outcome: Outcome
    further: tuple[Span, ...] = ()


class Solver:
    """Answers the errors of one bench, the first ones first, as long as there is work left."""

    def __init__(self, bench: Bench, looks_turned: bool = True) -> None:
        self.bench, self.looks_turned = bench, looks_turned
        self.sites = bench.sites
        self.replays = Work()
        self.answers: dict[Diagnostic, Diagnostic] = {}
        self.asked: tuple[Outcome | None, tuple[list[Span], list[Span]]] = (None, ([], []))

    def run(self) -> tuple[Compiled, ...]:
        followed = set[Diagnostic]()
        first = [self._turned(one, followed) if self.looks_turned else () for one in self.bench.found]
        self._proposals()
        for one in self.bench.found:
            case = Case(one.built, self.sites, self.replays) if one.built and one.built.failures else None
            if case is None:
                continue
            failures = ((each, _failure(each, case)) for each in one.diagnostics[: 10 * MOST_ERRORS])
            told = [(each, failure) for each, failure in failures if failure is not None]
            following = Following(case, told[:MOST_ERRORS])
            followed |= following.follow
            for each, failure in told:
                if each not in self.answers and each not in followed and len(self.answers) < MOST_ERRORS:
                    self.answers[each] = following.noted(each, self._answered(each, case, failure))
        return tuple(
            one.telling(tuple(self.answers.get(each, each) for each in one.diagnostics if each not in followed), before)
            for one, before in zip(self.bench.found, first, strict=True)
        )

    def _turned(self, one: Compiled, followed: set[Diagnostic]) -> tuple[Diagnostic, ...]:
        """What is to be said of inputs with their channels last. The first of the errors that come of it is told, and
        nothing else proposed for it."""
        found = turned(self.bench, one)
        gone = [self.bench.errors[i] for i in sorted(found.gone)] if found else []
        mine = [each for each in one.diagnostics if each in gone]
        if not found or not mine:
            return ()
        more = len(gone) - 1
        count = () if not more else ("an error follows from it",) if more == 1 else (f"{more} errors follow from it",)
        self.answers |= {each: each._replace(help=None, fix=None, alternatives=()) for each in gone}
        self.answers[mine[0]] = self.answers[mine[0]]._replace(notes=(*mine[0].notes, *count))
        followed.update(each for each in gone if each is not mine[0])
        return found.told

    # -- what the stages before proposed ----------------------------------------------------------------------------

    def _proposals(self) -> None:
        """Spellings that the parser or the builder proposed stay if they bring no error to what was understood; all at
        once if that goes well, else one by one."""
        proposed = [each for each in self.bench.errors if each.fix and each not in self.answers]
        of_uses = [each for each in proposed if is_unproven(each)]
        proposed = [each for each in proposed if not is_unproven(each)]
        together = [proposed[i] for i in without_overlap(each.fix.edits for each in proposed if each.fix)]
        edits = [edit for each in together if each.fix for edit in each.fix.edits]
        whole = self.bench.tried(edits) if len(together) > 1 else None
        for each in proposed:
            assert each.fix is not None, "only what has a fix was proposed"
            if whole is not None and each in together and self._reads(each, each.fix.edits, whole):
                self.answers[each] = each._replace(alternatives=() if each.fix.safe else each.alternatives)
                continue
            fixes = (each.fix, *each.alternatives)
            kept = tuple(fix for fix in fixes if self._reads(each, fix.edits, self.bench.tried(fix.edits)))
            kept = kept[:1] if each.fix in kept and each.fix.safe else kept  # what is sure needs no other
            help = kept[0].title if kept and kept[0] is not each.fix else each.help
            self.answers[each] = each._replace(help=help, fix=kept[0] if kept else None, alternatives=kept[1:])
        for each in of_uses:
            fix = each.fix if proves(self.bench, each) else None
            self.answers[each] = each._replace(help=fix.title if fix else None, fix=fix)

    def _reads(self, error: Diagnostic, edits: tuple[Edit, ...], outcome: Outcome | None) -> bool:
        """Whether the error is gone with these edits, and no other came to the step that they stand in. Where no trial
        was left, a line that the parser tried stands as it is."""
        steps = [site.step.span for edit in edits if (site := self.sites.around(edit.span))]
        if outcome is None:
            return self.bench.exhausted and not steps
        news, _ = self._places(outcome)
        here = any(step.start <= new.start < step.end for step in steps for new in news)
        gone = self._index(error) in outcome.gone and _only_reveals(outcome) and not here
        return gone and not self._is_stuck(edits, outcome)

    def _is_stuck(self, edits: tuple[Edit, ...], outcome: Outcome) -> bool:
        """Whether what stands directly beside the edits is refused then, and nobody knows what to write for it."""
        _, left = self._places(outcome)
        return any(_touch(edit.span, place) for edit in edits for place in left)

    def _places(self, outcome: Outcome) -> tuple[list[Span], list[Span]]:
        """Where stood what an outcome added, and what is left without a fix. Each of its fixes asks for it."""
        if self.asked[0] is not outcome:
            news = [self.bench.before(each, outcome.change) for each in outcome.added]
            left = [self.bench.before(each, outcome.change) for each in outcome.left if each.fix is None]
            self.asked = outcome, ([each for each in news if each], [each for each in left if each])
        return self.asked[1]

    def _index(self, error: Diagnostic) -> int:
        return self.bench.index(error)

    # -- what is worked out -----------------------------------------------------------------------------------------

    def _answered(self, error: Diagnostic, case: Case, failure: Failure) -> Diagnostic:
        """The error with the best of the changes that hold, and perhaps the next best."""
        held, revealing = self._tried(self._index(error), _candidates(case, failure))
        for candidate, outcome in revealing[:MOST_FOLLOWED] if not held else ():
            followed = self._followed(candidate, outcome)
            if followed is not None and self._index(error) in followed.outcome.gone:
                held.append(followed)
                break
        if not held and revealing:  # what else is wrong stands where nothing could be said before
            candidate, outcome = min(revealing, key=lambda each: (each[0].far_fetched, len(each[1].added)))
            held.append(Held((len(outcome.left), candidate.far_fetched), candidate, outcome))
        fixes = tuple(
            Fix(
                each.candidate.title,
                each.candidate.edits,
                safe=False,
                cost=cost_of(self.bench, each.outcome, [*_steps(failure), *each.further]),
            )
            for each in held[:MOST_SHOWN]
            if each.rank[:2] == held[0].rank[:2]
        )
        return error._replace(help=fixes[0].title, fix=fixes[0], alternatives=fixes[1:]) if fixes else error

    def _tried(self, index: int, candidates: Iterator[Candidate]) -> tuple[list[Held], list[tuple[Candidate, Outcome]]]:
        """The changes with which that error goes: those that bring no other, the best first, and those that bring to
        light what it had hidden."""
        held, revealing, families = list[Held](), list[tuple[Candidate, Outcome]](), set[str]()
        for order, candidate in enumerate(islice(_distinct(candidates), MOST_TRIED)):
            if candidate.family in families or len(families) > MOST_SHOWN:
                continue
            outcome = self.bench.tried(candidate.edits)
            if outcome is None or index not in outcome.gone:
                continue
            if not outcome.added:
                families.add(candidate.family)
                rank = (len(outcome.left), candidate.far_fetched, outcome.warnings, order)
                held.append(Held(rank, candidate, outcome))
            elif _only_reveals(outcome):
                revealing.append((candidate, outcome))
        return sorted(held, key=lambda each: each.rank), revealing

    def _followed(self, first: Candidate, outcome: Outcome) -> Held | None:
        """A change that brings to light what the error had hidden, together with one that makes that right."""
        revealed, texts = outcome.added[0], outcome.change.texts()
        for one in outcome.compiled:
            case = Case(one.built, self.sites, self.replays) if one.built else None
            failure = _failure(revealed, case)
            if case is None or failure is None:
                continue
            seconds = list(islice(_candidates(case, failure), MOST_FOLLOWED))
            for second in sorted(seconds, key=lambda each: not _is_moved(first, each)):
                both = texts | Change(second.edits).texts()
                edits = [e for name, text in both.items() for e in edits_between(self.bench.sources[name], text)]
                further = self.bench.tried(edits)
                if further is not None and not further.added:
                    names = self.bench.sources
                    steps = tuple(outcome.change.back(e, names[e.source.name])[0] for e in _steps(failure))
                    rank = (len(further.left), first.far_fetched)
                    return Held(rank, _joined(first, second, tuple(edits)), further, steps)
        return None


def _touch(one: Span, other: Span) -> bool:
    """Whether there are only blanks between two places, or less."""
    if one.source.name != other.source.name:
        return False
    start, end = min(one.end, other.end), max(one.start, other.start)
    return end - start <= FARTHEST and not one.source.text[start:end].strip(" \t")


def _failure(error: Diagnostic, case: Case | None) -> Failure | None:
    if case is None or error.label is None:
        return None
    return case.built.failures.get((error.id, error.label.span))


def _steps(failure: Failure) -> list[Span]:
    """The step that was refused."""
    return [failure.step.span] if isinstance(failure, RefusedStep) else []


def _candidates(case: Case, failure: Failure) -> Iterator[Candidate]:
    if not isinstance(failure, RefusedStep):
        return expectation_candidates(case, failure)
    if isinstance(failure.error.about, int):
        return join_candidates(case, failure)
    return step_candidates(case, failure)


def _distinct(candidates: Iterator[Candidate]) -> Iterator[Candidate]:
    seen = set[tuple[Edit, ...]]()
    for each in candidates:
        if each.edits not in seen:
            seen.add(each.edits)
            yield each


def _only_reveals(outcome: Outcome) -> bool:
    """Whether every error that came stands where nothing could be said before."""
    return len(outcome.added) == len(outcome.revealed)


def _is_moved(first: Candidate, second: Candidate) -> bool:
    """Whether a step that was taken out at one place comes in at the other."""
    step = first.title.removeprefix("leave ").removesuffix(" out")
    return first.family == MOVED and second.title.startswith(f"{step} before")


def _joined(first: Candidate, second: Candidate, edits: tuple[Edit, ...]) -> Candidate:
    title = f"move {second.title}" if _is_moved(first, second) else f"{first.title}, and {second.title}"
    return Candidate(title, edits, first.family, first.far_fetched)

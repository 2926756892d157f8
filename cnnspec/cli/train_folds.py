"""`cnnspec train --folds K`"""

from __future__ import annotations

from cnnspec.api.experiment import Begun, Done, Experiment, Failed
from cnnspec.api.folds import CSV, JSON, fold_members, fold_score, write_folds
from cnnspec.api.recipe import with_recipe
from cnnspec.cli.conventions import CLEAN, INTERRUPTED
from cnnspec.cli.experiments import train_all
from cnnspec.cli.network import fitting
from cnnspec.cli.refusal import note
from cnnspec.cli.request import Looks, Request
from cnnspec.cli.streams import say
from cnnspec.cli.verdict import answered, refused_work, tell_findings
from cnnspec.reports.training.experiments import fold_heading, fold_line, folds_outcome, plans_lines, refit_line
from cnnspec.training.data.open import open_data


def folds(request: Request, looks: Looks) -> int:
    """Trains a run a fold, then the refit; says what they come to. TrainError."""
    compiled = fitting(request.file, request.compile(), looks.err)
    tell_findings(request.file, answered(compiled), looks.err)
    if not compiled.ok:
        return refused_work(compiled, looks.err)
    compiled, origins = with_recipe(compiled, request.recipe)
    dataset, count, refit = open_data(request.asked["data"]), request.asked["folds"], bool(request.asked["refit"])
    members = fold_members(compiled, origins, request.wish, dataset, count, refit=refit)
    made = Experiment(request.out, members, dataset, request.asked, request.resumes)
    for each in _said(made, request, count, refit):
        note(each, looks.err)
    say(plans_lines([each.plan for each in members if each.fold], "--folds", looks.out))
    say(fold_heading(looks.out))
    scores, last = [], None

    def at_end(end: Done | Failed) -> None:
        nonlocal last
        assert isinstance(end, Done)
        if end.member.fold is None:
            last = end
        else:
            scores.append(fold_score(end))
            say(fold_line(scores[-1]))
            if len(scores) == count:
                say(folds_outcome(scores, looks.out))
        write_folds(made, scores, last)

    def notes(begun: Begun) -> tuple[str, ...]:
        """The first one says them for all; each fold's own are in its run.json."""
        if begun.number > 1:
            return ()
        known = made.dataset.notes
        return tuple(each if each in known else f"{begun.member.title}: {each}" for each in begun.run.notes)

    if not train_all(made, looks, at_end, notes=notes):
        return INTERRUPTED
    if last is not None:
        say(refit_line(last, made.out / last.member.name, looks.out))
    say(f"wrote {made.out / CSV}, {made.out / JSON}\n")
    return CLEAN


def _said(made: Experiment, request: Request, count: int, refit: bool) -> list[str]:
    seed, dataset = request.asked["seed"], made.dataset
    chosen = "a hold-out of its own" if dataset.held is None else "the set's validation part"
    if dataset.held is None and not request.asked["holdout"]:
        chosen = "nothing: the last one is taken"
    said = [
        f"{count} folds of {dataset.train.samples:,} samples, stratified by class; each is tested once",
        f"fold k begins with fresh weights, from the seed {seed} + k; its epoch is chosen by {chosen}",
    ]
    if dataset.test is not None:
        when = "read once, by the refit" if refit else "not read"
        said.append(f"the set's own test part, {dataset.test.samples:,} samples, is {when}")
    finished = [each.name for each in made.members if made.result(each)]
    return [*said, *([f"finished before: {', '.join(finished)}"] if finished else [])]

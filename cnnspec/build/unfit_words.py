"""A word that is given where a parameter is a number (`--set width=sixteen`): told once, at what was asked for.

Some parameters take both (`pad=1`, and `same`), and the text alone knows which; so a word is blamed only where the text
has fewer errors without it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from cnnspec.build.elaborate import Built
from cnnspec.build.options import Options
from cnnspec.contract.values import Dim, Value, Word, describe
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree

Outcome = tuple[Built | None, tuple[Diagnostic, ...]]
ID = "word-for-number"
_AMONG = "one of "


def without_unfit_words(
    found: Outcome, file: tree.File, options: Options, build: Callable[[Options], Outcome]
) -> Outcome:
    """The same where every word fits; else the network with the parameters' own values, and what does not fit in place
    of all that follows from it."""
    given = [name for name, value in options.parameters.items() if isinstance(value, Word)]
    if not given or not _errors(found):
        return found
    unfit = [name for name in given if _errors(build(_without(options, [name]))) < _errors(found)]
    if not unfit:
        return found
    built, told = build(_without(options, unfit))
    if built is None:
        return found
    own = {name: built.parameters[name] for name in unfit if name in built.parameters}
    kinds = {name: kind for name, value in own.items() if (kind := _kind(value))}
    if not kinds:
        return found
    if len(kinds) < len(unfit):
        built, told = build(_without(options, list(kinds)))
    errors = found[1]
    return built, (*told, *(_told(name, kinds[name], own[name], file, options, built, errors) for name in kinds))


def _told(
    name: str,
    kind: str,
    own: Value,
    file: tree.File,
    options: Options,
    built: Built | None,
    errors: tuple[Diagnostic, ...],
) -> Diagnostic:
    given = describe(options.parameters[name])
    asked = f"`{name}={str(given)!r}`" if options.python else f"`--set {name}={given}`"
    help = f"in the file it is {describe(own)}" + ("" if options.python else f": `--set {name}={describe(own)}`")
    if taken := _taken(given, errors):
        message = f"{asked}: `{name}` must be {taken}, and {given} is neither"
        if near := nearest(given, taken.rpartition(_AMONG)[2].split(", ")):
            help = f"did you mean `{f'{name}={near!r}' if options.python else f'--set {name}={near}'}`?"
    else:
        message = f"{asked}: `{name}` is {kind}, and {given} is a word"
    return Diagnostic(ID, Severity.ERROR, message, Label(_place(name, file, built)), help=help)


def _taken(given: str, errors: tuple[Diagnostic, ...]) -> str | None:
    """What the argument takes that was refused for the word, if words are among that: `a size or one of same, …`."""
    for each in errors:
        _, _, told = each.message.partition(" must be ")
        taken = told.removesuffix(f", got {given}")
        if taken != told and _AMONG in taken:
            return taken
    return None


def _place(name: str, file: tree.File, built: Built | None) -> Span:
    for item in file.items:
        if isinstance(item, tree.Model) and (built is None or item.name.name == built.graph.name):
            return next((each.span for each in item.params if each.name.name == name), item.name.span)
    return Span(file.span.source, 0, 0)


def _kind(own: Value) -> str | None:
    """What a parameter is by its own value; None where that is a word itself."""
    if isinstance(own, bool):
        return "yes or no"
    if isinstance(own, (int, Fraction)):
        return "a number"
    return "a size" if isinstance(own, Dim) else None


def _without(options: Options, names: list[str]) -> Options:
    return options._replace(parameters={name: each for name, each in options.parameters.items() if name not in names})


def _errors(found: Outcome) -> int:
    return sum(each.is_error for each in found[1])

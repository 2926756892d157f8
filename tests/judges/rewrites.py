"""Rewritings of a text that change nothing, or only what is said: the compiler as a judge of itself.

Each takes a text that compiles and gives another; a text in which there is nothing to rewrite comes back as it is.
"""

import random
import re
from collections.abc import Iterable

from cnnspec.build.options import Options
from cnnspec.contract.sections import SECTIONS
from cnnspec.contract.values import describe, dress
from cnnspec.pipeline import Compiled
from cnnspec.syntax import tree
from tests.judges.sameness import file_of, walk, whole

Edit = tuple[int, int, str]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with each range replaced; ranges do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def with_identities(text: str, chance: random.Random, word: str = "id") -> str:
    """`-> id`, or another word, behind some steps. Not where it would mean something: behind a labelled `@` or `id`,
    behind a line that is one loop (whose turns are branches in a merge), behind the one step that an output lends its
    name to; and not in a section, whose lines are no steps."""
    file = file_of(text)
    lending = {id(line.chain) for line in _lending(file)}
    applied = [each for each in walk(file) if isinstance(each, tree.Apply) and each.word.name in SECTIONS]
    sections = {id(each) for section in applied for each in walk(section.body)}
    edits = []
    for chain in (each for each in walk(file) if isinstance(each, tree.Chain)):
        alone = len(chain.steps) == 1
        if id(chain) in sections or (alone and chain.steps[0].core in applied):
            continue
        if alone and (isinstance(chain.steps[0].core, tree.Loop) or id(chain) in lending):
            continue
        for step in chain.steps:
            plain = isinstance(step.core, tree.Apply) and step.core.word.name in ("id", "none")
            named = step.label is not None and (plain or isinstance(step.core, tree.Ref))
            if not named and text[step.span.start : step.span.end] != "none" and chance.random() < 0.5:
                edits.append((step.span.end, step.span.end, f" -> {word}"))
    return edited(text, edits)


def _lending(file: tree.File) -> list[tree.Output | tree.Aux]:
    """The lines that lend their name to a chain of one step."""
    return [each for each in walk(file) if isinstance(each, (tree.Output, tree.Aux))]


def with_another_label(text: str, chance: random.Random) -> tuple[str, str]:
    """A label called `renamed` instead, wherever it stands; and what it was called. Labels are unique in the text."""
    file = file_of(text)
    labels = [each.label.name for each in walk(file) if isinstance(each, (tree.Step, tree.Input)) and each.label]
    labels += [each.label.name for each in _lending(file)]
    stems = sorted({match.group() for each in labels if (match := re.match(r"\w+?-?\d+", each))})
    if not stems:
        return text, ""
    old = chance.choice(stems)
    return re.sub(whole(old), "renamed", text), old


def with_repeats_in_full(text: str) -> str:
    """`conv 1x1 8 x2` as `conv 1x1 8 -> conv 1x1 8`; a labelled repeat of a step as a list `[]` of its copies, which
    bear the same numbers. Innermost repeats only, those with a number for a count, and no single step of an output,
    which is a labelled repeat."""
    edits, file = [], file_of(text)
    lent = {id(line.chain.steps[0]) for line in _lending(file) if len(line.chain.steps) == 1}
    for step in (each for each in walk(file) if isinstance(each, tree.Step) and id(each) not in lent):
        times = step.repeat.value if isinstance(step.repeat, tree.Number) else 0
        if not times or not isinstance(times, int) or step.repeat is None or _repeats(step.core):
            continue
        core = text[step.core.span.start : step.core.span.end]
        end = step.expect.span.start if step.expect else step.span.end
        rest = " " if step.expect else ""
        copies = " -> ".join([core] * times)
        if step.label is None:
            edits.append((step.core.span.start, end, copies + rest))
        elif (
            isinstance(step.core, tree.Apply) and step.core.body is None and step.core.word.name not in ("id", "reuse")
        ):
            edits.append((step.span.start, end, f"{step.label.name}[]: {{ {copies} }}{rest}"))
    return edited(text, edits)


def _repeats(core: tree.Core) -> bool:
    return any(isinstance(each, tree.Step) and each.repeat is not None for each in walk(core))


def with_a_block_inlined(text: str, result: Compiled) -> str:
    """A labelled use of a block as a scope: its body in braces behind the same label, with its parameters as `let`
    lines. Only where that must be the same: the body asks nothing of what came in, takes no tensor, and no `set` stands
    between the block and its use."""
    assert result.built is not None
    file = file_of(text)
    blocks = {each.name.name: each for each in file.items if isinstance(each, tree.Block)}
    model = _model(text, result)
    place = min((each.span.start for each in blocks.values()), default=0)
    if any(isinstance(each, tree.Set) and each.span.start > place for each in (*file.items, *walk(model))):
        return text
    for step in (each for each in walk(model) if isinstance(each, tree.Step)):
        scope = result.built.graph.scopes.get(step.label.name) if step.label else None
        block = blocks.get(scope.block or "") if scope else None
        if scope is None or block is None or step.repeat is not None or any(each.tensor for each in block.params):
            continue
        body = text[block.body.span.start : block.body.span.end]
        if not re.search(r"\bin\.", body):
            lets = "".join(f"\nlet {name} = {describe(each)}" for name, each in scope.arguments.items())
            listed = "[]" if block.listed else ""
            whole = f"{scope.path}{listed}: {{{lets}\n{body[1:]}"
            return edited(text, [(step.span.start, step.core.span.end, whole)])
    return text


def with_another_number(text: str, chance: random.Random) -> str:
    """One number of one step, or of all that a repeat or a block makes of it, larger by 1."""
    steps = [each for each in walk(file_of(text)) if isinstance(each, tree.Apply) and each.word.name not in SECTIONS]
    values = [arg.value for each in steps for arg in each.args]
    numbers = [each for each in values if isinstance(each, tree.Number) and isinstance(each.value, int)]
    if not numbers:
        return text
    chosen = chance.choice(numbers)
    return edited(text, [(chosen.span.start, chosen.span.end, str(int(chosen.value) + 1))])


def with_another_word(text: str, chance: random.Random, old: frozenset[str], new: str) -> str:
    """One of the words without arguments and body by another."""
    found = [each.word.span for each in walk(file_of(text)) if isinstance(each, tree.Apply) and each.word.name in old]
    bare_ones = [span for span in found if text[span.end : span.end + 2] in ("\n", " ", " -", "\n ", "\n}", " }", " |")]
    if not bare_ones:
        return text
    chosen = chance.choice(bare_ones)
    return edited(text, [(chosen.start, chosen.end, new)])


def with_other_blanks(text: str, chance: random.Random) -> str:
    """Blanks doubled outside of quotes, comments and empty lines at the ends of lines, lines broken before arrows, ends
    of Windows."""

    def blank(match: re.Match[str]) -> str:
        if match.group().startswith('"'):
            return match.group()
        if match.group() == "\n":
            return chance.choice(["\n", "\n", '  # a remark { -> | "\n', "\n\n", "\n  \t\n# alone\n"])
        if match.group().startswith(" ->"):
            return chance.choice([" -> ", "\n  -> ", "\n\n->\n  ", " ->  ", "\t->\t"])
        return chance.choice([" ", " ", "  ", "\t"])

    rewritten = re.sub(r'"[^"]*"| -> |\n| +', blank, text)
    return rewritten.replace("\n", "\r\n") if chance.random() < 0.2 else rewritten


def without_init(text: str) -> str:
    """Nothing said of what weights begin with."""
    edits = []
    for each in walk(file_of(text)):
        args = each.args if isinstance(each, (tree.Apply, tree.Set)) else ()
        said = [arg for arg in args if arg.name is not None and arg.name.name == "init"]
        if isinstance(each, tree.Set) and said and len(args) == len(said):
            edits.append((each.span.start, each.span.end, f"let unsaid{each.span.start} = 0"))
        else:
            edits += [(len(text[: arg.span.start].rstrip(" ")), arg.span.end, "") for arg in said]
    return edited(text, edits)


def with_another_value(text: str, result: Compiled, chance: random.Random) -> tuple[str, Options]:
    """A parameter of the model has another default, or an input another size; and the options that ask the same of the
    text as it is."""
    assert result.built is not None
    model = _model(text, result)
    chosen = chance.choice([*model.params, *(line for line in model.body.lines if isinstance(line, tree.Input))])
    if isinstance(chosen, tree.Param) and chosen.default is not None:
        value, span = chance.choice([1, 2, 3, 5, 8]), chosen.default.span
        asked = Options(model=model.name.name, parameters={chosen.name.name: value})
        return edited(text, [(span.start, span.end, str(value))]), asked
    assert isinstance(chosen, tree.Input)
    label = chosen.label.name if chosen.label else "input"
    shape = tuple(chance.randint(max(1, each - 1), each + 3) for each in result.built.shapes[label] or ())
    span = chosen.args[0].span
    asked = Options(model=model.name.name, inputs={label: shape})
    return edited(text, [(span.start, span.end, dress(shape))]), asked


def _model(text: str, result: Compiled) -> tree.Model:
    assert result.built is not None
    name = result.built.graph.name
    return next(each for each in file_of(text).items if isinstance(each, tree.Model) and each.name.name == name)

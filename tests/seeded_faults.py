"""Known faults in real networks, several in one file, and which of them are told; `python -m tests.seeded_faults 1000`
makes that many files and prints a table.

Each fault has a kind and stands on a line of its own. It counts as told when an error of an id that fits the kind
points at its line. An error on a line without a fault is a cascade, unless it is the same fault seen from its other end
(a label that is used, a brace that is opened).
"""

import argparse
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import NamedTuple

from cnnspec.build.options import PLAIN
from cnnspec.files import Library
from cnnspec.pipeline import compile_file, compile_models
from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source
from tests import ROOT

SEED = 20_250_101
MOST_FAULTS = 6

Place = tuple[str, int]
"""A line: the file's name, and the line's number from 1."""


class Lines(NamedTuple):
    """One file cut into lines; `words` are the names that its text knows, by what they are."""

    name: str
    lines: list[str]

    def code(self, number: int) -> str:
        """A line without its comment."""
        line = self.lines[number - 1]
        end = re.match(r"(?:[^\"#]|\"[^\"]*\")*", line)
        return end[0].rstrip() if end else line


class Fault(NamedTuple):
    """What was written in place of a line, and the lines at which it may be told."""

    kind: str
    place: Place
    line: str
    told_at: frozenset[Place]


Maker = Callable[[random.Random, Lines, int], str | None]
KINDS: dict[str, tuple[frozenset[str], Maker]] = {}
"""By name: the ids that fit, and what makes such a fault of a line of code (None where it has no room for one)."""


def kind(name: str, *ids: str) -> Callable[[Maker], Maker]:
    def enter(make: Maker) -> Maker:
        KINDS[name] = (frozenset(ids), make)
        return make

    return enter


def replaced(chance: random.Random, code: str, pattern: str, new: str | Callable[[re.Match[str]], str]) -> str | None:
    """One of the matches replaced, chosen by chance."""
    found = list(re.finditer(pattern, code))
    if not found:
        return None
    one = chance.choice(found)
    return code[: one.start()] + (one.expand(new) if isinstance(new, str) else new(one)) + code[one.end() :]


def misspelled(chance: random.Random, word: str) -> str:
    """Two neighbours change places, or a letter is missing or doubled."""
    at = chance.randrange(len(word) - 1)
    if word[1].isdigit():
        return word + word[-1]
    slips = [
        word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        word[:at] + word[at + 1 :],
        word[: at + 1] + word[at:],
    ]
    return next((each for each in chance.sample(slips, 3) if each != word), word + word[-1])


# -- syntax ------------------------------------------------------------------------------------------------------------

STEP = r"(?<![\w@.:=])((?:conv|depthwise|linear|maxpool|avgpool|dropout|conv_transpose))((?: [\dx.]+)+)(?= |$)"


@kind("parentheses", "parentheses-around-arguments")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), STEP, lambda m: f"{m[1]}({', '.join(m[2].split())})")


COMMAS = ("unexpected-token", "steps-not-joined", "commas-between-arguments", "commas-between-branches")


@kind("comma for an arrow", *COMMAS)
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r" -> (?=[a-z])", ", ")


@kind("doubled arrow", "unexpected-token")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r" -> ", " -> -> ")


@kind("lost arrow", "too-many-arguments", "unexpected-token", "steps-not-joined", "unknown-name", "bad-argument")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r" -> ", " ")


@kind("lost parenthesis", "unclosed-parenthesis", "stray-parenthesis", "unexpected-token")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"[()]", "")


@kind("lost brace", "unclosed-brace", "stray-brace", "missing-brace", "unexpected-token", "misplaced-line")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"[{}]", "")


@kind("brace too many", "stray-brace", "unclosed-brace")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    return f"{code} {chance.choice('{}')}" if code.strip() else None


@kind("text not closed", "unclosed-text")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\"(?=[^\"]*$)", "")


@kind("number too large", "number-too-large", "malformed-number")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"(?<![\w.])\d+(?![\w.])", "99999999999")


@kind("stride without a blank", "slash-without-space")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r" /(?=\d)", "/")


@kind("typographic sign", "unknown-character")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"->|=>", lambda m: {"->": "→", "=>": "⇒"}[m[0]])


# -- names -------------------------------------------------------------------------------------------------------------


@kind("misspelt layer", "unknown-word")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    if code.startswith(("model", "block", "set", "use", "let")):
        return None
    layers = "conv|linear|maxpool|avgpool|dropout|flatten|relu|bn|gap|concat|add|depthwise|upsample"
    return replaced(chance, code, rf"(?<=[^\w@.:=])({layers})\b(?![:=])", lambda m: misspelled(chance, m[1]))


@kind("misspelt block", "unknown-word", "unknown-name")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    if code.startswith(("model", "block")):
        return None
    return replaced(chance, code, r"(?<=[ ])([A-Z]\w{3,})\b", lambda m: misspelled(chance, m[1]))


@kind("misspelt argument", "unknown-argument")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    if code.startswith(("model", "block", "let")):
        return None
    return replaced(
        chance,
        code,
        r"(?<= )(pad|bias|groups|stride|eps|momentum|mode|like|antialias|mean|std)(?==)",
        lambda m: misspelled(chance, m[1]),
    )


@kind("misspelt name", "unknown-name", "unknown-word")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    if code.startswith(("model", "block", "let")):
        return None
    names = {
        each
        for line in text.lines
        for each in re.findall(r"(?:let |[(,/ ])(\w{3,})(?:=|[,)])", line)
        if not each[0].isdigit()
    }
    used = [re.escape(each) for each in sorted(names) if re.search(rf"(?<=[ (*]){each}\b(?![=:(])", code)]
    if not used:
        return None
    return replaced(chance, code, rf"(?<=[ (*])({'|'.join(used)})\b(?![=:(])", lambda m: misspelled(chance, m[1]))


@kind("misspelt reference", "unknown-label")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    if code.startswith("block"):
        return None
    return replaced(chance, code, r"@(\w{2,})", lambda m: f"@{misspelled(chance, m[1])}")


@kind("label used twice", "duplicate-label")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    code = text.code(at)
    before = [m[1] for line in text.lines[max(0, at - 4) : at - 1] for m in re.finditer(r"^ +(\w+):", line)]
    indent = len(code) - len(code.lstrip())
    same = [m for m in before if any(re.match(rf"^ {{{indent}}}{m}:", line) for line in text.lines[: at - 1])]
    if not same or not re.match(r"^ +\w+: ", code):
        return None
    return re.sub(r"^( +)\w+:", rf"\1{same[-1]}:", code)


@kind("True for yes", "unknown-name")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"=(yes|no)\b", lambda m: {"yes": "=True", "no": "=False"}[m[1]])


# -- arguments ---------------------------------------------------------------------------------------------------------


@kind("arguments swapped", "argument-order")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\b(conv|conv_transpose) (\d+x\d+) (\d+)\b(?!\*)", r"\1 \3 \2")


@kind("argument missing", "missing-argument")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\b(conv|conv_transpose) (\d+(?:x\d+)?) (\d+|[a-z]\w*)\b(?![*.])", r"\1 \2")


@kind("size for a number", "bad-argument")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\b((?:conv|conv_transpose) \d+(?:x\d+)? \d+|linear \d+)\b(?!\*)", r"\1x2")


@kind("value out of bounds", "bad-argument")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(
        chance,
        text.code(at),
        r"\b(dropout) [\d.]+|\b(conv \d+x\d+) \d+\b(?!\*)|\b(linear) \d+\b|\b(maxpool) \dx\d\b",
        lambda m: f"{m[1]} 2" if m[1] else f"{m[2] or m[3]} 0" if m[2] or m[3] else f"{m[4]} 0x0",
    )


@kind("argument too many", "too-many-arguments")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"(?<=[ (])(relu|bn|gap|flatten|relu6|tanh)\b(?= |$|\))(?! [x=])", r"\1 64")


# -- shapes ------------------------------------------------------------------------------------------------------------


@kind("wrong shape expected", "shape-expectation")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(
        chance, text.code(at), r"(=> +(?:\d+x)*)(\d+)", lambda m: f"{m[1]}{int(m[2]) + chance.randint(1, 9)}"
    )


@kind("window too large", "shape-mismatch")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\b(maxpool|avgpool|conv) (\d+)x\2\b", r"\1 999x999")


@kind("groups that do not divide", "shape-mismatch")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"\bconv \d+x\d+ \d+\b(?![*]|[^|>]*groups)", r"\g<0> groups=47")


@kind("flatten forgotten", "shape-mismatch")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(chance, text.code(at), r"flatten -> (?=(?:\w+: )?linear)", "")


@kind("sizes of branches differ", "shape-mismatch")
def _(chance: random.Random, text: Lines, at: int) -> str | None:
    return replaced(
        chance,
        text.code(at),
        r"((?:add|concat) \{ [^{}|]*?(?:conv|maxpool) \d+x\d+[^{}|>-]*?)(?= \||\ ->)",
        r"\1 pad=5",
    )


# -- files -------------------------------------------------------------------------------------------------------------


class Case(NamedTuple):
    """One generated file: the example it is made of, the texts that were changed, and the faults in them."""

    example: str
    texts: dict[str, str]
    faults: tuple[Fault, ...]


class Example(NamedTuple):
    """A network that ships, with the files that it uses, by name; the main one comes first."""

    main: str
    texts: dict[str, str]


@cache
def examples() -> tuple[Example, ...]:
    """Every example that has a model, and the tests' own programs."""
    found = []
    for path in sorted([*ROOT.glob("examples/*.cnn"), *ROOT.glob("tests/programs/*.cnn")]):
        compiled = compile_file(str(path))
        if compiled.ok and compiled.source:
            texts = {source.name: source.text for source in (compiled.source, *compiled.used)}
            found.append(Example(str(path), {name: text for name, text in texts.items() if name.endswith(".cnn")}))
    return tuple(found)


def errors(example: Example, texts: dict[str, str]) -> list[Diagnostic]:
    texts = example.texts | texts
    library = Library(example.main, PLAIN.limits, texts)
    found = compile_models(Source(example.main, texts[example.main]), PLAIN, library)
    return [each for one in found for each in one.diagnostics if each.is_error]


def place_of(found: Diagnostic) -> Place:
    assert found.label is not None, "what is wrong with a text has its place"
    return found.label.span.source.name, found.label.span.line


def case(number: int, seed: int = SEED) -> Case:
    """The same file for the same numbers: an example with one to six faults, each kind as likely as every other."""
    chance = random.Random(f"{seed} {number}")
    example = chance.choice(examples())
    files = [Lines(name, text.split("\n")) for name, text in example.texts.items()]
    places = [(each, at) for each in files for at in range(1, len(each.lines) + 1)]
    faults: dict[Place, Fault] = {}
    kept: set[Place] = set()
    wanted = chance.randint(1, MOST_FAULTS)
    for name in chance.choices(list(KINDS), k=4 * wanted):
        made = ((text, at, KINDS[name][1](chance, text, at)) for text, at in chance.sample(places, len(places)))
        for text, at, line in made:
            if line is None or line == text.code(at) or (text.name, at) in faults.keys() | kept:
                continue
            if needed(name, text, line) & (faults.keys() - {(text.name, at)}):
                continue
            fault = Fault(name, (text.name, at), line, frozenset(other_ends(name, text, at, line)))
            if errors(example, changed(example, [fault])):
                faults[fault.place] = fault
                kept |= needed(name, text, line) - {fault.place}
                break
        if len(faults) == wanted:
            break
    return Case(example.main, changed(example, faults.values()), tuple(faults.values()))


def other_ends(name: str, text: Lines, at: int, line: str) -> Iterator[Place]:
    """The lines at which a fault may be told: its own; for a brace the line of the other one; for a label those that
    read it."""
    yield text.name, at
    opened = list[int]()
    for number in range(1, len(text.lines) + 1 if "brace" in name else 0):
        for sign in re.findall(r"[{}]", re.sub(r'"[^"]*"', "", text.code(number))):
            if sign == "{":
                opened.append(number)
            elif at in (first := opened.pop(), number):
                yield text.name, first
                yield text.name, number
    if name == "label used twice":
        label = text.code(at).split(":")[0].strip()
        yield from (
            (text.name, number)
            for number in range(1, len(text.lines) + 1)
            if re.search(rf"[@.]({label}\b|{label[:-1]}{{\w+}})|reuse {label}\b", text.code(number))
        )


def needed(name: str, text: Lines, line: str) -> frozenset[Place]:
    """The lines that must stay as they are for it to be a fault: where a label that is used twice is used first."""
    if name != "label used twice":
        return frozenset()
    label = line.split(":")[0].strip()
    return frozenset(
        (text.name, number) for number in range(1, len(text.lines) + 1) if re.match(rf" *{label}:", text.code(number))
    )


def changed(example: Example, faults: Collection[Fault]) -> dict[str, str]:
    """The texts with the faults in them; comments stay."""
    texts = {}
    for name, text in example.texts.items():
        lines = text.split("\n")
        for each in faults:
            if each.place[0] == name:
                at = each.place[1] - 1
                lines[at] = each.line + lines[at][len(Lines(name, lines).code(at + 1)) :]
        texts[name] = "\n".join(lines)
    return {name: text for name, text in texts.items() if text != example.texts[name]}


class Verdict(NamedTuple):
    """Which faults were told, and the errors that belong to none."""

    told: tuple[Fault, ...]
    missed: tuple[Fault, ...]
    cascades: tuple[Diagnostic, ...]


def judged(one: Case) -> Verdict:
    example = next(each for each in examples() if each.main == one.example)
    found = errors(example, one.texts)
    told, missed = [], []
    for fault in one.faults:
        fits = KINDS[fault.kind][0]
        is_told = any(each.id in fits and place_of(each) in fault.told_at for each in found)
        (told if is_told else missed).append(fault)
    guilty = {place for fault in one.faults for place in fault.told_at}
    cascades = tuple(each for each in found if place_of(each) not in guilty)
    return Verdict(tuple(told), tuple(missed), cascades)


def campaign(cases: int, seed: int = SEED) -> Iterator[tuple[int, Case, Verdict]]:
    for number in range(cases):
        one = case(number, seed)
        yield number, one, judged(one)


class Tally:
    """Faults by kind: seeded, told; and errors on lines without a fault, by the kinds that were in their file."""

    def __init__(self) -> None:
        self.seeded, self.told, self.cascades = Counter[str](), Counter[str](), Counter[str]()
        self.files = self.clean = self.astray = 0

    def add(self, one: Case, verdict: Verdict) -> None:
        self.files += 1
        self.clean += not verdict.missed and not verdict.cascades
        self.seeded.update(each.kind for each in one.faults)
        self.told.update(each.kind for each in verdict.told)
        self.astray += len(verdict.cascades)
        if verdict.cascades:
            self.cascades.update({each.kind for each in one.faults})

    @property
    def share(self) -> float:
        """Of all faults, how many were told."""
        return sum(self.told.values()) / sum(self.seeded.values())

    def __str__(self) -> str:
        rows = [f"{'kind':28} {'seeded':>7} {'told':>7} {'share':>7}  files with a cascade"]
        for name in KINDS:
            share = f"{self.told[name] / self.seeded[name]:.1%}" if self.seeded[name] else ""
            rows.append(f"{name:28} {self.seeded[name]:7} {self.told[name]:7} {share:>7}  {self.cascades[name] or ''}")
        total, told = sum(self.seeded.values()), sum(self.told.values())
        rows.append(f"{'all':28} {total:7} {told:7} {self.share:7.1%}")
        rows.append(
            f"{self.files} files, {self.clean} without any miss or cascade; {self.astray} errors on innocent lines"
        )
        return "\n".join(rows)


def shown(number: int, one: Case, verdict: Verdict) -> str:
    """What went wrong with a case."""
    rows = [f"-- case {number}: {one.example.rpartition('/')[2]}"]
    for what, faults in (("missed", verdict.missed), ("told", verdict.told)):
        for each in faults:
            name, at = each.place
            rows.append(f"   {what:7} {each.kind}, {name.rpartition('/')[2]}:{at}: {each.line.strip()}")
    for found in verdict.cascades:
        name, at = place_of(found)
        rows.append(f"   cascade {found.id}, {name.rpartition('/')[2]}:{at}: {found.message}")
    return "\n".join(rows) + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description="Known faults in real networks, and which of them are told.")
    parser.add_argument("files", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--show", type=int, default=0, metavar="N", help="the first N files with a miss or a cascade")
    given = parser.parse_args()
    tally, left = Tally(), given.show
    for number, one, verdict in campaign(given.files, given.seed):
        tally.add(one, verdict)
        if (verdict.missed or verdict.cascades) and left:
            left -= 1
            sys.stdout.write(shown(number, one, verdict))
    sys.stdout.write(f"{tally}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Changes that look at no syntax: characters, tokens, lines."""

import random
import re
from collections.abc import Callable

from tests.mutants.seeds import WRITTEN, donor

TOKEN = re.compile(r"#[^\n]*|\"[^\"\n]*\"|@?[A-Za-z_][\w.-]*|\d+(?:\.\d+)?|->|=>|//|[=!<>]=|\n|[ \t]+|.")
NUMBER = re.compile(r"(?<![\w.])\d+(?![\w.])")
WORDS: list[str] = sorted({word for text in WRITTEN for word in re.findall(r"[A-Za-z_]\w*", text)})
NUMBERS = ["0", "1", "2", "3", "7", "64", "999999999", "2147483648", "0.5", "1/3", "-1", "1e9", "12M", "3x3", "?x?"]
INSERTED = [
    *("{", "}", "(", ")", "->", "=>", "|", "x2", "x(n-1)", "@a", "a:", "[]", "/2", "id", "none", ",", '"', "=", "#"),
    *("if", "else", "for i in 1..3 {", "in.c", "let a = 1", "not", "and", "\n", " ", "\t", "\r", "\0", "é", "\u2028"),
]
BYTES = [chr(code) for code in range(32, 127)] + ["\n", "\t", "\r", "\x1b", "\x00", "ß", "×", "\ufeff", "\U0001f600"]

WRAPPINGS = [("(", ") x2"), ("add { ", " | id }"), ("concat { ", " }"), ("[]{ ", " }"), ("if 1 == 1 { ", " }")]
WRAPPINGS += [("", "step -> step"), ("", "step ->"), ("", "")]

Mutation = Callable[[random.Random, str], str]


def byte(chance: random.Random, text: str) -> str:
    """One character replaced, inserted or left out."""
    at = chance.randrange(len(text) + 1)
    return text[:at] + chance.choice([*BYTES, ""]) + text[at + chance.randrange(2) :]


def token(chance: random.Random, text: str) -> str:
    """One token replaced, doubled, left out, or another put before it."""
    tokens: list[str] = TOKEN.findall(text)
    at = chance.randrange(len(tokens))
    new = chance.choice([chance.choice(INSERTED), chance.choice(WORDS), chance.choice(NUMBERS), tokens[at] * 2, ""])
    tokens[at : at + chance.randrange(2)] = [new]
    return "".join(tokens)


def number(chance: random.Random, text: str) -> str:
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    one = chance.choice(found)
    new: str = chance.choice([*NUMBERS, str(chance.randrange(600))])
    return text[: one.start()] + new + text[one.end() :]


def word(chance: random.Random, text: str) -> str:
    """A name takes the place of another."""
    found = list(re.finditer(r"[A-Za-z_]\w*", text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start()] + chance.choice(WORDS) + text[one.end() :]


def swap(chance: random.Random, text: str) -> str:
    """Two tokens change places."""
    tokens: list[str] = TOKEN.findall(text)
    solid = [place for place, each in enumerate(tokens) if not each.isspace()] or [0]
    one, other = chance.choice(solid), chance.choice(solid)
    tokens[one], tokens[other] = tokens[other], tokens[one]
    return "".join(tokens)


def line(chance: random.Random, text: str) -> str:
    """A line moves, doubles or goes; or it comes from another network."""
    lines = text.split("\n")
    at = chance.randrange(len(lines))
    new = chance.choice([lines[chance.randrange(len(lines))], chance.choice(donor(chance).split("\n")), ""])
    lines[at : at + chance.randrange(2)] = [new]
    return "\n".join(lines)


def step(chance: random.Random, text: str) -> str:
    """A step of a chain doubles, goes, or is wrapped."""
    steps = text.split("->")
    at = chance.randrange(len(steps))
    before, behind = chance.choice(WRAPPINGS)
    steps[at] = f"{before}{steps[at].strip()}{behind}" if before else behind.replace("step", steps[at])
    return "->".join(steps)


def cut(chance: random.Random, text: str) -> str:
    """The text ends early, or a part of it is gone."""
    start, end = sorted((chance.randrange(len(text)), chance.randrange(len(text))))
    return text[:start] if chance.random() < 0.5 else text[:start] + text[min(end, start + 200) :]


MUTATIONS: list[Mutation] = [byte, token, number, number, word, swap, line, step, step, cut]

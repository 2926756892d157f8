"""Makes `table.py` from the grammar: `python -m cnnspec.syntax.generate`.

Lark compiles the grammar, strictly; what comes out is written down as plain literals, so that at run time no grammar
is compiled, nothing is unpickled and lark is not imported. Rules and states are numbered by their content and not by
the order in which lark found them: the same grammar gives the same bytes, whatever the hash seed.
"""

import re
import sys
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lark import Lark, Token
from lark.grammar import Rule
from lark.lexer import Lexer, LexerState, PatternStr, TerminalDef

TABLE = Path(__file__).with_name("table.py")
KEPT = ("_NL", "COMMENT", "BAD", "BAD_NUMBER", "BAD_STRING")
"""Terminals that no rule names: those of the layout, and those that stand for what is wrong."""

BEGINNINGS = {
    "[A-Za-z_×]": ("LABEL", "PATH", "REPEAT", "FUNCTION", "NAME"),
    "[0-9?]": ("QUANTITY", "SHAPE", "RATIO", "FLOAT", "DIM", "INT", "BAD_NUMBER"),
}
"""Terminals by the character they begin with; those that are not named begin with another."""

HEADER = '''\
"""The parser's tables, made from grammar/cnn.lark by `python -m cnnspec.syntax.generate`; never edited by hand.

PATTERN matches one token, with the white space before it, and names its terminal; FIXED has that of a NAME or SIGN.
RULES are (left side, length of the right side, action, shape): an action None hands its only child on, "list" begins
and "more" continues a list; the shape orders the children, None for an optional part that is absent and ~i for the
items of child i. TABLE has a row a state: a symbol leads to the next state (>= 0) or to the rule ~n that is complete.
"""

'''


class Production(NamedTuple):
    """A rule as the tables hold it: what the parser needs to know to complete it."""

    origin: str
    length: int
    action: str | None
    shape: tuple[int | None, ...] | None


class NoLexer(Lexer):
    """Stands where lark would build its lexer: only the tables are wanted."""

    __future_interface__ = 2

    def __init__(self, conf: object) -> None: ...

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        raise AssertionError("tables are made without a text")


class Kept:
    """Keeps the terminals that no rule names."""

    always_accept = KEPT

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        return stream


def grammar_file() -> Path:
    """The grammar in a checkout, else in an installed package."""
    package = Path(__file__).resolve().parents[1]
    beside = package.parent / "grammar" / "cnn.lark"
    return beside if beside.is_file() else package / "grammar" / "cnn.lark"


def tables(grammar: str) -> str:
    """The text of `table.py` for a grammar; raises lark's GrammarError if it is no strict LALR(1) grammar."""
    options: dict[str, Any] = {"parser": "lalr", "lexer": NoLexer, "postlex": Kept(), "strict": True}
    lark = Lark(grammar, keep_all_tokens=True, maybe_placeholders=True, **options)
    data, memo = lark.memo_serialize([TerminalDef, Rule])
    pattern, fixed = lexical(lark.terminals)
    productions = {id: production(each) for id, each in memo.items() if each["__type__"] == "Rule"}
    rules, rows = numbered(data["parser"]["parser"], productions)
    parts = [HEADER, f"PATTERN = {pattern!r}\n\nFIXED = {{\n"]
    parts += [f"    {text!r}: {name!r},\n" for text, name in sorted(fixed.items())]
    parts.append(f"}}\n\nFUNCTIONS = {functions(lark.terminals)!r}.split()\n")
    parts.append("\nRULES: tuple[tuple[str, int, str | None, tuple[int | None, ...] | None], ...] = (\n")
    parts += [f"    {tuple(each)!r},\n" for each in rules]
    parts.append(")\n\nTABLE: tuple[dict[str, int], ...] = (\n")
    parts += [f"    {row!r},\n" for row in rows]
    return "".join(parts) + ")\n"


def lexical(terminals: Collection[TerminalDef]) -> tuple[str, dict[str, str]]:
    """One pattern for all terminals, and the fixed texts among them.

    Terminals are tried in the order of lark's basic lexer, but only those that begin as the text does: that is twice as
    fast. Fixed texts match as NAME or SIGN, one group for all.
    """
    fixed = {each.pattern.value: each.name for each in terminals if isinstance(each.pattern, PatternStr)}
    regexps = {each.name: each.pattern.to_regexp() for each in terminals}
    words = {text for text in fixed if re.fullmatch(regexps["NAME"], text)}
    ordered = sorted(terminals, key=lambda t: (-t.priority, -t.pattern.max_width, -len(t.pattern.value), t.name))
    signs = "|".join(re.escape(each.pattern.value) for each in ordered if each.pattern.value in fixed.keys() - words)
    families: dict[str, list[str]] = {letter: [] for letter in (*BEGINNINGS, "")}
    for each in ordered:
        family = families[next((letter for letter, names in BEGINNINGS.items() if each.name in names), "")]
        if not isinstance(each.pattern, PatternStr) and each.name != "WS":
            family.append(f"(?P<{each.name}>{regexps[each.name]})")
        elif each.pattern.value in fixed.keys() - words and signs:
            family.append(f"(?P<SIGN>{signs})")
            signs = ""
    alternatives = [(f"(?={letter})" if letter else "") + f"(?:{'|'.join(each)})" for letter, each in families.items()]
    return f"(?:{regexps['WS']})?+(?:{'|'.join(alternatives)})", fixed


def functions(terminals: Collection[TerminalDef]) -> str:
    """The names that the terminal FUNCTION lists, with a space between."""
    (regexp,) = (each.pattern.value for each in terminals if each.name == "FUNCTION")
    listed = re.match(r"\(\?:([a-z|]+)\)", regexp)
    assert listed is not None, "FUNCTION is no list of names"
    return listed[1].replace("|", " ")


def production(serialized: dict[str, Any]) -> Production:
    """A rule out of lark's memo."""
    origin = str(serialized["origin"]["name"])
    expansion = tuple(str(each["name"]) for each in serialized["expansion"])
    options, alias = serialized["options"], serialized["alias"]
    if origin.startswith("__"):
        action: str | None = "more" if expansion[0] == origin else "list"
    elif options["expand1"] and not alias and len(expansion) == 1:
        action = None
    else:
        action = str(alias or origin)
    return Production(origin, len(expansion), action, shape(expansion, options["empty_indices"]))


def shape(expansion: tuple[str, ...], absent: list[bool]) -> tuple[int | None, ...] | None:
    """How the action's arguments come from the children; None where they are the children as they stand."""
    order: list[int | None] = []
    index = 0
    for is_absent in absent or [False] * len(expansion):
        if is_absent:
            order.append(None)
        else:
            order.append(~index if expansion[index].startswith("__") and index > 0 else index)
            index += 1
    if expansion and expansion[0].startswith("__") and order and order[0] == 0 and absent:
        order[0] = ~0
    return None if order == list(range(len(expansion))) else tuple(order)


def numbered(
    table: dict[str, Any], productions: dict[int, Production]
) -> tuple[list[Production], list[dict[str, int]]]:
    """Rules sorted by content; states in the order in which the start state reaches them by sorted symbols."""
    rules = sorted(set(productions.values()), key=repr)
    index = {each: number for number, each in enumerate(rules)}
    names, (first,) = table["tokens"], table["start_states"].values()
    states: dict[int, dict[str, int | Production]] = {
        state: {str(names[each]): productions[arg["@"]] if is_reduce else arg for each, (is_reduce, arg) in row.items()}
        for state, row in table["states"].items()
    }
    order, seen = [first], {first: 0}
    rows: list[dict[str, int]] = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, target in sorted(states[state].items(), key=lambda item: item[0]):
            if isinstance(target, Production):
                row[symbol] = ~index[target]
                continue
            target = beyond(states, state, target)
            if target not in seen:
                seen[target] = len(order)
                order.append(target)
            row[symbol] = seen[target]
        rows.append(row)
    return rules, rows


def beyond(states: dict[int, dict[str, int | Production]], state: int, target: int) -> int:
    """The state behind one that can only hand its child on: `?core: layer` need not be done at run time."""
    while True:
        actions = set(states[target].values())
        only = actions.pop() if len(actions) == 1 else None
        if not isinstance(only, Production) or only.action is not None:
            return target
        following = states[state][only.origin]
        assert isinstance(following, int)
        target = following


if __name__ == "__main__":
    text = tables(grammar_file().read_text(encoding="utf-8"))
    TABLE.write_text(text, encoding="utf-8", newline="\n")
    sys.stdout.write(f"{TABLE.name}: {len(text):,} characters\n")

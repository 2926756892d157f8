"""The LALR(1) parser: it runs the tables, makes the tree as it goes, and goes on after an error.

Recovery needs no second parse. The stacks' height at the beginning of each line is known; on an error they are cut back
to it, the token BROKEN stands in for the line, and parsing goes on behind it. If the line opens a body, BROKEN stands
for its header only, so that errors in the body are told and its `}` matches. Each line is given up at most once, which
keeps the work linear in the text.
"""

from collections.abc import Callable
from typing import Any

from cnnspec.source.diagnostic import Diagnostic
from cnnspec.source.text import Source, Span
from cnnspec.syntax.actions import Actions
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.layout import Layout
from cnnspec.syntax.lexer import BROKEN, END, NEWLINE, Token
from cnnspec.syntax.mistakes import explain
from cnnspec.syntax.table import RULES, TABLE
from cnnspec.syntax.trouble import Trouble

_line_marks = frozenset((NEWLINE, "VBAR", "LBRACE", "RBRACE"))
_definitions = frozenset(("BLOCK", "MODEL"))
_FINAL = TABLE[0]["start"]

Check = Callable[[Diagnostic, Trouble], Diagnostic]


_rules = [
    (origin, size, getattr(Actions, f"on_{name}") if name else None, shape) for origin, size, name, shape in RULES
]


class _Frame:
    """A body that is open (or the file): where its present line begins, on the stack and among the tokens. `end` is
    the end of that line once it is given up, else -1."""

    __slots__ = ("end", "height", "start")

    def __init__(self, height: int, start: int) -> None:
        self.height, self.start, self.end = height, start, -1


class Parser:
    """One parse of one text."""

    def __init__(self, source: Source, layout: Layout, actions: Actions, findings: Findings, check: Check) -> None:
        self.source, self.layout, self.findings, self.check = source, layout, findings, check
        self.actions = actions
        self.tokens = [*layout.tokens, Token(END, "", len(source.text), len(source.text))]
        self.rules = [
            (origin, size, None if call is None else call.__get__(actions), shape)
            for origin, size, call, shape in _rules
        ]
        self.states = [0]
        self.values: list[Any] = []
        self.frames = [_Frame(1, 0)]

    def run(self) -> Any:
        """The value of the grammar's `start`."""
        refused, index = -1, self._advance(self.tokens, 0)
        while self.states[-1] != _FINAL:
            assert index > refused, "the same token is refused again"
            refused, index = index, self._advance(self.tokens, self._recover(index))
        return self.values[-1]

    def _advance(self, tokens: list[Token], index: int) -> int:
        """Takes tokens from `index` on as long as the grammar allows; returns the first that it refuses."""
        table, states, values, rules = TABLE, self.states, self.values, self.rules
        row, count = table[states[-1]], len(tokens)
        while index < count:
            token = tokens[index]
            kind = token[0]
            action = row.get(kind)
            while action is not None and action < 0:
                origin, size, call, shape = rules[~action]
                if call is None:
                    states.pop()
                elif size == 1 and shape is None:
                    states.pop()
                    values[-1] = call(values[-1])
                else:
                    children = values[-size:] if size else []
                    if size:
                        del values[-size:], states[-size:]
                    values.append(call(*children) if shape is None else call(*arranged(children, shape)))
                state = table[states[-1]][origin]
                states.append(state)
                row = table[state]
                action = row.get(kind)
            if action is None:
                return index
            states.append(action)
            row = table[action]
            values.append(token)
            index += 1
            if kind in _line_marks:
                index = self._line_mark(kind, index)
        return index

    def _line_mark(self, kind: str, index: int) -> int:
        """Keeps the frames after a brace or a separator was shifted; `index` is the next token's."""
        if kind == "LBRACE":
            self.frames.append(_Frame(len(self.states), index))
        elif kind == "RBRACE":
            self.frames.pop()
            if self.frames[-1].end >= 0:
                return self._skip(index)
        else:
            self.frames[-1] = _Frame(len(self.states), index)
        return index

    # -- after an error -------------------------------------------------------------------------------------------

    def _recover(self, index: int) -> int:
        """Tells what is wrong at a token, gives its line up, and returns the token at which to go on."""
        frame, tokens = self.frames[-1], self.tokens
        end = self._line_end(frame.start)
        if self.findings.full:
            self.findings.count(Span(self.source, tokens[index].start, tokens[index].end))
        else:
            in_file, open_parens = len(self.frames) == 1, self.layout.open_parens
            place = (index, frame.start, end, self._acceptable())
            trouble = Trouble(self.source, tokens, *place, in_file, open_parens, self.actions.names)
            self.findings.add(self.check(explain(trouble), trouble))
        frame.end = end
        first = tokens[frame.start]
        is_definition = len(self.frames) == 1 and first.type in _definitions
        if is_definition and self._would_take(NEWLINE):
            return self._skip(index)
        del self.states[frame.height :], self.values[frame.height - 1 :]
        opens = any(each.type == "LBRACE" for each in tokens[index:end])
        if is_definition and opens and index >= frame.start + 2 and tokens[frame.start + 1].type == "NAME":
            self._advance(tokens[frame.start : frame.start + 2], 0)
        last = tokens[end - 1].end if end > frame.start else first.start
        self._advance([Token(BROKEN, "", first.start, last)], 0)
        return self._skip(index)

    def _skip(self, index: int) -> int:
        """Within a line that is given up: the next token that the parser takes, a `{` or the end of the line."""
        end, depth = self.frames[-1].end, 0
        for position in range(index, end):
            kind = self.tokens[position].type
            if kind == "LBRACE":
                if depth == 0 and self._would_take(kind):
                    return position
                depth += 1
            elif kind == "RBRACE":
                depth -= 1
        return end

    def _line_end(self, start: int) -> int:
        """The token that ends the line beginning at `start`: a separator, the `}` of its body, or the text's end."""
        braces = parens = 0
        in_body = len(self.frames) > 1
        for index in range(start, len(self.tokens) - 1):
            kind = self.tokens[index].type
            if kind == "LBRACE":
                braces += 1
            elif kind == "RBRACE":
                braces -= 1
                if braces < 0:
                    return index
            elif braces:
                continue
            elif kind == NEWLINE or (kind == "VBAR" and in_body and not parens):
                return index
            elif kind == "LPAR" and self.tokens[index].start not in self.layout.open_parens:
                parens += 1
            elif kind == "RPAR" and parens:
                parens -= 1
        return len(self.tokens) - 1

    def _acceptable(self) -> frozenset[str]:
        """The terminals that the parser would take in its present state."""
        row = TABLE[self.states[-1]]
        return frozenset(kind for kind in row if not kind.islower() and self._would_take(kind))

    def _would_take(self, kind: str) -> bool:
        states = self.states.copy()
        while True:
            action = TABLE[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            origin, size, _, _ = self.rules[~action]
            if origin == "start":
                return True
            if size:
                del states[-size:]
            states.append(TABLE[states[-1]][origin])


def arranged(children: list[Any], shape: tuple[int | None, ...]) -> list[Any]:
    """The arguments of an action: children by number, None where an optional part is absent, ~i for a list's items."""
    result: list[Any] = []
    for each in shape:
        if each is None:
            result.append(None)
        elif each >= 0:
            result.append(children[each])
        else:
            result += children[~each]
    return result

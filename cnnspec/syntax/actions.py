"""What each rule of the grammar makes of its parts: one method `on_<rule>` a rule or alias, called while parsing.

Parts come in the order of the rule, tokens included; an optional part that is absent is None.
"""

from typing import Any, NamedTuple

from cnnspec.source.text import Source, Span
from cnnspec.syntax import complaints, tree
from cnnspec.syntax.expressions import ExpressionActions
from cnnspec.syntax.findings import Findings
from cnnspec.syntax.lexer import Token


class _Label(NamedTuple):
    """`name:` or `name[]:` before a step."""

    name: tree.Ident
    listed: bool


class Actions(ExpressionActions):
    """Makes the nodes of steps, lines and definitions."""

    def __init__(self, source: Source, findings: Findings) -> None:
        super().__init__(source)
        self.findings = findings
        self.names: set[str] = set()

    def on_list(self, *parts: Any) -> list[Any]:
        return list(parts)

    def on_more(self, items: list[Any], *parts: Any) -> list[Any]:
        items.extend(parts)
        return items

    # -- files ----------------------------------------------------------------------------------------------------

    def on_start(self, items: tuple[tree.Item, ...] | None) -> tuple[tree.Number | None, tuple[tree.Item, ...]]:
        return None, items or ()

    def on_dated_start(
        self, version: tree.Number, newline: Token | None, items: tuple[tree.Item, ...] | None
    ) -> tuple[tree.Number | None, tuple[tree.Item, ...]]:
        return version, items or ()

    def on_version(self, word: Token, number: Token) -> tree.Number:
        if int(number.text) != 1:
            self.findings.add(complaints.unknown_edition(self.span(number, number)))
        return self.on_whole(number)

    def on_items(self, *parts: Any) -> tuple[tree.Item, ...]:
        return parts[::2]

    def on_use(self, word: Token, path: Token, as_: Token | None, alias: Token | None) -> tree.Use:
        name = self.ident(alias) if alias else None
        return tree.Use(self.on_text(path), name, self.span(word, alias or path))

    def on_block(
        self, word: Token, name: Token, params: tuple[tree.Param, ...] | None, listed: Token | None, body: tree.Body
    ) -> tree.Block:
        return tree.Block(
            self.capital(word, name), params or (), listed is not None, body, False, self.span(word, body)
        )

    def on_model(
        self, word: Token, name: Token, params: tuple[tree.Param, ...] | None, listed: Token | None, body: tree.Body
    ) -> tree.Model:
        return tree.Model(
            self.capital(word, name), params or (), listed is not None, body, False, self.span(word, body)
        )

    def on_broken_block(self, word: Token, name: Token, broken: Token, body: tree.Body) -> tree.Block:
        return tree.Block(self.ident(name), (), False, body, True, self.span(word, body))

    def on_broken_model(self, word: Token, name: Token, broken: Token, body: tree.Body) -> tree.Model:
        return tree.Model(self.ident(name), (), False, body, True, self.span(word, body))

    def capital(self, word: Token, name: Token) -> tree.Ident:
        if not name.text[0].isupper():
            self.findings.add(complaints.lower_case_definition(word.text, self.span(name, name)))
        return self.ident(name)

    # -- parameters -----------------------------------------------------------------------------------------------

    def on_params(self, *parts: Any) -> tuple[tree.Param, ...]:
        return tuple(each for each in parts if type(each) is tree.Param)

    def on_param(self, name: Token, equal: Token | None, default: tree.Expr | None) -> tree.Param:
        return tree.Param(self.declared(name), default, False, False, self.span(name, default or name))

    def on_stride_param(
        self, slash: Token, name: Token, equal: Token | None, default: tree.Expr | None
    ) -> tree.Param:  # fmt: skip
        return tree.Param(self.declared(name), default, True, False, self.span(slash, default or name))

    def on_tensor_param(self, ref: Token) -> tree.Param:
        name = tree.Ident(ref.text[1:], Span(self.source, ref.start + 1, ref.end))
        if not name.name.isidentifier():
            self.findings.add(complaints.odd_tensor_parameter(name.span))
        return tree.Param(name, None, False, True, self.span(ref, ref))

    def declared(self, name: Token) -> tree.Ident:
        """A name that a parameter, a `let` or a `for` brings in."""
        if name.text.startswith("x") and (name.text == "x" or name.text[1:].isdigit()):
            self.findings.add(complaints.reserved_name(name.text, self.span(name, name)))
        self.names.add(name.text)
        return self.ident(name)

    # -- lines ----------------------------------------------------------------------------------------------------

    def on_body(self, *parts: Any) -> tree.Body:
        lines = tuple(each for each in parts if type(each) is not Token)
        bars = tuple(self.span(each, each) for each in parts if type(each) is Token and each.type == "VBAR")
        return tree.Body(lines, bars, self.span(parts[0], parts[-1]))

    def on_let(self, word: Token, name: Token, equal: Token, value: tree.Expr) -> tree.Let:
        return tree.Let(self.declared(name), value, self.span(word, value))

    def on_set(self, word: Token, *parts: Any) -> tree.Set:
        words = tuple(self.ident(each) for each in parts if type(each) is Token and each.type == "NAME")
        args = tuple(each for each in parts if type(each) is tree.Arg)
        return tree.Set(words, args, self.span(word, args[-1]))

    def on_input(self, word: Token, label: Token | None, colon: Token | None, *args: tree.Arg) -> tree.Input:
        return tree.Input(self.ident(label) if label else None, args, self.span(word, args[-1]))

    def on_output(self, word: Token, label: Token, colon: Token, chain: tree.Chain) -> tree.Output:
        return tree.Output(self.ident(label), chain, self.span(word, chain))

    def on_aux(self, word: Token, *parts: Any) -> tree.Aux:
        *args, label, _, chain = parts
        return tree.Aux(self.ident(label), tuple(args), chain, self.span(word, chain))

    def on_require(self, word: Token, *parts: Any) -> tree.Require:
        tests = tuple(each for each in parts if each is not None and type(each) is not Token)
        message = parts[-1]
        if message is None:
            return tree.Require(tests, None, self.span(word, tests[-1]))
        return tree.Require(tests, self.on_text(message), self.span(word, message))

    def on_broken(self, broken: Token, *bodies: tree.Body) -> tree.Broken:
        return tree.Broken(self.span(broken, broken))

    # -- steps ----------------------------------------------------------------------------------------------------

    def on_chain(self, *parts: Any) -> tree.Chain:
        return tree.Chain(parts[::2], self.span(parts[0], parts[-1]))

    def on_step(
        self, label: _Label | None, core: tree.Core, repeat: tree.Expr | None, expect: tree.ExpectedShape | None
    ) -> tree.Step:
        if label is None:
            name, listed, first = None, False, core.span
        else:
            name, listed, first = label.name, label.listed, label.name.span
            if listed and type(core) is not tree.Braces:
                self.findings.add(complaints.list_mark_without_body(label.name.span))
        last = expect or repeat or core
        if type(core) is tree.Apply and repeat is None:
            core, repeat = self.repeated(core)
        return tree.Step(name, listed, core, repeat, expect, Span(self.source, first.start, last.span.end))

    def repeated(self, core: tree.Apply) -> tuple[tree.Apply, tree.Expr | None]:
        """`Basic 64 xn` was meant as `x n` where `n` is a name and `xn` is none."""
        last = core.args[-1] if core.args and core.body is None else None
        if last is None or last.name is not None or last.slash or type(last.value) is not tree.Name:
            return core, None
        name, span = last.value
        if name[0] != "x" or name in self.names or name[1:] not in self.names:
            return core, None
        self.findings.add(complaints.repeat_without_space(span))
        count = tree.Name(name[1:], Span(self.source, span.start + 1, span.end))
        return core._replace(args=core.args[:-1]), count

    def on_label(self, label: Token, listed: Token | None, colon: Token) -> _Label:
        return _Label(self.ident(label), listed is not None)

    def on_layer(self, word: Token, *parts: Any) -> tree.Apply:
        *args, body = parts
        last = body or (args[-1] if args else word)
        return tree.Apply(self.ident(word), tuple(args), body, self.span(word, last))

    def on_scope(self, listed: Token | None, body: tree.Body) -> tree.Braces:
        return tree.Braces(listed is not None, body, self.span(listed or body, body))

    def on_group(self, left: Token, chain: tree.Chain, right: Token) -> tree.Group:
        return tree.Group(chain, self.span(left, right))

    def on_cond(
        self, word: Token, test: tree.Expr, then: tree.Body, else_: Token | None, other: tree.Body | tree.Cond | None
    ) -> tree.Cond:
        return tree.Cond(test, then, other, self.span(word, other or then))

    def on_loop(self, word: Token, name: Token, in_: Token, *parts: Any) -> tree.Loop:
        *values, body = parts
        return tree.Loop(self.declared(name), tuple(values[::2]), None, body, self.span(word, body))

    def on_range_loop(
        self, word: Token, name: Token, in_: Token, first: tree.Expr, dots: Token, last: tree.Expr, body: tree.Body
    ) -> tree.Loop:
        return tree.Loop(self.declared(name), (first,), last, body, self.span(word, body))

    def on_repeat(self, mark: Token, count: tree.Expr) -> tree.Expr:
        return count

    def on_expect(self, arrow: Token, shape: Token) -> tree.ExpectedShape:
        dims = shape.text.replace("×", "x").split("x")
        return tree.ExpectedShape(tuple(None if each == "?" else int(each) for each in dims), self.span(arrow, shape))

    # -- arguments ------------------------------------------------------------------------------------------------

    def on_positional(self, value: tree.Expr | tree.Ref) -> tree.Arg:
        return tree.Arg(None, value, False, value.span)

    def on_stride(self, slash: Token, value: tree.Expr) -> tree.Arg:
        return tree.Arg(None, value, True, self.span(slash, value))

    def on_named(self, name: Token, equal: Token, value: tree.Expr | tree.Ref) -> tree.Arg:
        return tree.Arg(self.ident(name), value, False, Span(self.source, name.start, value.span.end))

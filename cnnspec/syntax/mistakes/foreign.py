"""What other languages, and papers, write for something that this one says otherwise."""

from itertools import pairwise

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.lexer import Token
from cnnspec.syntax.mistakes.commas import NUMBERS, innermost_paren
from cnnspec.syntax.mistakes.wording import ANY_SIZE
from cnnspec.syntax.trouble import Trouble

_DEFINING = frozenset(("def", "fn", "fun", "func", "function", "class", "module", "define", "struct", "net", "network"))


def assignment(trouble: Trouble) -> Diagnostic | None:
    """`x = bn -> relu`, `width = 8`"""
    name, token = trouble.tokens[max(trouble.at - 1, trouble.first)], trouble.token
    begins = trouble.at == trouble.first + 1 or trouble.tokens[trouble.at - 2].type == "ARROW"
    if token.type != "EQUAL" or trouble.at == trouble.first or not begins or name.type not in ("NAME", "PATH"):
        return None
    after = trouble.after
    message, span = "a name is given by `name:` or by `let`", trouble.span(name, token)
    label = name.text.removeprefix("self.")
    help = f"a step is named by `{label}: …`, steps by `{label}: ( … )`, a number by `let {label} = …`"
    if after is not None and after.type in ("INPUT", "IN") and after.end == trouble.tokens[trouble.end - 1].end:
        fix = Fix(
            f"what comes in is named by `{label}: id`", (Edit(trouble.span(name, after), f"{label}: id"),), safe=False
        )
        return error("unexpected-token", message, span, help=fix.title, fix=fix)
    if after is None or trouble.in_file:
        return error("unexpected-token", message, span, help=help)
    if trouble.at == trouble.first + 1 and after.type in (*NUMBERS, "STRING", "YES", "NO"):
        edit = Edit(Span(trouble.source, name.start, name.start), "let ")
    else:
        edit = Edit(span, f"{label}:")
    return error("unexpected-token", message, span, help=help, fix=Fix(help, (edit,), safe=False))


def definition(trouble: Trouble) -> Diagnostic | None:
    """`def Body(c) {`"""
    line = trouble.line
    if (
        len(line) < 3
        or line[0].text not in _DEFINING
        or line[1].type != "NAME"
        or line[2].type not in ("LPAR", "LBRACE")
    ):
        return None
    if trouble.at <= trouble.first and not trouble.in_file:
        return None
    span, name = trouble.span(line[0]), line[1].text
    message = f"`{line[0].text}` defines nothing"
    if not trouble.in_file:
        return error("unexpected-token", message, span, help=f"`block {name}(c) {{ … }}`, at the top of the file")
    fix = Fix(f"a piece of network is a block: `block {name}`", (Edit(span, "block"),), safe=False)
    return error("unexpected-token", message, span, help=fix.title, fix=fix)


def values_as_arguments(trouble: Trouble) -> Diagnostic | None:
    """`add(@a, @b)`, `concat(input, x)`, `concat input x`: names of no number, where values of steps are meant."""
    token, before = trouble.token, trouble.before
    if before is not None and token.type == "INPUT" and before.type == "NAME" and trouble.begins_step(trouble.at - 1):
        return _branches(before.text, trouble.span(before, token))
    opened = innermost_paren(trouble)
    if opened is None or not trouble.calls_a_word(opened) or not trouble.tokens[opened - 1].text[0].islower():
        return None
    closed = next((i for i in range(opened, trouble.end) if trouble.tokens[i].type == "RPAR"), trouble.end)
    inner = trouble.tokens[opened + 1 : closed]
    names, commas = inner[::2], inner[1::2]
    is_list = len(names) > 1 and len(names) > len(commas) and all(each.text == "," for each in commas)
    are_values = all(_is_value(each, trouble) for each in names)
    if not is_list or not are_values:
        return None
    word = trouble.tokens[opened - 1]
    labels = {each.text for each in trouble.tokens[: trouble.first] if each.type == "LABEL"} | {"input"}
    if closed == trouble.end or not all(each.type == "REF" or each.text in {*labels, "id"} for each in names):
        return _branches(word.text, trouble.span(word, inner[-1]))
    branches = [f"@{each.text}" if each.text in labels else each.text for each in names]
    title = f"`{word.text} {{ {' | '.join(branches)} }}`"
    edits = [Edit(trouble.span(trouble.tokens[opened]), " { "), Edit(trouble.span(trouble.tokens[closed]), " }")]
    edits += [Edit(Span(trouble.source, this.end, behind.start), " | ") for this, behind in pairwise(names)]
    edits += [Edit(Span(trouble.source, each.start, each.start), "@") for each in names if each.text in labels]
    fix = Fix(title, tuple(edits), safe=True)
    return _branches(word.text, trouble.span(word, trouble.tokens[closed]), fix)


def labels_as_arguments(trouble: Trouble) -> Diagnostic | None:
    """`concat inp, y`: labels above, with commas between them, where a merge's branches are meant."""
    start = trouble.at - 2
    if trouble.token.text != "," or start < trouble.first or not trouble.begins_step(start):
        return None
    word, line = trouble.tokens[start], trouble.tokens[start + 1 : trouble.end]
    names, commas = line[::2], line[1::2]
    labels = {each.text for each in trouble.tokens[: trouble.first] if each.type == "LABEL"}
    known = all(each.type == "REF" or each.text in {*labels, "id"} for each in names)
    if word.type != "NAME" or len(names) <= len(commas) or any(each.text != "," for each in commas) or not known:
        return None
    branches = [f"@{each.text}" if each.text in labels else each.text for each in names]
    title = f"`{word.text} {{ {' | '.join(branches)} }}`"
    span = trouble.span(word, line[-1])
    return _branches(word.text, span, Fix(title, (Edit(span, title.strip("`")),), safe=False))


def value_that_comes_in(trouble: Trouble) -> Diagnostic | None:
    """`concat { in | @y }`, `{ input | @y }`"""
    here, before = trouble.token, trouble.before
    if here.type == "IN" and before is None and "LABEL" in trouble.accepts:
        token = here
    elif here.type == "VBAR" and before is not None and before.type == "INPUT" and trouble.at == trouble.first + 1:
        token = before
    else:
        return None
    fix = Fix("what comes in is `id`", (Edit(trouble.span(token), "id"),), safe=False)
    return error("unexpected-token", f"`{token.text}` is no step", trouble.span(token), help=fix.title, fix=fix)


def shape_behind_arrow(trouble: Trouble) -> Diagnostic | None:
    """`conv 3x3 64 -> 64x56x56`, `gap => flatten`: one arrow for the other."""
    token, before = trouble.token, trouble.before
    if before is None or token.text == "":
        return None
    if before.type == "ARROW" and token.type in ("DIM", "SHAPE") and trouble.after is None:
        fix = Fix("a shape stands behind `=>`", (Edit(trouble.span(before), "=>"),), safe=False)
    elif before.type == "EXPECT" and token.type in ("NAME", "REF", "LABEL"):
        fix = Fix("steps are joined with `->`", (Edit(trouble.span(before), "->"),), safe=False)
    else:
        return None
    message = f"expected {'a step' if before.type == 'ARROW' else 'a shape'}, found `{token.text}`"
    return error("unexpected-token", message, trouble.span(before, token), help=fix.title, fix=fix)


def _is_value(token: Token, trouble: Trouble) -> bool:
    return token.type in ("REF", "INPUT") or (token.type == "NAME" and token.text not in trouble.names)


def _branches(word: str, span: Span, fix: Fix | None = None) -> Diagnostic:
    help = f"`{word} {{ @a | @b }}`: `@a` is the value of the step that is labelled `a`, `id` what comes in"
    message = "values are no arguments; a merge has branches"
    return error("unexpected-token", message, span, help=fix.title if fix else help, fix=fix)


def reference(trouble: Trouble) -> Diagnostic | None:
    """`@{f}`, `@f[i]`"""
    token, before, after = trouble.token, trouble.before, trouble.after
    help = "the value of a `for` stands behind a beginning: `@f{i}` is `f1`, `f2` …"
    if token.text == "@" and after is not None and after.type == "LBRACE":
        return error("unknown-character", "a reference begins with a letter", trouble.span(token, after), help=help)
    if token.text == "[" and before is not None and before.type == "REF" and before.end == token.start:
        return error("unknown-character", "a reference has no brackets", trouble.span(before, token), help=help)
    return None


def output(trouble: Trouble) -> Diagnostic | None:
    """`output relu`"""
    first = trouble.tokens[trouble.first]
    if first.type not in ("OUTPUT", "AUX") or trouble.in_file or "LABEL" not in trouble.accepts:
        return None
    if trouble.at != trouble.first + 1 or trouble.at_line_end:
        return None
    word = first.text
    message = f"expected a name and a colon, found `{trouble.token.text}`"
    help = f"`{word} score: …` names a result; without `{word}` the value of the last line is the result"
    return error("unexpected-token", message, trouble.span(trouble.token), help=help)


def conditional_value(trouble: Trouble) -> Diagnostic | None:
    """`let a = if s == 1 { 6 } else { 4 }`, `8 if s == 1 else 4`"""
    first, token = trouble.tokens[trouble.first], trouble.token
    if token.type != "IF" or trouble.in_file or trouble.at == trouble.first:
        return None
    is_value = first.type == "LET" or (
        trouble.before is not None and trouble.before.type in (*NUMBERS, "EQUAL", "NAME")
    )
    if not is_value:
        return None
    message = "`if` chooses steps, not values"
    help = "`if … { conv 3x3 8 } else { conv 3x3 4 }`; of two numbers `min(a, b)` and `max(a, b)`"
    return error("unexpected-token", message, trouble.span(token), help=help)


def open_shape(trouble: Trouble) -> Diagnostic | None:
    """`input 3x?x?`"""
    if trouble.token.type != "SHAPE" or trouble.tokens[trouble.first].type != "INPUT":
        return None
    message = "`?` stands in expected shapes only: `=> ?x56x56`"
    return error("unexpected-token", message, trouble.span(trouble.token), help=ANY_SIZE)


RULES = (
    assignment, definition, values_as_arguments, labels_as_arguments, value_that_comes_in, shape_behind_arrow,
    reference, output, conditional_value, open_shape,
)  # fmt: skip

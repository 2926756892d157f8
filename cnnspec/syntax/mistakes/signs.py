"""Signs in the wrong place: `/`, `-`, `=`, `:`, `->`, `|` and `.`."""

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.lexer import NEWLINE, Token
from cnnspec.syntax.mistakes.commas import NUMBERS
from cnnspec.syntax.trouble import Trouble


def slash(trouble: Trouble) -> Diagnostic | None:
    """`in.c/16`, `c / 16`, `3x3/2`"""
    token, before, after = trouble.token, trouble.before, trouble.after
    if token.type != "BAD" or token.text != "/" or before is None:
        return None
    span = trouble.span(token)
    message = "`/` means stride and stands directly before its number"
    if after is None:
        return error("slash-without-space", message, span, help="`conv 3x3 64 /2`")
    if before.end == token.start:
        message = "`/` means stride and needs a space before it"
    if before.type in ("DIM", "INT") or trouble.begins_step(trouble.at - 1):
        fix = Fix("set it apart", (Edit(Span(trouble.source, before.end, after.start), " /"),), safe=True)
    else:
        fix = _division(trouble)
    return error("slash-without-space", message, span, help=fix.title, fix=fix)


def _division(trouble: Trouble) -> Fix:
    """`//` rounds down; what may be a fraction is divided by `div`, which a whole argument refuses if it is none."""
    token, before, after = trouble.token, trouble.before, trouble.after
    assert before is not None, "something is divided"
    assert after is not None, "by something"
    first = _first_factor(trouble)
    behind = trouble.tokens[trouble.at + 2] if trouble.at + 2 < trouble.end else None
    is_one = after.type in ("INT", "FLOAT", "NAME") and (behind is None or behind.type not in ("LPAR", "DOT"))
    factors = () if first is None else trouble.tokens[first : trouble.at]
    given = first is not None and first > trouble.first and trouble.tokens[first - 1].type == "EQUAL"
    if is_one and factors and (given or any(each.type == "FLOAT" for each in (*factors, after))):
        left = trouble.span(factors[0], before).text
        whole = trouble.span(factors[0], after)
        written = f"div({left}, {after.text})"
        return Fix(f"divide with `{written}`; `//` rounds down", (Edit(whole, written),), safe=False)
    title = "divide with `//`, which rounds down; `div(a, b)` keeps the fraction"
    return Fix(title, (Edit(trouble.span(token), "//"),), safe=False)


def _first_factor(trouble: Trouble) -> int | None:
    """Where the product before the trouble begins; None if it is made of more than names and numbers."""
    at = trouble.at - 1
    while True:
        if trouble.tokens[at].type == "NAME" and trouble.tokens[at - 1].type == "DOT":
            at -= 2  # `in.c`
            if trouble.tokens[at].type != "IN":
                return None
        elif trouble.tokens[at].type not in ("NAME", "INT", "FLOAT", "PATH"):
            return None
        if at - 2 < trouble.first or trouble.tokens[at - 1].type != "TIMES":
            return at if trouble.tokens[at - 1].type != "PLUS" else None
        at -= 2


def minus(trouble: Trouble) -> Diagnostic | None:
    """`c -1` where a value ends, `-c` where one begins."""
    token, after = trouble.token, trouble.after
    span = trouble.span(token)
    if token.type == "MINUS" and "PLUS" in trouble.accepts and after is not None:
        shown = f"-{after.text}"
        fix = Fix("subtract with a space on both sides", (Edit(span, "- "),), safe=True)
        message = f"`{shown}` with a space before it is a negative number"
        return error("minus-without-space", message, trouble.span(token, after), help=fix.title, fix=fix)
    if token.text == "-" and "INT" in trouble.accepts and "PLUS" not in trouble.accepts:
        return error("unexpected-token", "expected a value, found `-`", span, help="the negative of a name is `0 - c`")
    return None


def equals(trouble: Trouble) -> Diagnostic | None:
    """`if s = 1`, `conv 3x3 64 = 3`"""
    if trouble.token.type != "EQUAL":
        return None
    span = trouble.span(trouble.token)
    if trouble.at - 2 > trouble.first and trouble.tokens[trouble.at - 2].type == "TIGHT_COMMA":
        comma = trouble.span(trouble.tokens[trouble.at - 2])
        fix = Fix("leave the comma out", (Edit(comma, " "),), safe=True)
        return error("commas-between-arguments", "arguments are separated by spaces", comma, help=fix.title, fix=fix)
    if "CMP" in trouble.accepts:
        fix = Fix("compare with `==`", (Edit(span, "=="),), safe=True)
        return error("unexpected-token", "`=` does not compare", span, help=fix.title, fix=fix)
    if "ARROW" in trouble.accepts:
        help = "`=` stands between an argument's name and its value: `bias=no`"
        return error("unexpected-token", "expected an argument or `->`, found `=`", span, help=help)
    return None


def colon(trouble: Trouble) -> Diagnostic | None:
    """`input: 3x224x224`, `groups: 2`, `conv 3x3 64 b: bn`"""
    label = _label_at(trouble)
    if label is None:
        return None
    index, token = label
    behind = trouble.tokens[index + 2] if index + 2 < trouble.end else None
    span = trouble.span(token, trouble.tokens[index + 1])
    sign = trouble.span(trouble.tokens[index + 1])
    is_value = behind is not None and behind.type in (*NUMBERS, "STRING", "YES", "NO")
    takes_none = is_value or token.text in ("input", "set", "let", "require", "use")
    if index == trouble.first and takes_none and trouble.at > index:
        fix = Fix("leave the colon out", (Edit(sign, ""),), safe=True)
        return error("misplaced-colon", f"`{token.text}` takes no colon", span, help=fix.title, fix=fix)
    if index > trouble.first and is_value and behind is not None:
        fix = Fix("write `=`", (Edit(Span(trouble.source, token.end, behind.start), "="),), safe=True)
        return error("misplaced-colon", "an argument takes `=`", span, help=fix.title, fix=fix)
    if index == trouble.at and "ARROW" in trouble.accepts:
        at = Span(trouble.source, token.start, token.start)
        fix = Fix("write `->` before the label", (Edit(at, "-> "),), safe=True)
        others: tuple[Fix, ...] = ()
        if index == trouble.first + 1 and trouble.tokens[trouble.first].type == "NAME":
            first = trouble.tokens[trouble.first]
            one = f"{first.text}_{token.text}"
            gap = Span(trouble.source, first.end, token.start)
            others = (Fix(f"a label has no blank: `{one}:`", (Edit(gap, "_"),), safe=False),)
        message = "steps are joined with `->`"
        return error("steps-not-joined", message, span, help=fix.title, fix=fix, alternatives=others)
    return None


def list_mark(trouble: Trouble) -> Diagnostic | None:
    """`layer1[] { … }`"""
    token, before, after = trouble.token, trouble.before, trouble.after
    if token.type != "LIST" or before is None or before.type != "NAME" or after is None or after.type != "LBRACE":
        return None
    fix = Fix("write a colon", (Edit(trouble.after_end(token), ":"),), safe=True)
    message = "a label takes a colon"
    return error("misplaced-colon", message, trouble.span(before, token), help=fix.title, fix=fix)


def _label_at(trouble: Trouble) -> tuple[int, Token] | None:
    """The label that is in trouble, or directly before it."""
    for index in (trouble.at, trouble.at - 2):
        if index >= trouble.first and trouble.tokens[index].type == "LABEL":
            return index, trouble.tokens[index]
    return None


def arrow(trouble: Trouble) -> Diagnostic | None:
    """`-> ->`, and an arrow that has no step on its left or right."""
    token, before = trouble.token, trouble.before
    if token.type == "ARROW" and before is None and not trouble.in_file:
        return error("unexpected-token", "there is no step before `->`", trouble.span(token), help="delete it")
    if before is None or before.type != "ARROW":
        return None
    if token.type == "ARROW":
        fix = Fix("delete one", (Edit(Span(trouble.source, before.end, token.end), ""),), safe=True)
        return error("unexpected-token", "expected a step, found `->`", trouble.span(token), help=fix.title, fix=fix)
    if token.type in ("RBRACE", "RPAR", "VBAR", "$END", NEWLINE):
        message = "there is no step behind `->`"
        return error("unexpected-token", message, trouble.span(before), help="delete it, or add a step")
    return None


def bar(trouble: Trouble) -> Diagnostic | None:
    """`|` at the beginning of a line of its own."""
    if trouble.token.type != "VBAR" or trouble.before is not None or trouble.at == 0:
        return None
    if trouble.tokens[trouble.at - 1].type != NEWLINE:
        return error("unexpected-token", "expected a branch, found `|`", trouble.span(trouble.token), help="delete it")
    help = "a new line separates branches already; delete it"
    return error("unexpected-token", "expected a branch, found `|`", trouble.span(trouble.token), help=help)


def broken_arrow(trouble: Trouble) -> Diagnostic | None:
    """`- >`, `-->` and `-> >`"""
    around = trouble.tokens[max(trouble.first, trouble.at - 1) : min(trouble.end, trouble.at + 2)]
    place = next((i for i in range(len(around) - 1) if around[i].text + around[i + 1].text in _ARROWS), None)
    if place is None or trouble.token not in around[place : place + 2] or around[place + 1].type == "INT":
        return None
    span = trouble.span(around[place], around[place + 1])
    fix = Fix("write `->`", (Edit(span, "->"),), safe=True)
    return error("unexpected-token", "an arrow is written `->`", span, help=fix.title, fix=fix)


def percent(trouble: Trouble) -> Diagnostic | None:
    """`dropout 50%`"""
    before, number = trouble.before, trouble.tokens[max(trouble.first, trouble.at - 2)]
    if before is None or before.text != "%" or number.type != "INT" or number.end != before.start:
        return None
    share = f"{int(number.text) / 100:g}"
    span = trouble.span(number, before)
    fix = Fix(f"a share is a number: `{share}`", (Edit(span, share),), safe=True)
    return error("unexpected-token", "there is no `%` behind a number", span, help=fix.title, fix=fix)


def numbers_with_colon(trouble: Trouble) -> Diagnostic | None:
    """`slice 0:8`"""
    before, after = trouble.before, trouble.after
    if trouble.token.type != "COLON" or before is None or after is None or {before.type, after.type} != {"INT"}:
        return None
    fix = Fix("write a space", (Edit(Span(trouble.source, before.end, after.start), " "),), safe=True)
    message = "arguments are separated by spaces"
    return error("misplaced-colon", message, trouble.span(before, after), help=fix.title, fix=fix)


def dot(trouble: Trouble) -> Diagnostic | None:
    """`.5`"""
    after = trouble.after
    if trouble.token.type != "DOT" or after is None or after.type != "INT" or "INT" not in trouble.accepts:
        return None
    fix = Fix(
        "put a 0 before it",
        (Edit(trouble.after_end(trouble.token)._replace(end=trouble.token.start, start=trouble.token.start), "0"),),
        safe=True,
    )
    return error(
        "malformed-number", "a number begins with a digit", trouble.span(trouble.token, after), help=fix.title, fix=fix
    )


_ARROWS = ("->", "-->", "->>")
RULES = (broken_arrow, percent, numbers_with_colon, slash, minus, equals, colon, list_mark, arrow, bar, dot)

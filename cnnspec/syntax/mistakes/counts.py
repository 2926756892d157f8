"""How often, and over what: ranges, lists and repeats as other languages and papers write them."""

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.syntax.trouble import Trouble

_RANGE = "a range is `1..6`, its end included; a list `1,2,4`"


def loop_values(trouble: Trouble) -> Diagnostic | None:
    """`for i in range(6)`, `for r in (12, 24)`, `for i = 1..3`, `for i in 2:4`, `for i in 2...4`"""
    token = trouble.token
    if all(each.type != "FOR" for each in trouble.tokens[trouble.first : trouble.at]):
        return None
    before, after = trouble.before, trouble.after
    if token.text == "," and "IN" in trouble.accepts:
        help = "a `for` has one name, with a value for each turn"
        return error("unexpected-token", "expected `in`, found `,`", trouble.span(token), help=help)
    if token.type == "EQUAL" and "IN" in trouble.accepts:
        fix = Fix("write `in`", (Edit(trouble.span(token), "in"),), safe=True)
        return error("unexpected-token", "expected `in`, found `=`", trouble.span(token), help=fix.title, fix=fix)
    if before is not None and before.type == "DOTS" and token.type == "DOT":
        fix = Fix("a range has two dots", (Edit(trouble.span(token), ""),), safe=True)
        return error("unexpected-token", "a range has two dots", trouble.span(before, token), help=_RANGE, fix=fix)
    if token.type == "COLON" and before is not None and "DOTS" in trouble.accepts and after is not None:
        if after.type not in ("INT", "NAME"):
            return None
        fix = Fix(_RANGE, (Edit(trouble.span(token), ".."),), safe=False)
        return error("unexpected-token", "a range is written with `..`", trouble.span(token), help=_RANGE, fix=fix)
    return _in_parentheses(trouble)


def _in_parentheses(trouble: Trouble) -> Diagnostic | None:
    """`range(6)`, `(12, 24)` and `[12, 24]` as the values of a `for`."""
    tokens = trouble.tokens
    place = next((i for i in range(trouble.first, trouble.at) if tokens[i].type == "IN"), None)
    if place is None or place + 1 >= trouble.end:
        return None
    first = tokens[place + 1]
    opening = place + 2 if first.type == "NAME" and first.text == "range" else place + 1
    if opening >= trouble.end or not (tokens[opening].type == "LPAR" or tokens[opening].text == "["):
        return None
    closing = next((i for i in range(opening, trouble.end) if tokens[i].text in ("]", ")")), None)
    if opening > place + 1:
        help = "`1..n` are n values and `0..n-1` are those of `range(n)`; a plain repeat is `( … ) x n`"
        return error("unknown-function", "there is no function `range`", trouble.span(first), help=help)
    if closing is None or trouble.at < opening:
        return None
    edits = tuple(Edit(trouble.span(tokens[each]), "") for each in (opening, closing))
    fix = Fix("leave the brackets out", edits, safe=True)
    span = trouble.span(tokens[opening], tokens[closing])
    return error("unexpected-token", "a list has no brackets", span, help=_RANGE, fix=fix)


def repeated_group(trouble: Trouble) -> Diagnostic | None:
    """`6 x { … }`, `[conv 1x1 128, conv 3x3 32] x6`"""
    token, after = trouble.token, trouble.after
    begins = trouble.at == trouble.first or (trouble.before is not None and trouble.before.type in ("ARROW", "COLON"))
    if not begins or trouble.in_file:
        return None
    help = "a group stands in parentheses, its repeat behind it: `( … -> … ) x6`"
    if token.type == "INT" and after is not None and (after.type == "REPEAT" or after.text in ("x", "×", "*")):
        return error(
            "unexpected-token", "a repeat stands behind what it repeats", trouble.span(token, after), help=help
        )
    if token.text == "[":
        return error("unexpected-token", "a group of steps has no brackets", trouble.span(token), help=help)
    return None


def product(trouble: Trouble) -> Diagnostic | None:
    """`3(5+classes)`"""
    token, before = trouble.token, trouble.before
    if token.type != "LPAR" or before is None or before.type != "INT" or before.end != token.start:
        return None
    fix = Fix("write `*`", (Edit(trouble.after_end(before), "*"),), safe=False)
    return error(
        "unexpected-token", "a product is written with `*`", trouble.span(before, token), help=fix.title, fix=fix
    )


RULES = (loop_values, repeated_group, product)

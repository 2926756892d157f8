"""Steps and values that are put together by what does not join them: `+`, a new line in `( )`, the commas of a list."""

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.mistakes.commas import NUMBERS, innermost_paren
from cnnspec.syntax.mistakes.wording import found
from cnnspec.syntax.trouble import Trouble

_MERGES = {
    "+": ("a sum", "add {{ {} | {} }}"),
    "-": ("a difference", "sub {{ {} | {} }}"),
    "*": ("a product", "mul {{ {} | {} }}"),
}
_ENDS = ("ARROW", "EXPECT", "VBAR", "RBRACE", "RPAR")


def sum_of_steps(trouble: Trouble) -> Diagnostic | None:
    """`@a + id`, `(conv 3x3 8 -> bn) + id`"""
    token, before, after = trouble.token, trouble.before, trouble.after
    is_behind_step = before is not None and before.type in ("REF", "RPAR", "RBRACE")
    if token.text not in _MERGES or not is_behind_step or "ARROW" not in trouble.accepts or after is None:
        return None
    if token.text == "*" and after.type == "INT":
        fix = Fix(f"write `x{after.text}`", (Edit(trouble.span(token, after), f"x{after.text}"),), safe=False)
        message = "a repeat is written with `x`"
        return error("unexpected-token", message, trouble.span(token, after), help=fix.title, fix=fix)
    what, merge = _MERGES[token.text]
    left = _first_of_step(trouble)
    behind = (i for i in range(trouble.at + 1, trouble.end) if trouble.tokens[i].type in _ENDS)
    last = trouble.tokens[next(behind, trouble.end) - 1]
    branches = _joined(trouble, left, trouble.at), Span(trouble.source, after.start, last.end).text
    message, span = f"{what} of steps is a merge", trouble.span(token)
    if last.start < after.start or any("\n" in each for each in branches):
        return error("steps-not-joined", message, span, help=f"`{merge.format('…', '…')}`")
    merge = merge.format(*branches)
    edit = Edit(trouble.span(trouble.tokens[left], last), merge)
    return error("steps-not-joined", message, span, help=f"`{merge}`", fix=Fix(f"`{merge}`", (edit,), safe=False))


def _first_of_step(trouble: Trouble) -> int:
    """Where the step before the trouble begins, which is a reference, a group or a word with a body."""
    depth = 0
    for index in range(trouble.at - 1, trouble.first - 1, -1):
        kind = trouble.tokens[index].type
        depth += (kind in ("RPAR", "RBRACE")) - (kind in ("LPAR", "LBRACE"))
        if depth < 0:
            return index + 1
        if depth == 0 and kind in ("ARROW", "COLON", "VBAR"):
            return index + 1
    return trouble.first


def _joined(trouble: Trouble, first: int, end: int) -> str:
    """The text of tokens[first:end], without the parentheses around all of it."""
    tokens = trouble.tokens[first:end]
    is_group = len(tokens) > 2 and tokens[0].type == "LPAR" and [each.type for each in tokens].count("LPAR") == 1
    inner = tokens[1:-1] if is_group else tokens
    return trouble.span(inner[0], inner[-1]).text


def line_in_parentheses(trouble: Trouble) -> Diagnostic | None:
    """`(relu` and `conv 3x3 8)` on two lines."""
    token, before = trouble.token, trouble.before
    if before is None or "ARROW" not in trouble.accepts or token.type in _ENDS or trouble.at_line_end:
        return None
    opened = innermost_paren(trouble)
    is_new_line = "\n" in trouble.source.text[before.end : token.start]
    if opened is None or not is_new_line or trouble.tokens[opened].start in trouble.open_parens:
        return None
    message = f"expected `->`, found {found(trouble)}: a new line joins nothing inside `( )`"
    fix = Fix("write `->`; in `{ }` each line follows the one above", (_arrow_before(trouble),), safe=False)
    return error("steps-not-joined", message, trouble.span(token), help=fix.title, fix=fix)


def _arrow_before(trouble: Trouble) -> Edit:
    return Edit(Span(trouble.source, trouble.token.start, trouble.token.start), "-> ")


def list_as_value(trouble: Trouble) -> Diagnostic | None:
    """`let rates = 6,12,18`, `block ASPP(rates=6,12,18)`"""
    line, token, before = trouble.line, trouble.token, trouble.before
    if before is None:
        return None
    if line[0].type == "LET" and token.type in ("COMMA", "TIGHT_COMMA"):
        message, span = "a `let` holds one value, no list", trouble.span(token)
    elif line[0].type in ("BLOCK", "MODEL") and before.type in ("COMMA", "TIGHT_COMMA") and token.type in NUMBERS:
        message, span = "a default is one value, no list", trouble.span(before, token)
    else:
        return None
    help = "a list stands where it is used: `for d in 6,12,18 { … }`, or as an argument of a block: `Pyramid 6,12,18`"
    return error("unexpected-token", message, span, help=help)


RULES = (sum_of_steps, line_in_parentheses, list_as_value)

"""Tokens that are wrong in themselves: texts and numbers out of bounds, signs that the language does not have."""

import re

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.syntax import lexer
from cnnspec.syntax.limits import (
    LARGEST_EXPONENT,
    LARGEST_NUMBER,
    LONGEST_NAME,
    LONGEST_NUMBER,
    LONGEST_PATH,
    LONGEST_TEXT,
)
from cnnspec.syntax.mistakes.wording import ANY_SIZE, shortened
from cnnspec.syntax.trouble import Trouble

_signs = {
    "→": ("an arrow is written `->`", "->"),
    "⇒": ("an expected shape follows `=>`", "=>"),
    "–": ("this is a dash, not a minus", "-"),
    "−": ("this is a typographic minus", "-"),
    "“": ("a text stands in plain double quotes", '"'),
    "”": ("a text stands in plain double quotes", '"'),
    "≥": ("at least is written `>=`", ">="),
    "≤": ("at most is written `<=`", "<="),
    "≠": ("unequal is written `!=`", "!="),
    "*": ("a product is written `*`", "*"),
    "\u00a0": ("this is a space that does not break", " "),
}
_remarks = {
    "'": "a text stands in double quotes",
    ";": "a line ends where it ends, without `;`",
    "&": "both conditions: `and`",
    "!": "a condition is turned round by `not`",
    "^": "a power is `pow(a, b)`",
    "[": "a list has no brackets: `0.5,0.5,0.5`",
    "]": "a list has no brackets: `0.5,0.5,0.5`",
    "?": "`?` stands in expected shapes only: `=> ?x56x56`",
    "@": "a reference names a label: `@e1`",
    "\\": "a line that begins with `->` goes on; nothing marks its end",
}


def number(trouble: Trouble) -> Diagnostic | None:
    token = trouble.token
    span = trouble.span(token)
    if token.type == lexer.TOO_LARGE:
        message = f"this number is too large: the largest is {LARGEST_NUMBER:,}"
        return error("number-too-large", message, span)
    reasons = {
        lexer.TOO_LONG: f"a number has at most {LONGEST_NUMBER} characters, its exponent at most {LARGEST_EXPONENT}",
        lexer.ZERO_DIVISOR: f"`{shortened(token.text)}` divides by zero",
        lexer.NOT_WHOLE: f"`{shortened(token.text)}` is not a whole number",
    }
    if token.type in reasons:
        return error("malformed-number", reasons[token.type], span)
    if token.type != "BAD_NUMBER":
        return None
    message = f"`{shortened(token.text)}` is not a number"
    if re.fullmatch(r"\d+(X\d+)+", token.text):
        right = token.text.lower()
        fix = Fix(f"a size has a small `x`: `{right}`", (Edit(span, right),), safe=True)
        return error("malformed-number", message, span, help=fix.title, fix=fix)
    if not token.text.strip("0123456789x"):
        return error("malformed-number", message, span, help="a size is `3x3`; a repeat stands apart: `relu x2`")
    is_size = re.fullmatch(r"\d+(x(any|[A-Za-z]|\d+))+", token.text) and trouble.tokens[trouble.first].type == "INPUT"
    return error("malformed-number", message, span, help=ANY_SIZE if is_size else "a name begins with a letter")


def text(trouble: Trouble) -> Diagnostic | None:
    token = trouble.token
    span = trouble.span(token)
    if token.type == lexer.LONG_TEXT:
        return error("text-too-long", f"a text has at most {LONGEST_TEXT} characters", span)
    if token.type == "BAD_STRING":
        fix = Fix('add `"`', (Edit(trouble.after_end(token), '"'),), safe=False)
        return error("unclosed-text", "text is not closed", span, help=fix.title, fix=fix)
    return None


def name(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.type != lexer.LONG_NAME:
        return None
    message = f"a name has at most {LONGEST_NAME} characters, a path {LONGEST_PATH}"
    return error("name-too-long", message, trouble.span(trouble.token))


def excess(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.type != lexer.EXCESS:
        return None
    message = "more operators in one step than the limit allows"
    help = "name a part of it with `let`; the limit is called `operators`, `--limit operators=N` raises it"
    return error("limit-exceeded", message, trouble.span(trouble.token), help=help)


def single_quotes(trouble: Trouble) -> Diagnostic | None:
    """`pad='same'`, where a word needs none, and `labels 'names.txt'`."""
    closing = trouble.tokens[trouble.at + 2] if trouble.at + 2 < trouble.end else None
    if trouble.token.text != "'" or trouble.after is None or closing is None or closing.text != "'":
        return None
    is_word = trouble.before is not None and trouble.before.type == "EQUAL" and trouble.after.type == "NAME"
    title, right = ("a word stands without quotes", "") if is_word else ("a text stands in double quotes", '"')
    fix = Fix(title, tuple(Edit(trouble.span(each), right) for each in (trouble.token, closing)), safe=True)
    return error("unknown-character", "unexpected `'`", trouble.span(trouble.token), help=title, fix=fix)


def character(trouble: Trouble) -> Diagnostic | None:
    """A sign that the language does not have (`/` has rules of its own)."""
    token = trouble.token
    if token.type != "BAD" or token.text == "/":
        return None
    span = trouble.span(token)
    if token.text in _signs:
        message, right = _signs[token.text]
        fix = Fix(f"write `{right}`", (Edit(span, right),), safe=True)
        return error("unknown-character", message, span, help=fix.title, fix=fix)
    if token.text in _remarks:
        return error("unknown-character", f"unexpected `{token.text}`", span, help=_remarks[token.text])
    if token.text.isalpha():
        return error("unknown-character", f"unexpected `{token.text}`", span, help="names are written in a-z, 0-9, `_`")
    shown = f"`{token.text}`" if token.text.isprintable() else f"the character U+{ord(token.text):04X}"
    return error("unknown-character", f"unexpected {shown}", span)


RULES = (number, text, name, excess, single_quotes, character)

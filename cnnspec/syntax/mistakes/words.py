"""Words in the wrong place: keywords, definitions and steps where they cannot stand, functions that do not exist."""

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.nearest import nearest
from cnnspec.syntax.complaints import repeat_without_space, reserved_name
from cnnspec.syntax.mistakes.commas import innermost_paren
from cnnspec.syntax.mistakes.wording import expected, found
from cnnspec.syntax.table import FIXED, FUNCTIONS
from cnnspec.syntax.trouble import Trouble

_keywords = frozenset(name for text, name in FIXED.items() if text.isalpha())
_definitions = ("USE", "BLOCK", "MODEL")
_model_lines = ("INPUT", "OUTPUT", "AUX", "REQUIRE")
_step_signs = ("IF", "FOR", "LABEL", "REF", "LPAR", "LBRACE", "LIST", "ARROW", "EXPECT", "REPEAT")


def function(trouble: Trouble) -> Diagnostic | None:
    """`clamp(3, 4)` in an expression."""
    opened = trouble.at if trouble.token.type == "LPAR" else innermost_paren(trouble)
    if opened is None or opened <= trouble.first or trouble.calls_a_word(opened):
        return None
    name = trouble.tokens[opened - 1]
    header = trouble.tokens[opened - 2].type if opened - 2 >= trouble.first else ""
    if name.type != "NAME" or name.end != trouble.tokens[opened].start or header in _definitions:
        return None
    message, span = f"there is no function `{name.text}`", trouble.span(name)
    near = nearest(name.text, FUNCTIONS)
    if near is None:
        listed = ", ".join(f"`{each}`" for each in FUNCTIONS)
        return error("unknown-function", message, span, help=f"the functions are {listed}")
    fix = Fix(f"did you mean `{near}`?", (Edit(span, near),), safe=False)
    return error("unknown-function", message, span, help=fix.title, fix=fix)


def definition_in_body(trouble: Trouble) -> Diagnostic | None:
    token = trouble.token
    if trouble.in_file or trouble.before is not None or token.type not in _definitions:
        return None
    message = f"`{token.text}` stands at the top of the file, not in a body"
    return error("misplaced-line", message, trouble.span(token), help="is a `}` missing above?")


def line_outside_model(trouble: Trouble) -> Diagnostic | None:
    """`input …`, or a chain of steps, at the top of the file."""
    token, before = trouble.token, trouble.before
    if not trouble.in_file:
        return None
    if before is None and token.type in _model_lines:
        return error("misplaced-line", f"`{token.text}` stands in a model", trouble.span(token))
    starts_with_word = trouble.tokens[trouble.first].type in ("NAME", "PATH")
    if token.type in _step_signs and (before is None or starts_with_word):
        span, help = trouble.span(trouble.tokens[trouble.first], before or token), "`model Name { input 3x224x224 … }`"
        return error("misplaced-line", "steps stand in a block or a model", span, help=help)
    if before is None and token.type == "CNN":
        return error("misplaced-line", "the edition is said once, on the first line", trouble.span(token))
    return None


def lonely_else(trouble: Trouble) -> Diagnostic | None:
    if trouble.token.type != "ELSE":
        return None
    help = "`if … { … } else { … }`"
    return error("unexpected-token", "`else` without an `if`", trouble.span(trouble.token), help=help)


def keyword(trouble: Trouble) -> Diagnostic | None:
    """A keyword in the middle of a line, or taken for a name; `x2` taken for one."""
    token = trouble.token
    if token.type == "REPEAT":
        return _repeat_mark(trouble)
    if token.type not in _keywords:
        return None
    if trouble.before is not None and trouble.before.type == "ARROW":
        return error("misplaced-line", f"`{token.text}` begins a line of its own", trouble.span(token))
    if "NAME" in trouble.accepts and not trouble.accepts & {"BLOCK", "LABEL"}:
        return reserved_name(token.text, trouble.span(token))
    return None


def _repeat_mark(trouble: Trouble) -> Diagnostic | None:
    token, after = trouble.token, trouble.after
    if "NAME" in trouble.accepts and "LABEL" not in trouble.accepts:
        last = after if after is not None and after.type == "INT" else token
        span = trouble.span(token, last)
        return reserved_name(span.text, span)
    if "LABEL" in trouble.accepts:
        return error("unexpected-token", "expected a step, found a repeat", trouble.span(token), help="`relu x2`")
    if trouble.before is not None and trouble.tokens[trouble.at - 2].type == "EXPECT":
        help = "a shape is written without spaces: `=> 64x56x56`"
        return error("unexpected-token", "expected `->`, found `x`", trouble.span(token), help=help)
    return None


def repeat_by_name(trouble: Trouble) -> Diagnostic | None:
    """`(relu) xn`"""
    token = trouble.token
    if token.type != "NAME" or token.text[0] != "x" or "REPEAT" not in trouble.accepts:
        return None
    return repeat_without_space(trouble.span(token)) if token.text[1:] in trouble.names else None


def name_of_definition(trouble: Trouble) -> Diagnostic | None:
    """`block (c) { … }`"""
    before = trouble.before
    if before is None or before.type not in ("BLOCK", "MODEL") or trouble.token.type in _keywords:
        return None
    span = trouble.after_end(before) if trouble.at_line_end else trouble.span(trouble.token)
    message = f"expected the name of the {before.text}, found {found(trouble)}"
    return error("unexpected-token", message, span, help=f"`{before.text} Name {{ … }}`")


def argument_behind_repeat(trouble: Trouble) -> Diagnostic | None:
    """`conv 3x3 64 x2 /2`"""
    is_argument = trouble.token.type in ("SLASH", "INT", "DIM", "FLOAT", "STRING", "NAME", "REF", "YES", "NO")
    before = [each.type for each in trouble.tokens[max(trouble.first, trouble.at - 4) : trouble.at]]
    if not is_argument or "EXPECT" not in trouble.accepts or "REPEAT" not in before:
        return None
    message = f"expected `->`, found {found(trouble)}"
    help = "arguments stand before the repeat: `conv 3x3 64 /2 x2`"
    return error("unexpected-token", message, trouble.span(trouble.token), help=help)


def shape(trouble: Trouble) -> Diagnostic | None:
    """`=>` without a shape."""
    if trouble.before is None or trouble.before.type != "EXPECT":
        return None
    span = trouble.span(trouble.before if trouble.at_line_end else trouble.token)
    message = f"expected a shape, found {found(trouble)}"
    return error("unexpected-token", message, span, help="`=> 64x56x56`, with `?` for any number")


def power(trouble: Trouble) -> Diagnostic | None:
    """`2**n`"""
    before = trouble.before
    if trouble.token.text != "*" or before is None or before.text != "*":
        return None
    span = trouble.span(before, trouble.token)
    return error("unexpected-token", "there is no `**`", span, help="a power is `pow(a, b)`")


def anything(trouble: Trouble) -> Diagnostic:
    """What no rule knows."""
    token = trouble.token
    span = trouble.after_end(trouble.tokens[trouble.at - 1]) if trouble.at_line_end else trouble.span(token)
    message = f"expected {expected(trouble.accepts)}, found {found(trouble)}"
    line = trouble.line
    if line and line[0].type in ("BLOCK", "MODEL") and trouble.at_line_end and "LBRACE" in trouble.accepts:
        opened = "input 3x224x224 … }" if line[0].type == "MODEL" else "… }"
        return error("unexpected-token", message, span, help=f"`{line[0].text} {line[1].text} {{ {opened}`")
    return error("unexpected-token", message, span)


RULES = (
    function, definition_in_body, line_outside_model, lonely_else, keyword, repeat_by_name, name_of_definition,
    argument_behind_repeat, shape, power,
)  # fmt: skip

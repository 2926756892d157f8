"""Tokens in the words of the language: what was found, and what would have been right."""

from cnnspec.syntax.lexer import END, NEWLINE
from cnnspec.syntax.trouble import Trouble

ANY_SIZE = "`input 3x224x224 size=any` leaves height and width open"
_names = {
    "NAME": "a name",
    "STRING": "a text in double quotes",
    "INT": "a whole number",
    "LABEL": "a name and a colon",
    "REF": "a reference such as `@e1`",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "EQUAL": "`=`",
    "COLON": "`:`",
    "DOT": "`.`",
    "IN": "`in`",
    "AS": "`as`",
    "COMMA": "`,`",
    "DOTS": "`..`",
    "LIST": "`[]`",
    "ARROW": "`->`",
    NEWLINE: "the end of the line",
    END: "the end of the file",
}
_step = frozenset(("NAME", "LBRACE", "IF", "REF"))
_value = frozenset(("INT", "STRING", "NAME", "DIM"))


def found(trouble: Trouble) -> str:
    """What stands there."""
    token = trouble.token
    if trouble.at_line_end or token.type == NEWLINE:
        return _names[END if token.type == END else NEWLINE]
    if token.type == "LABEL":
        return f"the label `{shortened(token.text)}:`"
    return f"`{shortened(token.text)}`"


def shortened(text: str, most: int = 32) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def expected(accepts: frozenset[str]) -> str:
    """What could stand there: the first of these that fits."""
    if "BLOCK" in accepts:
        return "`block`, `model`, `let`, `set`, `use` or a section"
    if accepts >= _step and "ARROW" not in accepts:
        return "a step"
    if accepts >= _value:
        if "ARROW" in accepts:
            return "an argument or `->`"
        return "an argument or the end of the line" if NEWLINE in accepts else "a value"
    if {"DIM", "INT"} <= accepts:
        return "a shape such as `64x56x56`"
    if "SLASH" in accepts:
        return "a parameter"
    if accepts == {"INT"}:
        return "the number of the edition"
    if "LABEL" in accepts:
        return "a name and a colon"
    if "COMMA" in accepts and "PLUS" not in accepts:
        return "`,` or `)`" if "RPAR" in accepts else "an argument such as `pad=same`"
    if "PLUS" in accepts and "ARROW" not in accepts:
        closing = [each for each in ("RPAR", "LBRACE", "DOTS") if each in accepts]
        return _names[closing[0]] if closing else "an operator or the end of the line"
    if "ARROW" in accepts:
        return "`->` or the end of the line"
    if "LBRACE" in accepts:
        return "`{`"
    if NEWLINE in accepts:
        return _names[NEWLINE]
    listed = [text for each, text in _names.items() if each in accepts]
    return " or ".join(dict.fromkeys(listed[:3])) or "nothing more"

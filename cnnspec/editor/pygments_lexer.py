"""Colours for Sphinx, Jupyter, rich and `pygmentize`: a lexer for Pygments, which finds it by its entry point `cnn`."""

import re
from collections.abc import Iterator

from pygments.lexer import Lexer
from pygments.token import Comment, Error, Keyword, Name, Number, Operator, Punctuation, String, Whitespace, _TokenType

from cnnspec.editor.roles import Role, parts

TOKENS: dict[Role, _TokenType] = {
    Role.BLANK: Whitespace,
    Role.COMMENT: Comment.Single,
    Role.DIRECTIVE: Comment.Special,
    Role.DEFINITION: Keyword.Declaration,
    Role.KEYWORD: Keyword,
    Role.WORD: Name.Builtin,
    Role.BLOCK: Name.Class,
    Role.NAME: Name.Variable,
    Role.ARGUMENT: Name.Attribute,
    Role.VALUE: Name.Constant,
    Role.FLAG: Keyword.Constant,
    Role.LABEL: Name.Label,
    Role.REFERENCE: Name.Decorator,
    Role.FUNCTION: Name.Function,
    Role.DIMENSION: Name.Attribute,
    Role.WHOLE: Number.Integer,
    Role.REAL: Number.Float,
    Role.QUANTITY: Number,
    Role.EXPECTED: Keyword.Type,
    Role.TEXT: String.Double,
    Role.LOGIC: Operator.Word,
    Role.OPERATOR: Operator,
    Role.SIGN: Punctuation,
    Role.WRONG: Error,
}


class CnnLexer(Lexer):
    """Networks as cnnspec reads them. Its words are those of the installed compiler."""

    name = "cnn"
    aliases = ("cnn", "cnnspec")
    filenames = ("*.cnn",)
    mimetypes = ("text/x-cnn",)
    url = ""
    version_added = ""

    def get_tokens_unprocessed(self, text: str) -> Iterator[tuple[int, _TokenType, str]]:
        for start, end, role in parts(text):
            yield start, TOKENS[role], text[start:end]

    @staticmethod
    def analyse_text(text: str) -> float:
        """How likely a text without a name is one of ours."""
        if re.match(r"(?:\s*#[^\n]*\n)*\s*cnn 1\b", text):
            return 0.9
        defines = re.search(r"^(?:block|model) [A-Z]\w*(?:\(.*\))?(?:\[\])? \{", text, re.MULTILINE)
        return 0.5 if defines and " -> " in text else 0.0

"""What a rule says of itself."""

from typing import Any, NamedTuple

from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.text import Span

GROUPS = {
    "syntax": "what cannot be read",
    "names": "what a name stands for",
    "arguments": "what a word is given",
    "shapes": "what does not fit together",
    "files": "what is outside the text",
    "lint": "what is likely not meant",
    "pedantic": "what could be tidier; with `--pedantic`",
    "perf": "what makes a network slow; with `--perf`",
}
"""In the order in which the catalogue lists them. Errors are in the first five, everything else in the last three."""

OFF = frozenset({"pedantic", "perf"})
"""The groups that speak only when they are asked."""


class Rule(NamedTuple):
    """`id` is the name of the rule's file with dashes, `module` that file; `fixes`: some of its messages have a fix."""

    id: str
    module: str
    group: str
    severity: Severity
    fixes: bool

    @property
    def on(self) -> bool:
        """Whether it speaks without being asked."""
        return self.group not in OFF

    def found(self, message: str, span: Span, label: str = "", **more: Any) -> Diagnostic:
        """A finding of this rule; `more` are further fields of Diagnostic."""
        return Diagnostic(self.id, self.severity, message, Label(span, label), **more)


def rule(module: str, group: str, severity: Severity | None = None, *, fixes: bool = False) -> Rule:
    """The rule of a file, which gives its `__name__`. Without a severity it is an error, or a warning among lints."""
    assert group in GROUPS, f"there is no group {group}"
    is_lint = module.split(".")[-2] == "lints"
    severity = severity or (Severity.WARNING if is_lint else Severity.ERROR)
    return Rule(module.rpartition(".")[2].replace("_", "-"), module, group, severity, fixes)

"""Why the parser stopped. A rule looks at the trouble and tells it, or returns None; the first that speaks is heard."""

from cnnspec.source.diagnostic import Diagnostic
from cnnspec.syntax.mistakes import calls, commas, counts, flaws, foreign, joining, quantities, signs, words
from cnnspec.syntax.trouble import Trouble

RULES = (
    *quantities.RULES,
    *counts.RULES,
    *foreign.RULES,
    calls.size_in_brackets,
    *flaws.RULES,
    *joining.RULES,
    *calls.RULES,
    *commas.RULES,
    *signs.RULES,
    *words.RULES,
)


def explain(trouble: Trouble) -> Diagnostic:
    """One diagnostic for one trouble; what no rule knows is told as "expected …, found …"."""
    for rule in RULES:
        diagnostic = rule(trouble)
        if diagnostic is not None:
            return diagnostic
    return words.anything(trouble)

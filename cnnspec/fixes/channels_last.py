"""What is said of an input whose channels stand last: the same where a text compiles and where it does not.

It stands apart from what tries it (turned.py), as every check that finds nothing loads it.
"""

from cnnspec.contract.values import Shape, dress
from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, Label, Severity
from cnnspec.source.text import Span

ID = "channels-last"


def channels_last(shape: Shape, right: Shape, span: Span) -> Diagnostic:
    """What is said of an input of that shape, which stands at a place; the shape that was likely meant is the fix."""
    told, help = words(shape, right)
    fix = Fix(help, (Edit(span, dress(right)),), safe=False)
    return Diagnostic(ID, Severity.WARNING, told, Label(span), help=help, fix=fix)


def words(shape: Shape, right: Shape) -> tuple[str, str]:
    """What such a shape says, and what it should."""
    if len(right) < len(shape):
        help = "the batch is not written" + ("" if right == shape[1:] else ", and channels come first")
    else:
        help = "channels come first"
    channels = f"{shape[0]} channel{'' if shape[0] == 1 else 's'}"
    return f"the input is {channels} of {dress(shape[1:])}", f"{help}: `{dress(right)}`"

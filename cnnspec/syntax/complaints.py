"""Diagnostics of what is wrong although the parser could go on, or never began: braces, limits, names."""

from cnnspec.source.diagnostic import Diagnostic, Edit, Fix, error
from cnnspec.source.text import Span
from cnnspec.syntax.limits import way_out


def unclosed_brace(span: Span) -> Diagnostic:
    return error("unclosed-brace", "`{` is not closed", span, "this one", help="a body ends with `}`")


def stray_brace(span: Span) -> Diagnostic:
    return error("stray-brace", "`}` closes nothing", span, "one too many", help="delete it")


def missing_open_brace(word: str, span: Span) -> Diagnostic:
    message = "expected `{`, found the end of the line"
    return error("missing-brace", message, span, help=f"the body of a {word} stands in `{{ }}`")


def branches_without_brace(word: str, span: Span) -> Diagnostic:
    """A line that ends in a word, deeper lines below it, and a `}` at its margin."""
    message = "expected `{`, found the end of the line"
    fix = Fix(f"the branches of `{word}` stand in `{{ }}`", (Edit(span, " {"),), safe=True)
    return error("missing-brace", message, span, help=fix.title, fix=fix)


def brace_on_next_line(brace: Span, gap: Span) -> Diagnostic:
    """`gap` reaches from the end of the header to the end of the brace."""
    fix = Fix("move it up", (Edit(gap, " {"),), safe=True)
    return error("missing-brace", "`{` stands on the line of its header", brace, help=fix.title, fix=fix)


def unknown_edition(span: Span) -> Diagnostic:
    message = f"this compiler knows edition 1, not {span.text}"
    return error("unknown-edition", message, span, help="write `cnn 1`, or use a newer compiler")


def lower_case_definition(word: str, span: Span) -> Diagnostic:
    name = span.text.lstrip("_")
    right = f"{name[:1].upper()}{name[1:]}"
    help = f"`{right}`: lower case is a word, a capital is a block"
    fix = Fix(help, (Edit(span, right),), safe=False)
    return error("lower-case-block", f"the name of a {word} begins with a capital", span, help=help, fix=fix)


def reserved_name(name: str, span: Span) -> Diagnostic:
    message = f"`{name}` is a word of the language and cannot be a name"
    help = "`x` repeats a step: `relu x2`" if name[0] == "x" else "choose another"
    return error("reserved-name", message, span, help=help)


def odd_tensor_parameter(span: Span) -> Diagnostic:
    return error("unexpected-token", "the name of a parameter has letters, digits and `_` only", span)


def list_mark_without_body(span: Span) -> Diagnostic:
    message = "`[]` stands before a body only"
    return error("misplaced-list-mark", message, span, help="a scope whose children are numbered: `layer1[]: { … }`")


def repeat_without_space(span: Span) -> Diagnostic:
    count = span.text[1:]
    fix = Fix(f"write `x {count}` or `x({count})`", (Edit(span, f"x {count}"),), safe=True)
    return error("repeat-without-space", f"`{span.text}` is a name, not a repeat", span, help=fix.title, fix=fix)


def limit_exceeded(limit: str, value: int, what: str, span: Span) -> Diagnostic:
    """`what` says in words what there is more of than `value`."""
    return error("limit-exceeded", f"more than {value:,} {what}", span, help=way_out(limit, value))

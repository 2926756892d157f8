"""What ties sizes together, as formulas: `512 * floor(H / 32) * floor(W / 32) = 25,088`."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from cnnspec.passes.sizes.answer import Answer
from cnnspec.passes.sizes.conditions import Tie
from cnnspec.passes.sizes.form import Form, Variable
from cnnspec.reports.look import Look
from cnnspec.reports.numbers import thousands
from cnnspec.reports.sizes.linear import Atom, Linear, Quotient, linear
from cnnspec.reports.sizes.texts import axis_name

Names = Callable[[Variable], str]


def names_of(answer: Answer) -> Names:
    """The axes as they are called: `H`, or `left.H` where there are several inputs."""
    inputs = {each.input for each in answer.written}

    def name(variable: Variable) -> str:
        rank = sum(each.input == variable.input for each in answer.written)
        axis = axis_name(variable, rank).upper()
        return f"{variable.input}.{axis}" if len(inputs) > 1 else axis

    return name


def formula(tie: Tie, name: Names, look: Look) -> str:
    """`floor(left.H / 2) = right.H`: all that is taken off stands on the right, but for a rest."""
    value, terms = tie.value * tie.total.over, [*tie.total.terms.items()]
    sums = [([linear(form, name(form.variable)) for form in forms], count) for forms, count in terms]
    if tie.relation == "%":
        return f"{_added(sums)} is a multiple of {thousands(value)}"
    left = [each for each in sums if each[1] > 0]
    right = [(factors, -count) for factors, count in sums if count < 0]
    if value or not right:
        right.insert(0, ([], value))
    sign = "=" if tie.relation == "==" else "≥" if look.unicode else ">="
    return f"{_added(left)} {sign} {_added(right)}"


def form_said(form: Form, name: str) -> str:
    """A size as a formula of the input's: `floor((H + 1) / 2)`, `2 * floor(H / 2) + 1`."""
    return _sum(linear(form, name))


def _added(products: Sequence[tuple[Sequence[Linear], int]]) -> str:
    """Products of sums, each so many times, one added to the other."""
    text = ""
    for factors, count in products:
        if count == 1 and len(factors) == 1 and not text:
            text = _sum(factors[0])
        else:
            text = _joined(text, *_product(factors, count))
    return text or "0"


def _product(factors: Sequence[Linear], count: int) -> tuple[str, int]:
    """Multiplied, and how often: sums in brackets, and their numbers in front of all."""
    texts = list[str]()
    for each in factors:
        if len(each) == 1:
            ((atom, times),) = each.items()
            count *= times
            texts += [_atom(atom)] if atom else []
        else:
            texts.append(f"({_sum(each)})")
    return " * ".join(texts), count


def _sum(found: Linear) -> str:
    """What is added comes first, a number last."""
    text = ""
    for atom, count in sorted(found.items(), key=lambda part: (part[1] < 0, not part[0])):
        text = _joined(text, _atom(atom), count)
    return text or "0"


def _joined(text: str, more: str, count: int) -> str:
    """A sum and so many more of a thing; of 1 where that is none."""
    number = thousands(abs(count)) if abs(count) != 1 or not more else ""
    told = f"{number} * {more}" if number and more else number or more
    if text:
        return f"{text} {'-' if count < 0 else '+'} {told}"
    return f"-{told}" if count < 0 else told


def _atom(atom: Atom) -> str:
    if isinstance(atom, str):
        return atom
    of = dict(atom.of)
    told = _sum(of)
    if isinstance(atom, Quotient):
        return f"floor({f'({told})' if len(of) > 1 else told} / {thousands(atom.over)})"
    bracketed = f"({told})" if len(of) > 1 or " * " in told else told
    return f"({bracketed} % {thousands(atom.number)})"

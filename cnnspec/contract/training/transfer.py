"""What of a network is not trained, or at another rate: named by patterns over the dotted names of steps and scopes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import translate

from cnnspec.contract.errors import ArgumentError, LayerError
from cnnspec.contract.fields import Kind, count, option, positional
from cnnspec.contract.settings import Setting
from cnnspec.contract.training.kinds import above_zero, unit
from cnnspec.contract.values import Value, Values, Word, describe


def patterns() -> Kind:
    """One text in quotes or several: `"features.*"`, `"conv1","layer1.*"`."""
    expects = 'a pattern in quotes such as "features.*"'

    def make(value: Value) -> tuple[str, ...]:
        made = value if isinstance(value, Values) else (value,)
        for each in made:
            if not isinstance(each, str) or isinstance(each, Word) or not each.strip():
                raise ArgumentError(f"what is meant must be {expects}, got {describe(value)}")
        return tuple(map(str, made))

    return Kind(expects, make, what="its pattern", text=True)


class Part(Setting):
    """A line about part of a network: of every step that a pattern names, or that stands in a scope which it names.

    In a pattern `*` is any text, dots included, `?` one character, `[0-4]` one of these.
    """

    patterns: tuple[str, ...]


class Freeze(Part):
    """`freeze "features.*"`: these steps stay as they are and work as they do at inference. No gradient, no decay;
    batch normalization takes its running statistics and leaves them, dropout leaves nothing out. With `until=5 epochs`
    they are trained after that time like all others, by an optimizer that knows nothing of them yet.

    Source: Yosinski et al., How transferable are features in deep neural networks?, 2014; `until` as in Howard and
    Ruder, Universal Language Model Fine-tuning, 2018.
    """

    word = "freeze"
    usage = 'freeze "features.*"'
    patterns: tuple[str, ...] = positional(patterns())
    unit: str | None = positional(unit(), None)
    until: int | None = option(count("until"), None)

    def check(self) -> None:
        if self.until is not None and self.unit is None:
            message, hint = "`until` needs its unit", f"`until={self.until} epochs`"
            raise LayerError(message, id="missing-argument", about="until", hint=hint)
        if self.until is None and self.unit is not None:
            message = "`freeze` does not say how long"
            raise LayerError(message, id="missing-argument", about="unit", hint="`until=5 epochs`")


class Rate(Part):
    """`rate "features.*" 0.1`: these steps are trained at the learning rate times the factor, at every moment of the
    schedule; so is what `decay` takes from them. Of two lines none may name the same step.

    Source: Howard and Ruder, 2018, discriminative fine-tuning; as `lr` of a parameter group of torch.
    """

    word = "rate"
    usage = 'rate "features.*" 0.1'
    patterns: tuple[str, ...] = positional(patterns())
    factor: float = positional(above_zero("the factor"))


def named(patterns: Iterable[str], steps: Iterable[str]) -> tuple[str, ...]:
    """Those of the steps that the patterns name, themselves or by a scope they stand in."""
    found = [re.compile(translate(each)).match for each in patterns]
    return tuple(step for step in steps if any(match(each) for each in scopes(step) for match in found))


def scopes(step: str) -> Iterator[str]:
    """The step's name, after the names of the scopes that it stands in."""
    parts = step.split(".")
    return (".".join(parts[:end]) for end in range(1, len(parts) + 1))

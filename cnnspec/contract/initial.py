"""`init=`: what weights begin with, by the names of the papers and the fans of torch.

Two sorts of weights begin: those of weighted sums (`conv`, `linear`), which are drawn, and factors (`bn`, `scale`,
`prelu`), which all begin with one number. See docs/decisions/0007-beginnings.md.
"""

import re
from collections.abc import Callable, Mapping
from math import prod, sqrt
from typing import Any

from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.facts import ZEROS, Init
from cnnspec.contract.fields import Kind, option, real
from cnnspec.contract.values import Shape, Value, Word, describe

TORCH = "torch"
LARGEST = 1e30
"""Beyond this a draw might leave float32."""

NAMED: Mapping[str, Callable[[int, int], Init]] = {
    "he_normal": lambda fan, _: Init("normal", sqrt(2 / fan)),
    "he_uniform": lambda fan, _: Init("uniform", sqrt(6 / fan)),
    "xavier_normal": lambda fan_in, fan_out: Init("normal", sqrt(2 / (fan_in + fan_out))),
    "xavier_uniform": lambda fan_in, fan_out: Init("uniform", sqrt(6 / (fan_in + fan_out))),
    "zeros": lambda fan_in, fan_out: ZEROS,
}
"""By fan_in and fan_out. He et al., Delving Deep into Rectifiers, 2015, with the gain of relu, sqrt(2); Glorot and
Bengio, Understanding the difficulty of training deep feedforward neural networks, 2010. torch.nn.init.kaiming_normal_
(nonlinearity="relu"), kaiming_uniform_, xavier_normal_ and xavier_uniform_ draw from the same. Nothing is cut off;
Keras cuts its normal ones at two deviations."""

MEASURED = {"normal": LARGEST, "uniform": LARGEST, "trunc_normal": 2.0, "constant": LARGEST}
"""Distributions of a written width, and the largest that each may have. `trunc_normal` is torch's: cut at -2 and 2
whatever the deviation (not at two deviations, as TensorFlow's), so that with 0.02 nothing is ever cut."""

ALSO = {
    **dict.fromkeys(("henormal", "he", "kaiming", "kaimingnormal", "msra", "msrafill"), "he_normal"),
    **dict.fromkeys(("heuniform", "kaiminguniform"), "he_uniform"),
    **dict.fromkeys(("xaviernormal", "glorotnormal"), "xavier_normal"),
    **dict.fromkeys(("xavieruniform", "xavier", "glorot", "glorotuniform"), "xavier_uniform"),
    "zero": "zeros",
    **dict.fromkeys(("default", "pytorch"), TORCH),
    **dict.fromkeys(("normal", "gaussian", "randomnormal"), '"normal 0.02"'),
    **dict.fromkeys(("uniform", "randomuniform"), '"uniform 0.05"'),
    **dict.fromkeys(("truncnormal", "truncatednormal"), '"trunc_normal 0.02"'),
    "constant": '"constant 0.1"',
    **dict.fromkeys(("one", "ones"), '"constant 1"'),
}
_number = re.compile(r"-?\d{1,20}(\.\d{1,20})?([eE][+-]?\d{1,2})?")


def fans(shape: Shape) -> tuple[int, int]:
    """How many values each result of a weighted sum is made of, and how many results each value goes into, as torch
    reads them off a weight: the second and the first axis, each times the kernel.

    So in `conv` with groups fan_out counts the channels of all groups, and in `conv_transpose`, whose weight has its
    input first, the two change places (torch.nn.init._calculate_fan_in_and_fan_out; Keras does the same there).
    """
    kernel = prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


def begin(scheme: str, shape: Shape) -> tuple[Init, Init]:
    """What a weight of this shape begins with, and its bias: zeros, but for torch's own `torch`, which draws both
    evenly from within 1 / sqrt(fan_in)."""
    fan_in, fan_out = fans(shape)
    if scheme == TORCH:
        both = Init("uniform", sqrt(1 / fan_in))
        return both, both
    name, _, more = scheme.partition(" ")
    if name in MEASURED:
        return Init(name, float(more)), ZEROS
    return NAMED[name](fan_out if more else fan_in, fan_out), ZEROS


def initialisation() -> Any:
    """The field of words whose weights are drawn; it holds a text such as `he_normal` or `normal 0.02`."""
    words = (TORCH, *NAMED)
    expects = f'one of {", ".join(words)}, or a text such as "normal 0.02"'

    def make(value: Value) -> str:
        if isinstance(value, str):
            name, *more = value.split()[:3] or [""]
            if name in words and (not more or (more == ["fan_out"] and name.startswith("he_"))):
                return " ".join([name, *more])
            if name in MEASURED and len(more) == 1 and not isinstance(value, Word):
                return f"{name} {_width(name, more[0])}"
        hint = _meant(value)
        raise ArgumentError(f"the initialisation must be {expects}, got {describe(value)}", hint=hint)

    return option(Kind(expects, make, words, what="the initialisation", also=ALSO), TORCH)


def _width(name: str, text: str) -> str:
    """The number behind a distribution's name, written in one way."""
    largest = MEASURED[name]
    number = float(text) if _number.fullmatch(text) else None
    if number is None or abs(number) > largest or (number <= 0 and name != "constant"):
        bounds = f"from {-largest:g} to {largest:g}" if name == "constant" else f"more than 0 and at most {largest:g}"
        raise ArgumentError(f"the number of `{name}` must be {bounds}, got {text}")
    return repr(number).removesuffix(".0")


def _meant(value: Value) -> str | None:
    if isinstance(value, str):
        name = value.split()[0] if value.split() else ""
        near = ALSO.get(name.lower().replace("_", ""))
        if name in NAMED:
            near = f'"{name} fan_out"' if name.startswith("he_") else name
        return f"did you mean `init={near}`?" if near else None
    if isinstance(value, (bool, tuple)):
        return None
    return "`init=zeros`" if value == 0 else 'the distribution is said, too: `init="normal 0.02"`'


def factor(default: float = 1.0) -> Any:
    """The field of words whose weights are factors: the number that each begins with (`bn init=0`)."""
    number = real("the first value")

    def make(value: Value) -> float:
        made: float = number.make(value)
        if abs(made) > LARGEST:
            raise ArgumentError(f"the first value is too large: {describe(value)}; the largest is {LARGEST:g}")
        return made

    also = {"zeros": "0", "zero": "0", "ones": "1", "one": "1"}
    return option(Kind(number.expects, make, what=number.what, also=also), default)

"""Normal numbers that are the same, bit for bit, on every machine.

The inverse of the normal distribution by Wichura's AS241 (Applied Statistics 37, 1988, PPND16: 16 digits). It needs a
logarithm, and the platforms' logarithms differ in the last bit: here it is a series. So only + - * / and the square
root are used, whose results IEEE 754 fixes.
"""

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

# Numerator and denominator, the highest power first: near the middle, in the tails, far out in the tails.
MIDDLE = (
    (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
     13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.3871328727963666080),
    (5226.4952788528545610, 28729.085735721942674, 39307.895800092710610, 21213.794301586595867,
     5394.1960214247511077, 687.18700749205790830, 42.313330701600911252, 1.0),
)  # fmt: skip
TAIL = (
    (7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1, 1.27045825245236838258,
     3.64784832476320460504, 5.76949722146069140550, 4.63033784615654529590, 1.42343711074968357734),
    (1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2, 1.48103976427480074590e-1,
     6.89767334985100004550e-1, 1.67638483018380384940, 2.05319162663775882187, 1.0),
)  # fmt: skip
FAR = (
    (2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3, 2.65321895265761230930e-2,
     2.96560571828504891230e-1, 1.78482653991729133580, 5.46378491116411436990, 6.65790464350110377720),
    (2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5, 7.86869131145613259100e-4,
     1.48753612908506148525e-2, 1.36929880922735805310e-1, 5.99832206555887937690e-1, 1.0),
)  # fmt: skip
LN2 = 0.6931471805599453
ROOT_HALF = 0.7071067811865476


def normal_quantile(p: Reals) -> Reals:
    """The x below which a standard normal number falls with probability p, 0 < p < 1 (within 1e-15 of x)."""
    q = p - 0.5
    out = np.abs(q) > 0.425
    x = q * _ratio(MIDDLE, 0.180625 - q * q)
    tail = np.sqrt(-logarithm(np.minimum(p[out], 1.0 - p[out])))
    far = tail > 5.0
    size = _ratio(TAIL, tail - 1.6)
    size[far] = _ratio(FAR, tail[far] - 5.0)
    x[out] = np.copysign(size, q[out])
    return x


def logarithm(x: Reals) -> Reals:
    """The natural logarithm of positive x: m * 2**e with m near 1, and log m = 2 atanh((m - 1) / (m + 1))."""
    m, e = np.frexp(x)
    low = m < ROOT_HALF
    m = np.where(low, m * 2.0, m)
    s = (m - 1.0) / (m + 1.0)
    square = s * s
    series = np.full_like(s, 1.0 / 25)
    for odd in range(23, 0, -2):  # |s| < 0.1716: the first term left out is below 1e-21
        series = series * square + 1.0 / odd
    return (e - low) * LN2 + 2.0 * s * series


def _ratio(coefficients: tuple[tuple[float, ...], tuple[float, ...]], x: Reals) -> Reals:
    above, below = (_polynomial(each, x) for each in coefficients)
    ratio: Reals = above / below
    return ratio


def _polynomial(coefficients: tuple[float, ...], x: Reals) -> Reals:
    value = np.full_like(x, coefficients[0])
    for each in coefficients[1:]:
        value *= x
        value += each
    return value

"""A transposed convolution whose kernel is no multiple of its stride draws a checkerboard.

Each value is spread over a kernel's width, and the copies overlap. Where the kernel is no multiple of the stride,
some results are sums of more copies than their neighbours, in a regular pattern that shows in generated pictures
(Odena et al., Deconvolution and Checkerboard Artifacts, 2016).

```cnn fails
model Net {
  input 16x8x8
  conv_transpose 3x3 8 /2 -> relu
}
```

```cnn
model Net {
  input 16x8x8
  conv_transpose 4x4 8 /2 pad=1 -> relu
}
```
"""

from collections.abc import Iterator

from cnnspec.contract.geometry import per_axis
from cnnspec.contract.values import dress
from cnnspec.rules.network import Kind, Network, positions
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    for kind in net.kinds:
        if "output_pad" not in kind.layer.fields or positions(kind.operands[0]) == 1:
            continue
        axes = _axes(kind)
        uneven = [
            (kernel, stride) for kernel, stride, dilation in axes if stride > 1 and kernel % stride and dilation == 1
        ]
        if not uneven:
            continue
        kernel, stride = uneven[0]
        for node in kind.nodes:
            yield RULE.found(
                f"a kernel of {kernel} is no multiple of the stride of {stride}: the result gets a checkerboard",
                node.span,
                notes=(f"of every {stride} results on an axis {_taps(kernel, stride)}",),
                help=_help(axes, node.layer.word),
                trace=node.trace,
            )


def _axes(kind: Kind) -> list[tuple[int, int, int]]:
    given = kind.layer.arguments
    rank = len(kind.shape) - 1
    return list(zip(*(per_axis(given[each], rank, each) for each in ("kernel", "stride", "dilation")), strict=True))


def _taps(kernel: int, stride: int) -> str:
    """`1 is a sum of 2 copies, 1 of 1`"""
    many, copies = kernel % stride, kernel // stride
    return f"{many} {'is a sum' if many == 1 else 'are sums'} of {copies + 1} copies, {stride - many} of {copies}"


def _help(axes: list[tuple[int, int, int]], word: str) -> str:
    kernels = dress(tuple(-(-kernel // stride) * stride for kernel, stride, _ in axes))
    strides = dress(tuple(stride for _, stride, _ in axes))
    short = strides if len(set(strides.split("x"))) > 1 else strides.split("x")[0]
    return f"a kernel of {kernels} fits /{short}; or `upsample {short}` and a convolution behind it"

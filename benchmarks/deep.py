"""One deep residual network as two texts: with blocks and repeats, and flat, every layer written out.

Both are the same network under other names. Channels are few, so that an ONNX file of it is nearly all graph.
"""

STAGES = ((2, 1), (4, 2), (8, 2))
"""Channels and first stride."""


def layers(blocks: int) -> int:
    """Nodes of the network with so many blocks in each stage, the input included."""
    return 7 * len(STAGES) * blocks + 11


def repeated(blocks: int) -> str:
    """A text that is as short for a hundred thousand layers as for ten."""
    stages = "\n".join(
        f"  layer{place}: Stage {channels} blocks{f' /{stride}' if stride > 1 else ''}"
        for place, (channels, stride) in enumerate(STAGES, 1)
    )
    return f"""
set conv pad=same bias=no

block Basic(c, /s=1) {{
  add {{
    conv 3x3 c /s -> bn -> relu -> conv 3x3 c -> bn
    if s != 1 or in.c != c {{ conv 1x1 c /s -> bn }} else {{ id }}
  }}
  relu
}}

block Stage(c, n, /s=1) {{ Basic c /s -> Basic c x(n-1) }}

model Repeated(blocks={blocks}) {{
  input 3x32x32
  conv 3x3 {STAGES[0][0]} -> bn -> relu
{stages}
  gap -> flatten -> linear 10
}}
"""


def flat(blocks: int) -> str:
    """A line a block, as a program would write it."""
    lines = ["model Flat {", "  input 3x32x32", f"  conv 3x3 {STAGES[0][0]} pad=1 bias=no -> bn -> relu"]
    for channels, stride in STAGES:
        lines.append(_block(channels, stride))
        lines += [_block(channels, 1)] * (blocks - 1)
    return "\n".join([*lines, "  gap -> flatten -> linear 10", "}", ""])


def _block(channels: int, stride: int) -> str:
    step = f" /{stride}" if stride > 1 else ""
    convs = (f"conv 3x3 {channels}{each} pad=1 bias=no -> bn" for each in (step, ""))
    shortcut = f"conv 1x1 {channels}{step} bias=no -> bn" if step else "id"
    return f"  add {{ {' -> relu -> '.join(convs)} | {shortcut} }} -> relu"

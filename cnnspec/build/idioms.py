"""What others have a word for and this language says otherwise, by the name as it is compared (register.plain)."""

from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.syntax import tree

_REPEAT = "a repeat follows what it repeats: `( … ) x6`, or `relu x6` for one step"
_SQUEEZE = "of 32 channels: `mul { id | gap -> conv 1x1 8 -> relu -> conv 1x1 32 -> sigmoid }`"
_SEPARABLE = "it is `depthwise 3x3 pad=1 -> conv 1x1 64`"
_L2NORM = "of 512 channels: `lrn 1025 alpha=1025 beta=0.5 k=1e-12 -> scale init=20`, where 1025 is 2 * 512 + 1"
_RESULT = "the value of the last line is the result; `output name: …` names one of a model's"
_TAKES = "`/2` behind the other arguments is the stride: `maxpool 3x3 /2`"
_WEIGHTS = "`( … )` groups steps; layers that share weights are `tower: { … }` and `reuse tower`"
_IMPORT = "every word is there without it; `use …` at the top of the file brings the blocks of another"

IDIOMS = {
    "repeat": _REPEAT, "loop": _REPEAT,
    "se": _SQUEEZE, "selayer": _SQUEEZE, "seblock": _SQUEEZE, "squeezeexcite": _SQUEEZE,
    "squeezeexcitation": _SQUEEZE, "squeezeandexcitation": _SQUEEZE, "squeezeandexcite": _SQUEEZE,
    "sepconv": _SEPARABLE, "separableconv": _SEPARABLE, "dwsepconv": _SEPARABLE, "depthwiseseparableconv": _SEPARABLE,
    "dsconv": _SEPARABLE, "depthwiseseparable": _SEPARABLE,
    "l2norm": _L2NORM, "l2normalize": _L2NORM, "l2normalization": _L2NORM,
    "return": _RESULT, "stride": _TAKES, "strides": _TAKES,
    "import": _IMPORT, "from": _IMPORT, "include": _IMPORT,
    "sequential": _WEIGHTS, "seq": _WEIGHTS,
}  # fmt: skip


def with_numbers(idiom: str, step: tree.Apply) -> tuple[str, Fix | None]:
    """The idiom as help, with the kernel, stride and channels that were written: then it can be put in their place."""
    if idiom is not _SEPARABLE or not step.args or step.args[0].span.start == step.word.span.end:
        return idiom, None
    plain = [each.value for each in step.args if each.name is None and not each.slash]
    sizes = [each for each in plain if isinstance(each, (tree.Size, tree.Number))]
    if len(sizes) < len(plain) or not 1 <= len(plain) <= 2 or (len(plain) < 2 and isinstance(plain[0], tree.Size)):
        return idiom, None
    kernel, channels = (plain[0], plain[1]) if len(plain) == 2 else (None, plain[0])
    if isinstance(kernel, tree.Number) and isinstance(channels, tree.Size):  # Keras' order
        kernel, channels = channels, kernel
    side = kernel.span.text if kernel else "3x3"
    stride = next((f" {each.span.text}" for each in step.args if each.slash), "")
    pad = next((each.span.text for each in step.args if each.name and each.name.name == "pad"), "pad=same")
    odd = all(int(each) % 2 for each in side.split("x"))
    if pad == "pad=same" and odd and len(set(side.split("x"))) == 1:
        pad = f"pad={int(side.split('x')[0]) // 2}"
    right = f"depthwise {side}{stride} {pad} -> conv 1x1 {channels.span.text}"
    known = sum(each.slash or (each.name is not None and each.name.name == "pad") for each in step.args)
    fix = Fix(f"it is `{right}`", (Edit(step.word.span.to(step.args[-1].span), right),), safe=False)
    return fix.title, fix if known + len(plain) == len(step.args) else None

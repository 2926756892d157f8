"""What others have a word for and this language says otherwise, by the name as it is compared (register.plain)."""

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

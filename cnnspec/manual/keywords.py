"""The keywords of the language, and its sections: how each is written, what it does, and a file that uses it."""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple


class Said(NamedTuple):
    """A line that a section may have: an example of it, and what it says."""

    form: str
    text: str


class Keyword(NamedTuple):
    """`forms` are the ways to write it; `example` is a whole file; `lines` are those that a section may have."""

    word: str
    forms: tuple[str, ...]
    text: str
    example: str
    lines: tuple[Said, ...] = ()


def keywords() -> Mapping[str, Keyword]:
    """All of them, by name."""
    found = {each.word: each for each in _KEYWORDS}
    found["train"] = found["train"]._replace(lines=tuple(_lines()))
    return MappingProxyType(found)


def _lines() -> Iterator[Said]:
    """Those of a recipe, by their docstrings."""
    from cnnspec.contract.training.recipe import Train  # many words, which few need

    for kind in Train.steps.values():
        _, _, text = re.sub(r"\s+", " ", (kind.__doc__ or "").split("\n\n")[0]).partition("`: ")
        kinds = f" One of: {', '.join(kind.kinds)}." if kind.kinds else ""
        steps = f" Of: {', '.join(kind.steps)}." if kind.steps else ""
        yield Said(kind.usage, f"{text.partition(' Source: ')[0].strip()}{kinds}{steps}")


def _in_model(*lines: str) -> str:
    body = "".join(f"  {line}\n" for line in ("input 3x32x32", *lines))
    return f"model Net {{\n{body}}}\n"


_LOOP = _in_model(
    "for d in 1,2,4 { conv 3x3 16 pad=same dilation=d -> relu }", "for i in 1..2 { c{i}: conv 3x3 8 pad=1 }"
)
_BLOCK = """\
block Basic(c, /s=1) {
  add {
    conv 3x3 c /s pad=1 -> relu -> conv 3x3 c pad=1
    if s != 1 or in.c != c { conv 1x1 c /s } else { id }
  }
  relu
}

model Net(classes=10) {
  input 3x32x32
  Basic 64 /2 -> Basic 64
  gap -> flatten -> linear classes
}
"""
_LOGIC = """\
block Unit(c, k=3, act=yes) {
  conv k c pad=same
  if act and k > 1 { relu }
}

model Net {
  input 3x32x32
  Unit 16 -> Unit 8 k=1
}
"""
_FLAGS = _in_model("conv 3x3 16 pad=1 bias=no -> bn affine=yes -> relu")
_KEYWORDS = (
    Keyword(
        "model",
        ("model Name(parameter=default, …) { … }",),
        "A whole network, from its `input` to its output, the value of the last line.",
        _BLOCK,
    ),
    Keyword(
        "block",
        ("block Name(parameter, parameter=default, /stride=1, @tensor) { … }",),
        "A piece of network with parameters, used like a word: `Basic 64 /2`. A capital begins its name. "
        "`in.c`, `in.h` and `in.w` are the shape that comes in; `x: id` as its first line names the value "
        "that comes in, and `@x` takes it again.",
        _BLOCK,
    ),
    Keyword(
        "input",
        ("input 3x224x224", "input name: 3x224x224", "input 3x224x224 size=any"),
        "The shape that comes in: channels, height, width; no batch. With several inputs a chain begins with "
        "one: `@name -> …`.",
        _in_model("conv 3x3 16 -> relu"),
    ),
    Keyword(
        "output",
        ("output name: … -> …",),
        "Names a result. Without any, the value of the last line is the result. It leaves the current value as it was.",
        _in_model("conv 3x3 16 -> relu -> gap -> flatten", "output kind: linear 10", "output place: linear 4"),
    ),
    Keyword(
        "aux",
        ("aux name: … -> …", "aux weight=0.3 name: … -> …"),
        "An auxiliary head: trained, with that weight of its loss, and not run.",
        _in_model(
            "conv 3x3 16 -> relu",
            "aux weight=0.3 early: gap -> flatten -> linear 10",
            "conv 3x3 16 -> relu -> gap -> flatten -> linear 10",
        ),
    ),
    Keyword(
        "set",
        ("set word argument=value …", "set word, word argument=value …"),
        "Gives words other defaults, for what stands below it in its file or body. A comma separates the words.",
        "set conv, depthwise pad=same bias=no\n\n" + _in_model("conv 3x3 16 -> depthwise 3x3 -> bn -> relu"),
    ),
    Keyword(
        "let",
        ("let name = value",),
        "Names a value for what stands below it, up to the end of its body.",
        _in_model("let width = 2*8", "conv 3x3 width -> relu"),
    ),
    Keyword(
        "for",
        ("for name in first..last { … }", "for name in value,value,… { … }"),
        "Does a body once for each value. A range includes both its ends; one whose last is below its first "
        "is nothing. In a merge, a line that is a `for` and nothing else gives a branch for each value. A "
        "plain repeat is `( … ) x3`.",
        _LOOP,
    ),
    Keyword(
        "in",
        ("for name in … { … }", "in.c  in.h  in.w  in(@label).c"),
        "Stands in a `for` before its values. With a dot it is the shape that enters the block, or the model:"
        " its channels, height and width.",
        _in_model("conv 3x3 2*in.c -> relu", "for i in 1..2 { conv 3x3 8 -> relu }"),
    ),
    Keyword(
        "if",
        ("if condition { … }", "if condition { … } else if condition { … } else { … }"),
        "Chooses steps when the network is compiled. Without an `else`, the value passes.",
        _BLOCK,
    ),
    Keyword(
        "else",
        ("if condition { … } else { … }",),
        "What is taken where the condition of an `if` does not hold.",
        _BLOCK,
    ),
    Keyword(
        "use",
        ('use "blocks.cnn"', 'use "blocks.cnn" as name'),
        "Brings the blocks of another file, from this file's folder.",
        "",
    ),
    Keyword("as", ('use "blocks.cnn" as name',), "Brings the blocks under a name: `name.Basic 64`.", ""),
    Keyword(
        "require",
        ('require condition "message"', "require params <= 12M, macs <= 2G, rf >= 200"),
        "Refuses the network with your message where the condition does not hold. In a model's own body it "
        "may ask about the finished model: params, macs, rf, memory, depth.",
        _in_model(
            'require in.h % 8 == 0 "the side must be a multiple of 8"', "require params <= 1M", "conv 3x3 8 -> relu"
        ),
    ),
    Keyword(
        "cnn",
        ("cnn 1",),
        "The edition of the language, on the first line. It may be left out.",
        "cnn 1\n" + _in_model("conv 3x3 8 -> relu"),
    ),
    Keyword("and", ("condition and condition",), "Both conditions hold.", _LOGIC),
    Keyword(
        "or", ("condition or condition",), "At least one of the conditions holds.", _LOGIC.replace(" and ", " or ")
    ),
    Keyword(
        "not",
        ("not condition",),
        "The condition does not hold.",
        _LOGIC.replace("act=yes", "linear=no").replace("act and k > 1", "not linear").replace("k=1", "linear=yes"),
    ),
    Keyword("yes", ("argument=yes",), "The value of an argument that is on, and of a condition that holds.", _FLAGS),
    Keyword(
        "no", ("argument=no",), "The value of an argument that is off, and of a condition that does not hold.", _FLAGS
    ),
    Keyword(
        "image",
        ("image { step -> step }",),
        "Says how a picture becomes the input; `cnnspec run` does it.",
        _in_model("image { resize 36 -> crop 32 -> rescale 1/255 }", "conv 3x3 8 -> relu"),
    ),
    Keyword("labels", ('labels "names.txt"',), "Names a file with one class a line.", ""),
    Keyword(
        "train",
        ("train { … }",),
        "Says how the network was trained, a line each: `loss`, `optimizer`, `schedule`, `epochs` and others.",
        _in_model(
            "train {",
            "  loss cross_entropy",
            "  optimizer sgd 0.1 momentum=0.9",
            "  epochs 30",
            "}",
            "conv 3x3 8 -> relu -> gap -> flatten -> linear 10",
        ),
    ),
)

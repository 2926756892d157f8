r"""A file is something else: an ONNX model, weights, a page, a program.

```console fails
$ printf 'import torch\n' | cnnspec check -
error[foreign-file]: standard input is Python, not a network as text
  --> -
help: a text of cnnspec begins with `cnn 1` or `model`; `cnnspec new` writes a first one

1 error in -
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

r"""A file is no UTF-8 text.

Often it is a file of weights, an ONNX file, or a text that was saved in another encoding.

```console fails
$ printf 'model Caf\351' | cnnspec check -
error[not-text]: standard input is not UTF-8: byte 9 is 0xe9
  --> -
help: save it as UTF-8

1 error in -
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

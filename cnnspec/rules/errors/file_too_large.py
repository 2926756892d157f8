"""A file is larger than a network's text ever is.

The bound is one million bytes; `--limit file_bytes=N` raises it.

```console fails
$ echo "model Net { input 3x32x32 }" | cnnspec check - --limit file_bytes=20
error[file-too-large]: `standard input` is larger than 20 bytes
  --> -
help: if that is meant: `--limit file_bytes=200`

1 error in -
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

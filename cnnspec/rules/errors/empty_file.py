"""A file has no text in it.

```console fails
$ echo | cnnspec check -
error[empty-file]: standard input is empty
  --> -

1 error in -
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

"""The system does not let a file be read.

It may belong to somebody else, have a name that no file can have, or, for `-`, be a standard input that is closed.

```console fails
$ cnnspec check - <&-
error[file-unreadable]: there is no standard input
  --> -

1 error in -
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

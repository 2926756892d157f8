"""A folder, a device or a pipe stands where a file was expected.

```console fails
$ cnnspec report .
error[not-a-file]: `.` is a folder
  --> .
help: name a file in it

1 error in .
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

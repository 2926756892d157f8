"""The zoo has no network of that name.

`cnnspec zoo` lists the networks that ship.

```console fails
$ cnnspec check zoo:resnet5
error[unknown-network]: the zoo has no network `resnet5`
  --> zoo:resnet5
help: did you mean `zoo:resnet50`?

1 error in zoo:resnet5
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

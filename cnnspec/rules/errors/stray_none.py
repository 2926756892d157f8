"""`none` says that a branch of a merge is not there; elsewhere there is no value to go on with.

`id` passes the value on as it is.

```cnn fails
block Unit(c, act=yes) {
  conv 3x3 c
  if act { relu } else { none }
}

model Net {
  input 3x32x32
  Unit 8 act=no
}
```

```cnn
block Unit(c, act=yes) {
  conv 3x3 c
  if act { relu } else { id }
}

model Net {
  input 3x32x32
  Unit 8 act=no
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")

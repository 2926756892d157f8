"""A value has no axis of that name.

`in.c` are the channels, `in.h` and `in.w` height and width, `in.d` the depth in 3-D; 1-D has `in.c` and `in.w`, a vector
`in.c` alone.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 in.d
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 in.c
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

"""A text in quotes has at most 255 characters.

```cnn fails
model Net {
  input 3x32x32
  require in.h >= 32 "small pictures are not worth it, as the first three stages halve the map, so that after them only a few positions are left on each side, and each of them would see nearly the whole picture, with padding that makes up most of what it sees; so take larger ones, please"
  conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  require in.h >= 32 "the side must be at least 32"
  conv 3x3 8 -> relu
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

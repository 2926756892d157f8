"""A text in quotes ends on the line where it begins.

```cnn fails
model Net {
  input 3x32x32
  require in.h % 32 == 0 "the side is a multiple of 32
  conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  require in.h % 32 == 0 "the side is a multiple of 32"
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

"""A section holds plain steps: a word and its arguments each.

```cnn fails
model Net {
  input 3x32x32
  image { (resize 40 -> crop 32) -> rescale 1/255 }
  conv 3x3 8
}
```

```cnn
model Net {
  input 3x32x32
  image { resize 40 -> crop 32 -> rescale 1/255 }
  conv 3x3 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

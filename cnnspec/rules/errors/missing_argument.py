"""A word, block, model or `reuse` lacks something that it cannot be without.

What has no sensible value of its own must be said: a convolution's channels, a block's parameters without a default.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 -> relu
}
```

```cnn fails
block Stage(c, n) { (conv 3x3 c pad=1 -> relu) x n }

model Net {
  input 3x32x32
  Stage 64
}
```

```cnn
block Stage(c, n) { (conv 3x3 c pad=1 -> relu) x n }

model Net {
  input 3x32x32
  conv 3x3 8 -> relu
  Stage 64 2
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

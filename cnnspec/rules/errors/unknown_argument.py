"""A word or block has no argument of that name.

`cnnspec words conv` lists what a word takes. A stride is written `/2`.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 strid=2 pad=1 -> relu
}
```

Names that other tools have are known, and the message says what they are called here.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 padding=1 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 /2 pad=1 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments", fixes=True)

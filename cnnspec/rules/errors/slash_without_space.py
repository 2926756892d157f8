"""`/2` is a stride and has a space before it; division is `//`.

The slash is what papers write for a stride ("7x7, 64, /2"), so it is not free for division. `//` divides and drops the
rest, `div(a, b)` gives a fraction, and `1/255` is a ratio where a real number is wanted.

```cnn fails
block Squeeze() { mul { id | gap -> conv 1x1 in.c/16 -> relu -> conv 1x1 in.c -> sigmoid } }

model Net {
  input 3x32x32
  conv 3x3 64 -> relu -> Squeeze
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3/2 64 pad=1 -> relu
}
```

```cnn
block Squeeze() { mul { id | gap -> conv 1x1 in.c//16 -> relu -> conv 1x1 in.c -> sigmoid } }

model Net {
  input 3x32x32
  conv 3x3 /2 64 pad=1 -> relu -> Squeeze
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

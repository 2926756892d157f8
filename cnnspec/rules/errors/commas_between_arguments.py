"""Arguments are separated by spaces, not by commas.

A comma stands only where several values make one list without spaces (`mean=0.5,0.5,0.5`), between the parameters of a
block and between conditions of `require`.

```cnn fails
model Net {
  input 3x224x224
  conv 7x7, 64, /2, pad=3 -> relu
}
```

```cnn
model Net {
  input 3x224x224
  conv 7x7 64 /2 pad=3 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

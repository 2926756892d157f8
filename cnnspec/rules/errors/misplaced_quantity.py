"""`12M` and `64MB` stand only in `require`.

In a step every number is written out, so that the text says exactly what the network has.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 1k -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 1000 -> relu
  require params <= 1M
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

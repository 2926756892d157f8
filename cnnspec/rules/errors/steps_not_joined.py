"""Steps are joined with `->`.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64, relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

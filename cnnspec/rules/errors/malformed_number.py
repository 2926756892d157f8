"""Something looks like a number and is none.

Numbers are `64`, `0.5`, `1e-5` and ratios such as `1/255`; sizes `3x3`; quantities `12M` and `64MB`, in `require` only.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> dropout .5
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> dropout 0.5
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

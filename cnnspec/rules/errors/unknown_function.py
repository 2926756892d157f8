"""There is no function of that name.

The functions are `min max floor ceil round pow div divisible dims`. Steps take no parentheses: `conv 3x3 8`.

```cnn fails
model Net(width=0.5) {
  input 3x32x32
  conv 3x3 divisble(32*width, 8)
}
```

```cnn
model Net(width=0.5) {
  input 3x32x32
  conv 3x3 divisible(32*width, 8)
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

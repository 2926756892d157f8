"""`c -1` are two arguments; `c - 1` and `c-1` subtract.

A minus with a space before it and none behind is the sign of a number, as in `reshape 3 -1`.

```cnn fails
model Net(n=3) {
  input 3x32x32
  let rest = n -1
  (conv 3x3 8 -> relu) x(rest)
}
```

```cnn
model Net(n=3) {
  input 3x32x32
  let rest = n - 1
  (conv 3x3 8 -> relu) x(rest)
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

"""No branch of a merge is left: all of them are `none`.

```cnn fails
model Net(wide=no) {
  input 3x32x32
  concat { if wide { conv 3x3 8 } else { none } }
}
```

```cnn
model Net(wide=no) {
  input 3x32x32
  concat { conv 3x3 8 | if wide { conv 3x3 8 } else { none } }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")

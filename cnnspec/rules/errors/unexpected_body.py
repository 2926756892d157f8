"""A layer or block is given a body, which only merges and scopes have.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 { relu }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

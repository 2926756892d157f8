"""`|` separates the branches of a merge; elsewhere lines and steps follow each other.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 | relu
}
```

```cnn
model Net {
  input 3x32x32
  concat { conv 3x3 8 pad=1 | conv 1x1 8 }
  relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

"""A number is beyond what the language counts with.

Whole numbers go to 2,147,483,647, which is more channels than any memory holds. What an expression works out may have
512 bits.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 99999999999
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

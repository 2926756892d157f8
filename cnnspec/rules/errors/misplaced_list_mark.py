"""`[]` stands before a body only.

`layer1[]: { … }` numbers what is in the body, as torch's `nn.Sequential` does. A single step has nothing to number.

```cnn fails
model Net {
  input 3x32x32
  features[]: conv 3x3 8
}
```

```cnn
model Net {
  input 3x32x32
  features[]: { conv 3x3 8 -> relu }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

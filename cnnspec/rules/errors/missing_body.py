"""A merge or a section has no body.

```cnn fails
model Net {
  input 3x32x32
  skip: conv 3x3 8 pad=1
  conv 3x3 8 pad=1
  add
}
```

Values that are to be merged are branches, not arguments.

```cnn fails
model Net {
  input 3x32x32
  skip: conv 3x3 3 pad=1
  conv 3x3 3 pad=1
  add @skip
}
```

```cnn
model Net {
  input 3x32x32
  skip: conv 3x3 8 pad=1
  conv 3x3 8 pad=1
  add { @skip | id }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments", fixes=True)

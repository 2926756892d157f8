"""Two steps of one scope have the same name.

A step's name is the name of its weights in every file of weights, so that each must be another. A label may not take the
name that an unlabelled step gets by its count either (`conv1`, `relu2`).

```cnn fails
model Net {
  input 3x32x32
  a: conv 3x3 8
  a: conv 3x3 16
}
```

An input without a name is called `input`, so that of several each needs one.

```cnn fails
model Pair {
  input 3x32x32
  input 3x32x32
  conv 3x3 8
}
```

```cnn
model Net {
  input 3x32x32
  a: conv 3x3 8
  b: conv 3x3 16
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

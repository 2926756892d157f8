"""A label is called `input`, `output` or `aux`, and likely the line of that name was meant.

`output: relu` names a step; `output name: relu` makes an output of the model.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8
  output: relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8
  output features: relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "lint")

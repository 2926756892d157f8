"""A step would have a name that torch or Python keeps for itself.

The path of a step is the name of its module in torch; a child called `train` or `forward` would hide a method of
`torch.nn.Module`, and `class` is no attribute in Python.

```cnn fails
model Net {
  input 3x32x32
  train: conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  train_: conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

"""Lines of a recipe that do not go together, or not with the network.

Some things exclude each other: `adamw` has its decay outside the gradient, where `l2` is not; `one_cycle` rises by
itself. And a recipe is for its network: a weight for each class, crops as large as the input, names of steps
that are there.

```cnn fails
model Net {
  input 3x32x32
  train {
    optimizer adamw 0.001
    l2 0.0001
    augment { flip -> crop 28 pad=4 }
    freeze "feature.*"
  }
  features: { conv 3x3 8 -> relu }
  flatten -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  train {
    optimizer adamw 0.001
    decay 0.05
    augment { flip -> crop 32 pad=4 }
    freeze "features.*"
  }
  features: { conv 3x3 8 -> relu }
  flatten -> linear 10
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

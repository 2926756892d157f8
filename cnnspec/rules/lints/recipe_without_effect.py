"""A line of a recipe would only have an effect after the end of training.

Epochs are compared with epochs and steps with steps; it is told for the file's own numbers only.

```cnn fails
model Net {
  input 3x32x32
  train {
    optimizer sgd 0.1
    schedule step 0.1 at=30,60,90 epochs
    epochs 90
  }
  flatten -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  train {
    optimizer sgd 0.1
    schedule step 0.1 at=30,60,80 epochs
    epochs 90
  }
  flatten -> linear 10
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "lint")

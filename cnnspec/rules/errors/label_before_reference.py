"""A label names one step's result, and before `@name ->` or `id ->` that is what came in.

Four wrong labels in twenty lines were silent when this was tried, so it is an error. Put the label before the step whose
result is meant.

```cnn fails
model Net {
  input 3x32x32
  c1: conv 3x3 8 pad=1 -> relu
  side: @c1 -> conv 1x1 8
  concat { @side | @c1 }
}
```

```cnn
model Net {
  input 3x32x32
  c1: (conv 3x3 8 pad=1 -> relu)
  @c1 -> side: conv 1x1 8
  concat { @side | @c1 }
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

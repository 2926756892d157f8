"""`reuse` is given a name that stands for a value, not for a step.

What is applied again is a step, a block or a scope. A label before `( … )`, a merge or a reference names a value.

```cnn fails
model Net {
  input a: 1x28x28
  input b: 1x28x28
  @a -> tower: (conv 5x5 8 -> relu)
  @b -> other: reuse tower
  concat { @tower | @other }
}
```

```cnn
model Net {
  input a: 1x28x28
  input b: 1x28x28
  @a -> tower: { conv 5x5 8 -> relu }
  @b -> other: reuse tower
  concat { @tower | @other }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

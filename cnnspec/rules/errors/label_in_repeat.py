"""A label inside a group that is repeated would name several steps.

Label the repeat itself: its copies are numbered, and `@stage.0` and so on are their results. A block's labels are its
own and may be repeated with it.

```cnn fails
model Net {
  input 3x32x32
  (a: conv 3x3 8 -> relu) x3
}
```

```cnn
model Net {
  input 3x32x32
  stage: (conv 3x3 8 -> relu) x3
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

"""A reference reaches up, not down.

What is made below cannot come in above: the graph would have a circle, and no order in which it could run.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1
  add { @last | id }
  last: conv 3x3 8 pad=1
}
```

```cnn
model Net {
  input 3x32x32
  last: conv 3x3 8 pad=1
  conv 3x3 8 pad=1
  add { @last | id }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

"""A comment allows a rule that there is none of, or one that cannot be allowed.

`# cnnspec: allow lost-border` behind a step, or on the line above it, silences a lint there; several are separated by
commas. Errors cannot be allowed: there is no network without them being mended.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> maxpool 3x3 /2 ceil_mode=yes  # cnnspec: allow lost-bordr
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> maxpool 3x3 /2  # cnnspec: allow lost-border
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "lint", fixes=True)
"""Told by `allow.py`, which reads the comments."""

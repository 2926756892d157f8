"""A comment allows a rule that would not have spoken.

What it was for has been mended, or it never did anything; it hides the next finding of that kind.

```cnn fails --pedantic
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> maxpool 3x3 /2 ceil_mode=yes  # cnnspec: allow lost-border
}
```

```cnn --pedantic
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> maxpool 3x3 /2 ceil_mode=yes
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "pedantic", fixes=True)
"""Told by `allow.py`, which knows what each comment has silenced."""

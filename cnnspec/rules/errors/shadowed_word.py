"""A name would hide a word that arguments list, such as `same`.

Then `pad=same` would mean one thing here and another there.

```cnn fails
model Net {
  input 3x32x32
  let same = 3
  conv 3x3 8 pad=same
}
```

```cnn
model Net {
  input 3x32x32
  let border = 3
  conv 7x7 8 pad=border
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

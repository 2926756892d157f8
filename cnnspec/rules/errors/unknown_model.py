"""A model is asked for by a name that the file does not have, or none is chosen of several.

`cnnspec check` looks at all of them; everything else needs one.

```cnn fails --model Smal
model Small {
  input 3x32x32
  conv 3x3 8
}
model Large {
  input 3x64x64
  conv 3x3 8
}
```

```cnn --model Small
model Small {
  input 3x32x32
  conv 3x3 8
}
model Large {
  input 3x64x64
  conv 3x3 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

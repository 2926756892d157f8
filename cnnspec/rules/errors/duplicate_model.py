"""Two models of a file have the same name, and one of them is asked for.

```cnn fails --model Net
model Net {
  input 3x32x32
  conv 3x3 8
}
model Net {
  input 3x64x64
  conv 3x3 8
}
```

```cnn --model Large
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

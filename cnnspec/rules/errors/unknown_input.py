"""`--input` is for an input that the model does not have, or has another number of axes.

```cnn fails --input 3x64
model Net {
  input 3x32x32
  conv 3x3 8
}
```

```cnn fails --input letf=3x64x64
model Net {
  input left: 3x32x32
  input right: 3x32x32
  concat { @left | @right }
}
```

```cnn --input left=3x64x64 --input right=3x64x64
model Net {
  input left: 3x32x32
  input right: 3x32x32
  concat { @left | @right }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

"""A step's word is no layer, no block of this file and none that it uses.

Lower case is a word of the language (`cnnspec words` lists them), a capital is a block. What other tools call a layer
leads to its name here: `Conv2d`, `Dense` or `BatchNorm` are answered with the word that is meant.

```cnn fails
model Net {
  input 3x32x32
  covn 3x3 64 -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 -> BatchNorm2d 64 -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  Conv2D(64, (3, 3), activation="relu")
}
```

```cnn fails
block Basic(c) { conv 3x3 c pad=1 -> relu }

model Net {
  input 3x32x32
  layer1 Basic 64 x2
}
```

```cnn
block Basic(c) { conv 3x3 c pad=1 -> bn -> relu }

model Net {
  input 3x32x32
  layer1: Basic 64 x2
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names", fixes=True)

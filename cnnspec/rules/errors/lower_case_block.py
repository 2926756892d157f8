"""The name of a block or model begins with a capital.

Lower case is a word of the language, a capital is a block. So a reader sees at once what is defined in the text, and a
word that the language gets later cannot collide.

```cnn fails
block basic(c) { conv 3x3 c pad=1 -> bn -> relu }

model Net {
  input 3x32x32
  conv 3x3 8
}
```

```cnn
block Basic(c) { conv 3x3 c pad=1 -> bn -> relu }

model Net {
  input 3x32x32
  Basic 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

"""The first line names an edition that this compiler does not know.

`cnn 1` is the edition of the language. A later one may change what a text means; an old text never changes.

```cnn fails
cnn 2
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```

```cnn
cnn 1
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

"""A word or block is given more by place than it takes.

Often a `->` is missing, and the next step is taken for an argument; or what has a default is to be written with its
name.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 -> relu gap -> flatten
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 1 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 -> relu -> maxpool 4x4 -> conv 3x3 64 -> relu -> gap -> flatten
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments", fixes=True)

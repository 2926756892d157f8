"""A reference names a step that there is none of, or none that it can see.

A name is looked up in its own scope, then outward to the block or model; dots lead inward from there. A block does not
see the labels of those who use it: it takes a tensor as a parameter, `block Up(c, @skip)`.

```cnn fails
model Net {
  input 3x32x32
  enc1: conv 3x3 8 pad=1
  conv 3x3 8 pad=1 -> relu
  concat { @ecn1 | id }
}
```

```cnn
model Net {
  input 3x32x32
  enc1: conv 3x3 8 pad=1
  conv 3x3 8 pad=1 -> relu
  concat { @enc1 | id }
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names", fixes=True)

"""A bare word in an expression stands for nothing.

It could be a parameter of the block or model, a `let` above, the value of a `for` around it, or a word that the argument
lists (`pad=same`). Blocks do not see the names of those who use them: what they need is a parameter.

```cnn fails
model Net {
  input 3x32x32
  let base = 64
  conv 3x3 bsae -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 bias=False -> relu
}
```

```cnn
model Net {
  input 3x32x32
  let base = 64
  conv 3x3 base bias=no -> relu
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names", fixes=True)

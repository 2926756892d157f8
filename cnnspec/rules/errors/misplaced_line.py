"""A line stands where its kind cannot stand.

`use`, `block` and `model` stand at the top of the file; steps in a block or model; `input`, `output`, `aux`, sections
and conditions on the finished model in a model's own body.

```cnn fails
conv 3x3 64 -> relu
```

```cnn fails
block Head(classes) {
  output logits: gap -> flatten -> linear classes
}

model Net {
  input 3x32x32
  (conv 3x3 64 /2 -> relu) x2
  Head 10
}
```

```cnn
block Head(classes) { gap -> flatten -> linear classes }

model Net {
  input 3x32x32
  conv 3x3 64 -> relu -> maxpool 2x2 -> conv 3x3 64 -> relu
  output logits: Head 10
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

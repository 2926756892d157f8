"""`in.c` is asked for where nothing has come in.

It is the shape that enters the block, or the model behind its `input`; with several inputs, `in(@left).c` says which.

```cnn fails
let channels = 2*in.c

model Net {
  input 3x32x32
  conv 3x3 8
}
```

```cnn
model Net {
  input 3x32x32
  let channels = 2*in.c
  conv 3x3 channels
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

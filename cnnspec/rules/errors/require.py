"""A condition that the text asks for does not hold.

The message is the text's own, with what each name in the condition stands for. A bound on the finished model (`params`,
`macs`, `rf`, `memory`, `depth`) is told with how much is over or short, and with the steps that weigh most.
Where no step gives a map of more than one position there is no receptive field, and no bound on `rf` holds.

```cnn fails
model Net {
  input 3x32x32
  require in.h % 48 == 0 "the side must be a multiple of 48"
  conv 3x3 8
}
```

```cnn fails
model Net {
  input 3x224x224
  conv 3x3 64 -> relu
  require params <= 1k, macs <= 1M "too much for the camera"
}
```

```cnn
model Net {
  input 3x96x96
  require in.h % 48 == 0 "the side must be a multiple of 48"
  conv 3x3 8 /2 pad=1 -> relu
  require params <= 1k, macs <= 1M "too much for the camera"
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes")

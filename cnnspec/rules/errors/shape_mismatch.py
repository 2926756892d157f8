"""What comes into a step has a shape that it cannot take.

Branches of `add` have one shape; those of `concat` one size; a window is not larger than its padded map; `linear` takes a
vector and `conv` a map; groups divide the channels. Of branches the message shows both sides, how each came about from
where they fork, and at which layer they part. A fix is shown only if the whole file compiles with it.

```cnn fails
set conv pad=same
model Net {
  input 3x32x32
  conv 3x3 64 -> bn -> relu
  add { conv 3x3 128 /2 -> bn -> relu -> conv 3x3 128 -> bn | id }
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 pad=1
  concat { conv 3x3 8 pad=1 | maxpool 3x3 /1 }
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> linear 10
}
```

```cnn fails
model Net {
  input 3x32x32
  (conv 3x3 8 pad=1 -> relu -> maxpool 2x2) x6
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 groups=2
}
```

```cnn fails
set conv pad=same
model Net {
  input 3x32x32
  conv 4x4 8 /2 -> relu
}
```

```cnn
set conv pad=same
model Net {
  input 3x32x32
  conv 3x3 64 -> bn -> relu
  add { conv 3x3 128 /2 -> bn -> relu -> conv 3x3 128 -> bn | conv 1x1 128 /2 -> bn }
  relu -> concat { conv 3x3 8 | maxpool 3x3 /1 pad=1 }
  gap -> flatten -> linear 10
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes", fixes=True)

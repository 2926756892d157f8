"""An argument has a value that it cannot have.

The message says what it must be. A real number where a whole one is needed is an error and is never cut: `floor`, `ceil`
or `round` say which is meant.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 -> relu -> dropout 2
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64x2 -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  (conv 3x3 64 -> relu) x 2.5
}
```

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 pad=1 -> relu -> avgpool 3x3 /1 pad=1
}
```

```cnn fails
model Net {
  input 3x32x32
  for i in 6 { conv 3x3 64 -> relu }
}
```

```cnn
model Net {
  input 3x32x32
  (conv 3x3 64 pad=1 -> relu) x2
  avgpool 3x3 /1 pad=1 count_pad=yes -> dropout 0.2
}
```
"""  # noqa: E501  (what a command prints is not wrapped)

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments", fixes=True)

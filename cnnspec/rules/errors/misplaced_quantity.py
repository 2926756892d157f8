"""`12M` and `64MB` stand only in `require`.

In a step every number is written out, so that the text says exactly what the network has. KB MB GB and KiB MiB GiB are
bytes, in which only `memory` is counted.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 1k -> relu
}
```

```cnn fails
model Net {
  input 3x32x32
  require params <= 5MB
  conv 3x3 1000 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 1000 -> relu
  require params <= 5M, memory <= 64MB
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

"""A condition is not yes or no, or compares what cannot be compared.

```cnn fails
model Net(c=8) {
  input 3x32x32
  if c { conv 3x3 c }
  relu
}
```

```cnn
model Net(c=8) {
  input 3x32x32
  if c != in.c { conv 3x3 c }
  relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

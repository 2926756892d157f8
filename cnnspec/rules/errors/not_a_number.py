"""Something that is no number is calculated with.

```cnn fails
model Net(kernel=3x3) {
  input 3x32x32
  conv kernel 8*kernel -> relu
}
```

```cnn
model Net(kernel=3) {
  input 3x32x32
  conv kernel 8*kernel -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

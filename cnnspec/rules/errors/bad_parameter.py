"""A model takes plain parameters: no stride and no tensor.

Nobody hands a model a stride or a tensor; its tensors are its inputs.

```cnn fails
model Net(/s=1) {
  input 3x32x32
  conv 3x3 8 /s
}
```

```cnn
model Net(s=1) {
  input 3x32x32
  conv 3x3 8 /s
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "arguments")

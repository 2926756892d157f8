"""`--set` names a parameter that the model does not have.

```cnn fails --set widht=2
model Net(width=1) {
  input 3x32x32
  conv 3x3 8*width
}
```

```cnn --set width=2
model Net(width=1) {
  input 3x32x32
  conv 3x3 8*width
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

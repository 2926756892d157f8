"""`--set` gives a word to a parameter that is a number.

A parameter whose own value is a number may still take the words that its place in the text takes, such as `pad=same`.

```cnn fails --set width=sixteen
model Net(width=16) {
  input 3x32x32
  conv 3x3 width -> bn -> relu
}
```

```cnn --set width=16 --set pad=same
model Net(width=16, pad=1) {
  input 3x32x32
  conv 3x3 width pad=pad -> bn -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "names")

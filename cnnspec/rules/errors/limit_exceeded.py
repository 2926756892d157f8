"""A text, or the network that it stands for, is larger than a bound.

A few characters can ask for a network without end. The message names the bound; `--limit NAME=N` raises it, if that is
meant. The bounds: `file_bytes`, `tokens`, `operators` and `nesting` of a text, `files`, and `repeat`, `steps` and
`nodes` of what it expands to, and `elements` of one value.

```cnn fails
model Net {
  input 3x32x32
  ((tanh x9999) x9999) x9999
}
```

```cnn
model Net {
  input 3x32x32
  (conv 3x3 8 pad=1 -> tanh) x99
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

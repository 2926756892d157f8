"""A word of the language is no name for a value or parameter.

These are the keywords (`for`, `if`, `in`, `set` …), and `x` with or without digits, which repeats.

```cnn fails
model Net {
  input 3x32x32
  let x = 8
  conv 3x3 x
}
```

```cnn
model Net {
  input 3x32x32
  let width = 8
  conv 3x3 width
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

"""Arguments stand side by side, without parentheses and commas.

A step is written as papers write it: the word, then its arguments with spaces between them. Parentheses hold a chain
of steps (`(conv 3x3 64 -> relu) x2`) or part of an expression (`2*(n+1)`).

```cnn fails
model Net {
  input 3x32x32
  conv(3x3, 64) -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax", fixes=True)

"""A step feeds no output, or an input is never read.

With `output name: …` only what is named is an output; a last value that nobody takes is lost, and is trained for
nothing. Of a chain of such steps the last is told.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  output a: conv 3x3 8 pad=1
  conv 3x3 16 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 pad=1 -> relu
  output a: conv 3x3 8 pad=1
  output b: conv 3x3 16 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "lint")

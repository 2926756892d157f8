"""A sign that the language does not have.

Arrows, quotes and minus signs change when a text is copied from a paper or a word processor. What is meant is clear, so
that there is a fix.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 → relu
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

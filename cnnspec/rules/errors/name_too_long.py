"""A name has at most 64 characters, a path with dots 255.

```cnn fails
model Net {
  input 3x32x32
  the_first_convolution_which_looks_at_edges_and_colours_of_the_whole_picture: conv 3x3 8 -> relu
}
```

```cnn
model Net {
  input 3x32x32
  edges: conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "syntax")

"""A text names a file outside the folder of the main file.

A model from a stranger may read what lies beside and below it, and nothing else. Of a file that is refused no line is
shown.

```cnn fails
use "../../../etc/passwd"

model Net {
  input 3x32x32
  conv 3x3 8
}
```

```cnn file=blocks.cnn
block Unit(c) { conv 3x3 c -> relu }
```

```cnn
use "blocks.cnn"

model Net {
  input 3x32x32
  Unit 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

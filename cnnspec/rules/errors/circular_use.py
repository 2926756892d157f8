"""Files use each other in a circle.

```cnn file=blocks.cnn
use "model.cnn"
block Unit(c) { conv 3x3 c -> relu }
```

```cnn fails
use "blocks.cnn"

model Net {
  input 3x32x32
  Unit 8
}
```

```cnn file=units.cnn
block Unit(c) { conv 3x3 c -> relu }
```

```cnn
use "units.cnn"

model Net {
  input 3x32x32
  Unit 8
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

"""A text has so many errors in its syntax that the rest is only counted.

Nobody reads the fifty-first, and mending the first few usually mends many.

```cnn fails
model Net {
  input 3x32x32
  concat {
    ,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,
    ,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,|,
  }
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu
}
```
"""

from cnnspec.rules.rule import rule
from cnnspec.source.diagnostic import Severity

RULE = rule(__name__, "syntax", Severity.HINT)

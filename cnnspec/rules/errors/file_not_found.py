"""There is no file of that name.

A file that a text uses is looked for from that text's own folder.

```cnn fails
use "blocs.cnn"

model Net {
  input 3x32x32
  Unit 8
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

```console fails
$ cnnspec check resnet50.cnn
error[file-not-found]: there is no file `resnet50.cnn`
  --> resnet50.cnn
help: `zoo:resnet50` is the network that ships with cnnspec

1 error in resnet50.cnn
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "files")

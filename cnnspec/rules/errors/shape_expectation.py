"""A step has another shape than the text expects of it.

`=> 64x56x56` writes down what a paper's table says and is checked, so that text and table cannot part. `?` stands for
any number. With `--input` or `--set` the expectations are not checked: they hold for the file's own numbers.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 64 /2 pad=1    => 64x32x32
  relu
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 64 /2 pad=1    => 64x16x16
  relu
}
```
"""

from cnnspec.rules.rule import rule

RULE = rule(__name__, "shapes", fixes=True)

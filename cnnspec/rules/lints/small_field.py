"""What is averaged for the classes has seen only a small part of the picture.

`gap` makes one value of each map, and each position of that map has looked at as many pixels as its receptive field
is wide. Where that is a corner of the picture, nothing that is larger can be recognized, however many layers follow.

```cnn fails
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> gap -> flatten -> linear 10
}
```

```cnn
model Net {
  input 3x32x32
  conv 3x3 8 -> relu -> maxpool 2x2 -> conv 3x3 16 -> relu -> gap -> flatten -> linear 10
}
```

It is told below a quarter of the side, of pictures and volumes (a sound is known by its texture as well), and not
where the value goes back into a map, as in squeeze-and-excitation. A field that is larger than the picture is common
in residual networks and no fault. A bag of local features is meant so: `# cnnspec: allow small-field`.
"""

from collections.abc import Iterator

from cnnspec.contract.facts import Reach, Window
from cnnspec.contract.values import dress
from cnnspec.ir.graph import Input, Node
from cnnspec.passes.fields.receptive_field import Fields, receptive_fields
from cnnspec.rules.network import Network, positions
from cnnspec.rules.rule import rule
from cnnspec.rules.text import Text
from cnnspec.source.diagnostic import Diagnostic

RULE = rule(__name__, "lint")
SHARE = 4
"""One part in so many of the side is enough."""
MOST_TERMS = 9


def in_network(net: Network, text: Text) -> Iterator[Diagnostic]:
    pools = [each for each in _pools(net) if not _returns_to_a_map(each, net) and not _is_wide(each.inputs[0], net)]
    table = receptive_fields(net.graph, net.shapes) if pools else {}
    for pool in pools:
        fields = table[pool.inputs[0]]
        if fields is None or not _is_small(fields, net):
            continue
        seen, whole = dress(tuple(each.size for each in fields.axes)), dress(net.shapes[fields.input][1:])
        yield RULE.found(
            f"each value that enters `{pool.layer.word}` sees {seen} of {whole} pixels",
            pool.span,
            notes=(_worked(pool.inputs[0], fields, net),),
            help="more convolutions, or strides and poolings early, widen it",
            trace=pool.trace,
        )


def _pools(net: Network) -> Iterator[Node]:
    for kind in net.kinds:
        if len(kind.shape) > 2 and kind.pools_to_one:
            yield from kind.nodes


def _is_wide(id: str, net: Network) -> bool:
    """Whether one way back from a map leads to a field that is wide enough: along all ways it is no smaller.

    Before a window of F with stride S, a field of r is S * r + F - S.
    """
    enough = max(extent for each in net.graph.inputs for extent in net.shapes[each])
    field = 1
    for each in _back(id, net):
        field = each.stride * field + (each.kernel - 1) * each.dilation + 1 - each.stride
        if SHARE * field >= enough:
            return True
    return False


def _back(id: str, net: Network) -> Iterator[Window]:
    """The windows on the way back by first operands, to the input or to the first step that is no window."""
    node = net.graph.nodes[id]
    while not isinstance(node.layer, Input):
        looks = net.kind_of[node.id].windows
        if not isinstance(looks, Reach):
            yield max(looks, key=lambda each: each.kernel)
        elif looks is not Reach.POINTWISE:
            return
        node = net.graph.nodes[node.inputs[0]]


def _worked(id: str, fields: Fields, net: Network) -> str:
    """`1 + 2*1 + 1*1 + 2*2 = 8`, where one path says it all."""
    terms, size, strides = ["1"], 1, 1
    for each in reversed(list(_back(id, net))):
        reach = (each.kernel - 1) * each.dilation
        terms += [f"{reach}*{strides}"] if reach else []
        size += reach * strides
        strides *= each.stride
    if size != max(each.size for each in fields.axes) or len(terms) > MOST_TERMS:
        return "a window of F adds (F - 1) times all strides before it"
    return f"each window adds (F - 1) times the strides before it: {' + '.join(terms)} = {size}"


def _is_small(fields: Fields, net: Network) -> bool:
    axes = list(zip(fields.axes, net.shapes[fields.input][1:], strict=True))
    if all(field.size == 1 for field, _ in axes):
        return False  # nothing looks at the picture: it is its mean that is meant
    return all(SHARE * field.size < extent for field, extent in axes)


def _returns_to_a_map(pool: Node, net: Network) -> bool:
    """Whether something with several positions is made of the pooled value."""
    waiting, seen = [pool.id], set[str]()
    while waiting:
        for reader in net.readers[waiting.pop()]:
            if positions(net.shapes[reader.id]) > 1:
                return True
            if reader.id not in seen:
                seen.add(reader.id)
                waiting.append(reader.id)
    return False

"""What things are called in an ONNX file, so that viewers group it and no two names can meet.

    a layer           layer1.0.conv1
    its node          /layer1/0/conv1        (`/layer1/0/conv1:Pad` where a layer is several nodes)
    its result        layer1/0/conv1:0       (an output of the model has its own name)
    inside the layer  layer1/0/conv1:t_1
    a weight          layer1.0.conv1.weight  (torch's state_dict key)

Names of the language hold neither `/` nor `:`, so results and weights keep apart.
"""

from collections.abc import Mapping, Sequence

from cnnspec.contract.facts import OnnxNode

Names = Mapping[str, str]


def value_name(id: str, local: str = "0") -> str:
    """A value of a layer: its result, or one of its constants or inner values."""
    return f"{id.replace('.', '/')}:{local}"


def node_names(id: str, nodes: Sequence[OnnxNode]) -> list[str]:
    """One name for each node of a layer; several are told apart by their operators, and those of one kind by number."""
    path = "/" + id.replace(".", "/")
    if len(nodes) == 1:
        return [path]
    names: list[str] = []
    for place, node in enumerate(nodes):
        before = sum(each.op == node.op for each in nodes[:place])
        names.append(f"{path}:{node.op}" + (f"_{before}" if before else ""))
    return names


def layer_of(node_name: str) -> str:
    """The layer that a node of ours belongs to: the way back from `/layer1/0/conv1:Pad`."""
    return node_name.removeprefix("/").partition(":")[0].replace("/", ".")


def scopes(id: str) -> list[str]:
    """The rooms around a layer and itself, outermost first, as torch's exporter lists them."""
    parts = id.split(".")
    return ["", *(".".join(parts[: place + 1]) for place in range(len(parts)))]

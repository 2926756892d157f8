"""What travels in an ONNX file besides the numbers: the text, the preprocessing, the labels, the scopes."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from onnx import ModelProto, NodeProto

from cnnspec import __version__
from cnnspec.ir.graph import Graph, Node
from cnnspec.lower.onnx_names import scopes

LONGEST_STEP = 200


class Metadata(NamedTuple):
    """`spec` is the network's text; `preprocess` JSON (contract/preprocess.py); `labels` in the order of the classes;
    `more` further entries such as `author` and `license`, which Netron shows, or where the weights come from."""

    spec: str
    preprocess: str | None = None
    labels: Sequence[str] | None = None
    more: Mapping[str, str] = {}


def add_metadata(model: ModelProto, graph: Graph, meta: Metadata) -> None:
    """Fills in the model's producer, its description and its `metadata_props`, in a fixed order."""
    model.producer_name = "cnnspec"
    model.producer_version = __version__
    model.doc_string = f"{graph.name}, compiled from the text in `cnnspec.spec`"
    entries = {"cnnspec.spec": meta.spec, "cnnspec.spec_sha256": hashlib.sha256(meta.spec.encode()).hexdigest()}
    if meta.preprocess is not None:
        entries["cnnspec.preprocess"] = meta.preprocess
    if meta.labels is not None:
        entries["names"] = json.dumps(list(meta.labels))
    for key, value in (entries | dict(sorted(meta.more.items()))).items():
        model.metadata_props.add(key=key, value=value)


def describe_node(proto: NodeProto, node: Node) -> None:
    """The step as it is written, and the rooms around it: Model Explorer groups by `namespace`."""
    lines = node.span.text.splitlines() or [""]
    step = lines[0].strip() + (" …" if len(lines) > 1 else "")
    proto.doc_string = step if len(step) <= LONGEST_STEP else step[: LONGEST_STEP - 1] + "…"
    namespace = node.id.rpartition(".")[0].replace(".", "/")
    if namespace:
        proto.metadata_props.add(key="namespace", value=namespace)
    proto.metadata_props.add(key="pkg.torch.onnx.name_scopes", value=repr(scopes(node.id)))

"""Receptive and projective fields of whole networks, exactly, against experiments: what changes when a pixel does, and
where a value has a gradient. CNNSPEC_FIELD_NETS says how many random networks are tried."""

import os
import random
from itertools import product
from math import prod

import numpy as np
import pytest

pytestmark = pytest.mark.torch
pytest.importorskip("torch")

import cnnspec.api.field  # noqa: E402
from cnnspec.build.options import Options  # noqa: E402
from cnnspec.contract.values import Shape  # noqa: E402
from cnnspec.passes.fields.at import central, reached_from, seen_by, unclipped, unit  # noqa: E402
from cnnspec.passes.fields.by_input import Lost, Why  # noqa: E402
from cnnspec.passes.fields.index_maps import IndexMaps  # noqa: E402
from cnnspec.passes.fields.receptive_field import Field, behind, looks_of, receptive_fields  # noqa: E402
from cnnspec.passes.fields.regions import Region, count, everything, positions, rectangle  # noqa: E402
from cnnspec.passes.fields.sights import Sights  # noqa: E402
from cnnspec.passes.fields.table import centre, fields_in_full  # noqa: E402
from cnnspec.passes.fold import kinds_of  # noqa: E402
from cnnspec.pipeline import Compiled  # noqa: E402
from tests import texts  # noqa: E402
from tests.judges.dense_regions import dense  # noqa: E402
from tests.judges.field_probe import exported_gradients, gradients, reached  # noqa: E402
from tests.judges.random_networks import network as random_network  # noqa: E402
from tests.networks import ZOO, compiled, file_of, last, network, program, truth  # noqa: E402
from tests.random_networks import SEED  # noqa: E402
from tests.test_scale import FORMS, calls, counted  # noqa: E402

NETS = int(os.environ.get("CNNSPEC_FIELD_NETS", "30"))
LARGEST = 60_000
"""Numbers of the largest value of a random network that is tried."""

SMALL = {
    "strides and padding": "input 2x19x17\nconv 5x5 2 /3 pad=2 -> relu -> conv 3x3 2 /2 pad=1",
    "holes of dilation": "input 2x23x23\nconv 3x3 2 dilation=3 -> conv 3x3 1 dilation=2 pad=2",
    "holes of strides": "input 1x25x25\nconv 2x2 2 /3 -> conv 2x2 2 /2",
    "a cross": "input 1x15x15\nconcat { conv 1x5 2 pad=0x2 | conv 5x1 2 pad=2x0 } -> conv 2x2 2 /3",
    "padding of padding": "input 1x11x11\nconv 3x3 1 /2 -> conv 3x3 1 pad=1 -> conv 3x3 1 pad=2",
    "adaptive pools": "input 2x17x13\nconv 3x3 2 -> adaptive_avgpool 4x3 -> conv 2x2 1 pad=1",
    "a map that grows": "input 2x9x8\nconv 3x3 2 -> conv_transpose 4x4 2 /2 pad=1 -> conv 3x3 1 pad=1",
    "dilated and transposed": "input 1x9x9\nconv_transpose 3x3 2 /3 dilation=2 pad=1 -> conv 2x2 1",
    "blended": "input 2x9x8\nconv 3x3 2 -> upsample to=17x9 mode=bilinear -> conv 3x3 1",
    "repeated unevenly": "input 2x9x8\nupsample to=13x5 -> conv 3x3 1",
    "sub-pixels": "input 4x7x6\ndepthwise 3x3 pad=1 -> pixel_shuffle 2 -> conv 3x3 2",
    "mirrored": "input 1x9x9\npad 3 mode=reflect -> conv 3x3 2 -> pad 1,0,2,1 mode=edge -> conv 2x2 1",
    "groups that are shuffled": "input 6x9x9\nconv 3x3 6 groups=3 -> channel_shuffle 3 -> conv 3x3 3 groups=3",
    "a part of the channels": "input 4x9x9\nconcat { conv 3x3 2 pad=1 | conv 5x5 2 pad=2 } -> slice 1 3 -> slice 0 1",
    "channels beside them": "input 2x9x9\ns: conv 3x3 2 pad=1 -> padc 6 -> slice 3 6",
    "a map of a vector": "input 2x4x5\nflatten -> slice 3 33 -> reshape 3 5 2 -> conv 2x2 1",
    "a map of the same vector": "input 2x4x5\nflatten -> reshape 4 5 2 -> conv 2x2 1",
    "turned": "input 3x5x6\nconv 2x2 4 -> permute 2 0 1 -> conv 3x1 2",
    "pools": "input 2x14x14\nmaxpool 3x3 /2 pad=1 -> avgpool 2x2 /1 -> maxpool 3x3 /2 ceil_mode=yes",
    "a window that hangs over": "input 2x6x7\nconv 3x3 2 /3 pad=1 -> maxpool 3x3 /2 ceil_mode=yes",
    "a mean that hangs over": "input 2x6x7\nconv 3x3 2 /3 -> avgpool 4x3 /3 pad=1 ceil_mode=yes count_pad=yes",
    "a gate": "input 4x9x9\nmul { conv 3x3 4 pad=1 | depthwise 3x3 /2 -> gap -> sigmoid } -> conv 2x2 1",
    "uneven branches": "input 1x16x16\nadd { conv 3x3 2 /2 pad=1 | conv 2x2 2 /4 -> upsample 2 } -> conv 3x3 1",
    "different steps": "input 1x16x16\nadd { conv 1x1 1 /2 | crop to=8x8 } -> conv 3x3 1",
    "a size lent": "input 1x9x9\ns: conv 3x3 1\nu: conv 2x2 1 /2\n@u -> upsample like=@s -> conv 2x2 1",
    "one axis": "input 2x29\nconv 5 4 /2 pad=2 -> conv 3 2 dilation=2 -> adaptive_maxpool 4",
    "three axes": "input 1x7x6x5\nconv 3x2x1 2 /2x1x1 -> conv 2 1 -> gap",
    "two inputs": "input left: 1x9x9\ninput right: 2x9x9\n"
    "add { @left -> conv 3x3 2 | @right -> conv 3x3 2 } -> conv 2x2 1",
}


@pytest.mark.parametrize("title", SMALL)
def test_every_unit_sees_what_has_a_gradient(title: str) -> None:
    """Of the last layer and of one on the way: positions with all channels, and single channels."""
    result = program(SMALL[title])
    draw = random.Random(title)
    assert result.built is not None
    for id in (list(result.built.graph.nodes)[-2], list(result.built.graph.nodes)[-1]):
        shape = result.built.shapes[id]
        assert shape is not None
        places = list(np.ndindex(*shape[1:]))
        for place in [places[0], places[-1], *draw.sample(places, min(6, len(places)))]:
            seen_alike(result, id, unit(shape, place))
            seen_alike(result, id, unit(shape, place, draw.randrange(shape[0])))


def seen_alike(result: Compiled, id: str, region: Region) -> None:
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    shape = shapes[id]
    assert shape is not None
    seen = seen_by(graph, shapes, id, region)
    assert not seen.unclear
    for input, found in gradients(result, id, dense(region, shape)).items():
        claimed = dense(seen.inputs.get(input, ()), found.shape)
        assert np.array_equal(claimed, found), (id, region, input)


EXAMPLES = {
    "alexnet": ("features.12", "3x127x95", {}),
    "googlenet": ("inception4a", "3x96x64", {}),
    "unet": (None, "1x188x204", {}),
    "siamese": ("tower.maxpool3", None, {}),
    "resnet18": ("layer3", "3x64x96", {}),
    "mobilenet_v1": ("gap1", "3x64x64", {}),
    "c3d": ("pool3", "3x16x32x32", {}),
    "m5_audio": ("maxpool3", "1x2000", {}),
    "dcgan_generator": (None, None, {}),
    "autoencoder": (None, None, {}),
}


def example(name: str) -> tuple[Compiled, str]:
    path, size, parameters = EXAMPLES[name]
    shape = None if size is None else tuple(map(int, size.split("x")))
    inputs = {} if shape is None else {None: shape}
    result = compiled(file_of(name), Options(parameters=parameters, inputs=inputs))
    assert result.built is not None
    nodes = result.built.graph.nodes
    found = [id for id in nodes if path is None or id == path or id.startswith(f"{path}.")]
    return result, found[-1] if found else list(nodes)[len(nodes) // 2]


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_by_their_gradients(name: str) -> None:
    result, id = example(name)
    assert result.built is not None
    shape = result.built.shapes[id]
    assert shape is not None
    for place in {central(shape), tuple(0 for _ in shape[1:])}:
        seen_alike(result, id, unit(shape, place))


@pytest.mark.parametrize(
    ("name", "size"),
    [("unet", (1, 188, 204)), ("retinanet", (3, 64, 96)), ("dcgan_generator", None), ("autoencoder", None)],
)
def test_the_exported_source_has_these_gradients(name: str, size: Shape | None) -> None:
    """One unit in the middle of each output, back through `export --to torch`."""
    options = Options(inputs={} if size is None else {None: size})
    result = compiled(file_of(name), options)
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    outputs = {output: middle(shapes[id]) for output, id in graph.outputs.items()}
    for output, found in exported_gradients(result, outputs).items():
        id = graph.outputs[output]
        place = central(shape_of(result, id))
        seen = seen_by(graph, shapes, id, unit(shape_of(result, id), place)).inputs
        for input, array in found.items():
            assert np.array_equal(dense(seen.get(input, ()), array.shape), array), (output, input)


def shape_of(result: Compiled, id: str) -> Shape:
    assert result.built is not None
    shape = result.built.shapes[id]
    assert shape is not None
    return shape


def middle(shape: Shape | None) -> np.ndarray:
    assert shape is not None
    return dense(unit(shape, central(shape)), shape)


@pytest.mark.parametrize("name", ["alexnet", "googlenet", "unet", "siamese", "m5_audio", "se_resnet50", "retinanet"])
def test_examples_by_a_pixel(name: str) -> None:
    """Every node of the network at once."""
    small = {"googlenet": (3, 96, 64), "unet": (1, 188, 204), "se_resnet50": (3, 64, 64), "retinanet": (3, 64, 96)}
    options = Options(inputs={None: small[name]} if name in small else {})
    one_pixel(compiled(file_of(name), options), random.Random(name))


def one_pixel(result: Compiled, draw: random.Random) -> None:
    """What a pixel reaches in every node; and a unit that it reaches sees it, and one that it does not does not."""
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    source = draw.choice(list(graph.inputs))
    shape = shapes[source]
    assert shape is not None
    place = tuple(draw.randrange(each) for each in shape[1:])
    pixel = unit(shape, place, draw.randrange(shape[0]) if draw.random() < 0.5 else None)
    claimed = reached_from(graph, shapes, source, pixel)
    found = reached(result, source, dense(pixel, shape))
    for id, mask in found.items():
        assert np.array_equal(dense(claimed.get(id, ()), mask.shape), mask), id
    for id in draw.sample(sorted(found), min(4, len(found))):
        of = found[id]
        for wanted in (True, False):
            units = np.argwhere(of == wanted)
            if len(units):
                channel, *at = map(int, draw.choice(units.tolist()))
                seen = seen_by(graph, shapes, id, unit(of.shape, tuple(at), channel)).inputs.get(source, ())
                assert bool((dense(seen, shape) & dense(pixel, shape)).any()) == wanted, (id, channel, at)


def test_random_networks() -> None:
    """A pixel of each; and the table says of each layer's middle what a walk from there does."""
    tried = 0
    for case in range(2 * NETS):
        text = random_network(SEED + 6, case)
        for name in text.models:
            options = Options(model=name if len(text.models) > 1 else None)
            result = texts.compiled(text.text, options, files=text.files)
            built = result.built
            if not result.ok or built is None or max(prod(each) for each in built.shapes.values() if each) > LARGEST:
                continue
            try:
                one_pixel(result, random.Random(case))
                table_is_walked(result)
            except Exception as error:
                raise AssertionError(f"case {case}:\n{text.text}") from error
            tried += 1
        if tried >= NETS:
            return
    pytest.fail(f"only {tried} networks were tried")


def table_is_walked(result: Compiled) -> None:
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    maps, fields = IndexMaps(), receptive_fields(graph, shapes)
    sights = Sights(graph, shapes, maps).table
    for id, views in fields_in_full(graph, shapes).items():
        shape = shapes[id]
        assert shape is not None
        seen = seen_by(graph, shapes, id, unit(shape, central(shape)), maps).inputs
        for view in views:
            found = positions(seen.get(view.input, ()))
            assert view.central.pixels == count(found), (id, view)
            assert view.central.seen == rectangle(found), (id, view)
            assert view.furthest is None or isinstance(view.field, Lost)
            if view.furthest is not None and 1 < prod(shape[1:]) <= 64:
                units = [unit(shape, each) for each in product(*map(range, shape[1:]))]
                walks = [positions(seen_by(graph, shapes, id, each, maps).inputs.get(view.input, ())) for each in units]
                sizes = [tuple(axis.size for axis in each) for each in map(rectangle, walks) if each]
                assert view.furthest in sizes
                if sights[id][view.input].exact:
                    assert view.furthest == tuple(map(max, zip(*sizes, strict=True)))
        field = fields[id]
        if field is not None:
            assert [(view.input, view.field) for view in views] == [(field.input, field.axes)]
            assert unclipped(graph, shapes, id, central(shape)).get(field.input) == views[0].central.windows
        elif len(views) == 1:
            assert isinstance(views[0].field, Lost)


@pytest.mark.parametrize("title", SMALL)
def test_the_table_of_small_networks(title: str) -> None:
    table_is_walked(program(SMALL[title]))


@pytest.mark.parametrize("name", ZOO)
def test_the_table_of_an_example(name: str) -> None:
    """Exact where the fold says so, for some layers of each; and nearly everywhere it says so."""
    result = network(name)
    assert result.built is not None
    graph, shapes, maps = result.built.graph, result.built.shapes, IndexMaps()
    sights = Sights(graph, shapes, maps).table
    assert all(sight.exact for each in sights.values() for sight in each.values())
    ids = list(graph.nodes)
    for id in ids[:: max(1, len(ids) // 8)]:
        shape = shapes[id]
        assert shape is not None
        seen = seen_by(graph, shapes, id, unit(shape, central(shape)), maps).inputs
        for input, sight in sights[id].items():
            sets = sight.of(central(shape))
            assert positions(seen[input]) == ((sets,) if sets else ((),))


@pytest.mark.parametrize("form", ["blocks and repeats", "gates", "dense", "references", "reuse", "outputs"])
def test_ten_times_the_layers_are_at_most_twelve_times_the_work(form: str) -> None:
    def work(size: int) -> int:
        built = counted(FORMS[form](size)).built
        assert built is not None
        return calls(lambda: fields_in_full(built.graph, built.shapes))

    tiny, small, large = 6, 30, 300
    work(small)
    few, some, many = map(work, (tiny, small, large))
    assert (many - few) / (large - tiny) <= 1.2 * (some - few) / (small - tiny)


def test_what_the_literature_says() -> None:
    """tests/truth: sizes, strides, first pixels."""
    paths = {
        "alexnet torchvision pool5 (features.12)": ("alexnet", "features.12"),
        "vgg16 conv5_3 (features.28)": ("vgg16", "features.28"),
        "vgg16 pool5 (features.30)": ("vgg16", "features.30"),
        "resnet18 layer4": ("resnet18", "layer4"),
        "resnet50 torchvision v1.5 (stride on 3x3) layer4": ("resnet50", "layer4"),
        "googlenet torchvision (3x3 in branch3, 2x2 maxpool4) inception5b": ("googlenet", "inception5b"),
    }
    for title, said in truth("receptive_fields").items():
        name, path = paths[title]
        result = network(name)
        assert result.built is not None
        id = last(result, path).node.id
        (view,) = fields_in_full(result.built.graph, result.built.shapes, only=id)[id]
        assert not isinstance(view.field, Lost)
        for field in view.field:
            assert (field.size, field.stride, field.start) == (said["size"], said["stride"], said["start"])
            assert 2 * centre(field) == said["start"] + said["end"]


def test_why_there_is_no_size() -> None:
    text = "input 4x8x8\ns: conv 3x3 4 pad=1\nu: upsample 2\ng: mul { id | gap -> sigmoid }\nflatten -> linear 3"
    result = program(text)
    assert result.built is not None
    table = fields_in_full(result.built.graph, result.built.shapes)
    why = {id: each[0].field for id, each in table.items() if isinstance(each[0].field, Lost)}
    assert why["u"] == Lost(Why.IRREGULAR, "u")
    assert why["g"] == Lost(Why.WHOLE, "g")
    assert why["flatten1"] == why["linear1"] == Lost(Why.VECTOR, "flatten1")
    uneven = program("input 1x16x16\na: add { conv 1x1 1 /2 | crop to=8x8 } -> conv 3x3 1").built
    assert uneven is not None
    (view,) = fields_in_full(uneven.graph, uneven.shapes)["conv2"]
    assert view.field == Lost(Why.UNEVEN, "a")


def test_the_narrowest_way() -> None:
    """Against all ways, one by one."""
    body = (
        "input 1x40x40\nconv 3x3 2\n" + "add { conv 3x3 2 pad=1 -> conv 5x5 2 pad=2 | id | conv 1x3 2 pad=0x1 }\n" * 4
    )
    built = program(f"{body}concat {{ maxpool 2x2 | conv 4x4 2 /2 pad=1 }} -> z: conv 3x3 1").built
    assert built is not None
    looks = kinds_of(built.graph, built.shapes).table(looks_of)

    def ways(id: str) -> list[tuple[Field, ...]]:
        node = built.graph.nodes[id]
        if not node.inputs:
            return [(Field(1, 1, 0),) * 2]
        pairs = zip(node.inputs, looks[id], strict=True)
        return [
            behind(field, look) if isinstance(look, tuple) else field for each, look in pairs for field in ways(each)
        ]

    for id in ("add4", "z"):
        (view,) = fields_in_full(built.graph, built.shapes, only=id)[id]
        assert not isinstance(view.narrowest, Lost)
        assert prod(each.size for each in view.narrowest) == min(prod(each.size for each in way) for way in ways(id))


def test_branches_that_look_at_different_places() -> None:
    result = program("input 1x9x9\nadd { conv 3x3 1 pad=0,0,2,2 | conv 3x3 1 pad=2,2,0,0 }")
    assert "their centres lie apart" in cnnspec.api.field.field_of(result, "add1").to_text()


def test_behind_an_error_nothing_is_claimed() -> None:
    result = texts.compiled(texts.model("a: conv 3x3 4 pad=1\nb: add { convv 3x3 4 pad=1 | id }\nc: relu"))
    assert result.built is not None
    table = fields_in_full(result.built.graph, result.built.shapes)
    assert table["a"]
    assert not table.get("b")
    assert not table.get("c")


def test_a_layer_that_sees_nothing() -> None:
    """Channels of zeros: no pixel is seen, and none reaches them."""
    result = program("input 2x5x5\npadc 4 -> slice 2 4 -> conv 3x3 1")
    assert result.built is not None
    graph, shapes = result.built.graph, result.built.shapes
    assert seen_by(graph, shapes, "conv1", everything((1, 3, 3))).inputs == {}
    assert "conv1" not in reached_from(graph, shapes, "input", everything((2, 5, 5)))
    (view,) = fields_in_full(graph, shapes)["conv1"]
    assert (view.central.pixels, view.central.seen) == (0, None)

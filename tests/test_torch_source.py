"""`export --to torch`: the source is read by Python, ruff and mypy, and run by torch, without cnnspec."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.torch
torch = pytest.importorskip("torch")

from hypothesis import HealthCheck, Phase, given, settings  # noqa: E402

import cnnspec  # noqa: E402
from cnnspec.api.torch_export import source  # noqa: E402
from cnnspec.build.options import Options  # noqa: E402
from cnnspec.cli.app import run  # noqa: E402
from cnnspec.contract.register import words  # noqa: E402
from cnnspec.lower.torch_source.begin import suffixes  # noqa: E402
from cnnspec.lower.torch_source.expressions import negated, translated  # noqa: E402
from cnnspec.lower.torch_source.texts import arguments  # noqa: E402
from cnnspec.passes.parameters import full_weights  # noqa: E402
from cnnspec.pipeline import Compiled  # noqa: E402
from tests import ROOT  # noqa: E402
from tests.judges import torch_written  # noqa: E402
from tests.judges.random_networks import Network, networks  # noqa: E402
from tests.networks import ZOO, file_of, network, truth  # noqa: E402
from tests.networks import compiled as compiled_file  # noqa: E402
from tests.texts import compiled, good, model  # noqa: E402

TRUTH: dict[str, dict[str, list[int]]] = truth("state_dicts")


SMALL = {
    "unet": (1, 188, 188),
    "retinanet": (3, 64, 64),
    "c3d": (3, 16, 32, 32),
    "m5_audio": (1, 4000),
    "googlenet_paper": (3, 224, 224),
}


def written(name: str) -> torch.nn.Module:
    result = network(name)
    assert result.built is not None
    return torch_written.module(source(result), result.built.graph.name)


# -- what torch makes of it -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(set(TRUTH) & set(ZOO)))
def test_state_dicts_are_torchvisions(name: str) -> None:
    found = {key: list(each.shape) for key, each in written(name).state_dict().items()}
    assert found == TRUTH[name]


@pytest.mark.parametrize("name", ZOO)
def test_names_and_their_order(name: str) -> None:
    torch_written.check_names(network(name), written(name))


@pytest.mark.parametrize("name", sorted(set(ZOO) - {"resnet101", "resnet152", "vgg13", "vgg16", "vgg16_bn", "vgg19"}))
def test_values_are_those_of_the_layers(name: str) -> None:
    """On small inputs, where the network takes others than its own."""
    own = network(name)
    assert own.built is not None
    shapes = [own.built.shapes[id] for id in own.built.graph.inputs]
    size = SMALL.get(name, (3, 64, 64) if shapes == [(3, 224, 224)] else None)
    torch_written.check(compiled_file(file_of(name), Options(inputs={None: size} if size else {})))


def test_onnxruntime_finds_the_same(tmp_path: Path) -> None:
    """From the files alone: the weights beside the source, and the ONNX of the same seed."""
    runtime = pytest.importorskip("onnxruntime")
    loaded = cnnspec.load("zoo:googlenet")
    loaded.export(tmp_path, to="torch", seed=3)
    loaded.export(tmp_path / "model.onnx", seed=3)
    x = torch.randn(2, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    torch.save(x, tmp_path / "x.pt")
    done = bare(
        tmp_path,
        "import torch, sys\nfrom safetensors.torch import load_file\nfrom model import GoogLeNet\n"
        "model = GoogLeNet()\nmodel.load_state_dict(load_file('weights.safetensors'))\n"
        "torch.save(model.eval()(torch.load('x.pt')).detach(), 'y.pt')\n"
        "assert sys.modules['cnnspec'] is None\n",
    )
    assert done.returncode == 0, done.stderr
    session = runtime.InferenceSession(tmp_path / "model.onnx", providers=["CPUExecutionProvider"])
    expected = torch.from_numpy(session.run(None, {"input": x.numpy()})[0])
    torch.testing.assert_close(torch.load(tmp_path / "y.pt"), expected, rtol=1e-4, atol=1e-5)


def bare(folder: Path, program: str) -> subprocess.CompletedProcess[str]:
    """A Python that cannot import cnnspec."""
    blocked = "import sys\nsys.modules['cnnspec'] = None\n"
    return subprocess.run(
        [sys.executable, "-c", blocked + program], cwd=folder, capture_output=True, text=True, check=False
    )


@pytest.mark.data
def test_trained_weights_name_the_photos(data_dir: Path) -> None:
    """torchvision's own MobileNetV2 weights in the exported module: 18 of 20, as in torchvision's."""
    from cnnspec.runtime.images import open_image
    from cnnspec.runtime.preprocess import prepare

    built = network("mobilenet_v2").built
    assert built is not None
    assert built.image is not None
    made = written("mobilenet_v2").eval()
    made.load_state_dict(torch.load(data_dir / "mobilenet_v2" / "mobilenet_v2-b0353104.pth", weights_only=True))
    right = 0
    for photo in sorted((data_dir / "photos").glob("*.jpg")):
        x = torch.from_numpy(prepare(open_image(photo).image, built.image, (3, 224, 224)))
        with torch.no_grad():
            right += int(made(x[None]).argmax()) == int(photo.stem.rpartition("_")[2])
    assert right == 18


# -- what it reads like -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every example, and what random networks came to, as files."""
    room = tmp_path_factory.mktemp("written")
    for name in ZOO:
        (room / f"{name}.py").write_text(source(network(name)), encoding="utf-8")
    for place, each in enumerate(drawn(40)):
        (room / f"random{place}.py").write_text(source(each), encoding="utf-8")
    return room


def drawn(count: int) -> Iterator[Compiled]:
    found: list[Compiled] = []

    @settings(
        max_examples=count,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
        deadline=None,
    )
    @given(networks())
    def one(drawn: Network) -> None:
        result = compiled(drawn.text, files=drawn.files)
        if result.ok:
            found.append(result)

    one()
    yield from found


@pytest.mark.parametrize("tool", ["ruff check --isolated", "ruff format --isolated --check", "mypy --strict"])
def test_others_find_nothing_to_say(tool: str, folder: Path, tmp_path: Path) -> None:
    """With their own settings, ruff's of 88 characters a line included."""
    program, *options = tool.split()
    pytest.importorskip(program)
    files = [str(each) for each in sorted(folder.glob("*.py"))]
    if program == "mypy":
        options += ["--cache-dir", str(tmp_path), "--config-file", ""]
    done = subprocess.run(
        [sys.executable, "-m", program, *options, *files], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr


def test_no_class_repeats_another(folder: Path) -> None:
    """Nor is anything imported but torch."""
    for file in folder.glob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        bodies = [ast.dump(ast.Module(body_of(each), [])) for each in tree.body if isinstance(each, ast.ClassDef)]
        assert len(set(bodies)) == len(bodies), f"{file.name} has a class twice"
        for each in ast.walk(tree):
            if isinstance(each, ast.Import):
                assert [name.name for name in each.names] == ["torch"]
            if isinstance(each, ast.ImportFrom):
                assert each.module in ("torch", "torch.nn")


def body_of(made: ast.ClassDef) -> list[ast.stmt]:
    return made.body[1:] if ast.get_docstring(made) else made.body


@pytest.mark.parametrize(
    ("name", "classes"),
    [
        ("lenet", ["LeNet"]),
        ("resnet18", ["Basic", "Stage", "ResNet18"]),
        ("resnet152", ["Bottleneck", "Stage", "ResNet152"]),
        ("mobilenet_v2", ["ConvBN", "Inverted", "MobileNetV2"]),
        ("googlenet", ["Conv", "Inception", "Head", "GoogLeNet"]),
        ("unet", ["Double", "Up", "UNet"]),
        ("siamese", ["Tower", "Siamese"]),
    ],
)
def test_a_block_is_one_class(name: str, classes: list[str]) -> None:
    """Though its uses took different branches."""
    tree = ast.parse(source(network(name)))
    assert sorted(each.name for each in tree.body if isinstance(each, ast.ClassDef)) == sorted(classes)


def test_blocks_take_other_arguments() -> None:
    """A class is worth having beyond the uses that the text makes of it."""
    room: dict[str, type[torch.nn.Module]] = {}
    exec(source(network("resnet50")), room)  # noqa: S102 (it is what the test is about)
    x = torch.randn(2, 24, 9, 9)
    assert room["Stage"](24, 8, 3, s=2)(x).shape == (2, 32, 5, 5)
    assert room["ResNet50"](classes=7).eval()(torch.randn(1, 3, 64, 64)).shape == (1, 7)


def test_what_cannot_change_alone_is_no_argument() -> None:
    """`width` changes what everything behind it reads."""
    assert "def __init__(self, classes: int = 1000)" in source(network("mobilenet_v2"))
    text = "model M(c=4, n=2) {\n  input 3x8x8\n  conv 3x3 c -> conv 1x1 n\n}\n"
    assert "def __init__(self, n: int = 2)" in source(good(text))
    assert "def __init__(self)" in source(good(text.replace("conv 1x1 n", "conv 1x1 n -> bn")))
    assert "def __init__(self)" in source(good(text.replace("conv 1x1 n", "conv 1x1 n*c -> conv 1x1 n")))
    assert "def __init__(self)" in source(good(text.replace("conv 3x3 c", "for i in 1..n { conv 1x1 c }")))


# -- forms ------------------------------------------------------------------------------------------------------------

CASES = {
    "several outputs": "output a: conv 1x1 2\nconv 3x3 4\noutput b: relu",
    "an output that is the input": "output a: @input\noutput b: relu",
    "a head": "aux head: { gap -> flatten -> linear 3 }\nconv 3x3 4",
    "a tapped scope": "s: { t: conv 3x3 4 -> relu }\nadd { @s.t | @s }",
    "labels with dots": "blocks.0.conv: conv 1x1 3\nblocks.1-b.conv: conv 1x1 3",
    "labels that are no names": "a-b: conv 1x1 3 -> lambda_: relu -> __x: conv 1x1 2 -> nn: conv 1x1 2 -> x: relu",
    "a step again": "t: conv 1x1 3 -> reuse t",
    "a scope again, of two values that were one": "e: add { abs | @input } x1\ntanh -> reuse e",
    "a scope again": "t: { conv 1x1 3 -> relu }\nreuse t\nreuse t",
    "a step of a scope again, outside": "s: { part: conv 1x1 3 -> relu }\nreuse s.part -> reuse s -> reuse s",
    "a step again, deeper": "t: conv 1x1 3\nu: { relu -> reuse t -> tanh }",
    "a list with a merge in it": "f[]: { conv 1x1 3 -> add { conv 1x1 3 | id } -> relu }",
    "lists in lists": "f[]: { conv 1x1 3 -> []{ relu -> conv 1x1 3 } }",
    "numbered copies, the first of another class": "s: (adaptive_avgpool 1 -> padc divisible(in.c, 8)) x3",
    "written for a reuse elsewhere": "conv 1x1 3 -> t: { e: { conv 3x3 4 } }\n@input -> reuse t.e",
    "numbered copies": "s: conv 1x1 3 x5\nt: (conv 1x1 3 -> relu) x3\nu: add { conv 1x1 3 | id } x2",
    "same_upper": "conv 2x2 4 pad=same_upper -> maxpool 2x2 /1 pad=same_lower",
    "a scope that does nothing": "s: { id }\npadc 3 -> crop 0",
    "words without modules": "max { id | abs } -> slice 0 2 -> permute 0 2 1 -> padc 4 side=both",
    "words with a class": "scale init=0.5 -> drop_path 0.1 -> layernorm",
    "a mean by shares": "avgpool 3 /2 pad=1 ceil_mode=yes count_pad=no",
    "labels that are no names, read inside": (
        "a-b: conv 3x3 4\na.b: relu\nt: { conv 1x1 4 -> add { @a-b | id } -> concat { @a.b | id } }"
    ),
    "like": "e: conv 3x3 4\nconv 3x3 4 -> upsample like=@e mode=bilinear -> concat { id | @e }",
}


@pytest.mark.parametrize("lines", CASES.values(), ids=CASES)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_forms(lines: str) -> None:
    result = compiled(model(lines, "3x8x8"))
    assert result.ok, [each.message for each in result.diagnostics]
    torch_written.check(result)


def test_a_use_of_a_part_of_a_block_is_no_use_without_the_rest() -> None:
    """The first use is asked for its middle alone: what follows there is not run, and still is a module of its own."""
    text = "block B() { m: conv 1x1 3 -> conv 1x1 3 }\nmodel Net { input 3x4x4\na: B\n@a.m -> B }\n"
    torch_written.check(compiled(text))


def test_a_list_with_fewer_members_is_a_class_of_its_own() -> None:
    """No Sequential, as it has a merge in it: its members are numbered by their places."""
    text = "block B(n)[] { sub { relu -> conv 1x1 3 | tanh -> conv 1x1 3 x n } }\nmodel M { input 3x4x4\nB 3 -> B 1 }\n"
    torch_written.check(compiled(text))


def test_a_volume_is_normalized_behind_a_permute() -> None:
    torch_written.check(compiled(model("permute 3 1 0 2 -> lrn 1 -> lrn 3", "2x3x3x3")))


def test_flattened_in_the_first_use_alone() -> None:
    """The second is given a vector already, so its reshape is nothing to do."""
    text = "block B() { abs -> reshape -1 }\nmodel Net { input 1x3x3\nB x2 }\n"
    torch_written.check(compiled(text))


def test_inputs_whose_names_are_one_in_python() -> None:
    eyes = "input left-eye: 3x8x8\ninput left_eye: 3x8x8\ninput x: 3x8x8"
    result = compiled(f"model Net {{\n{eyes}\nconcat {{ @left-eye | @left_eye | @x -> relu }}\n}}\n")
    assert result.ok, [each.message for each in result.diagnostics]
    torch_written.check(result)


@pytest.mark.parametrize("word", words())
def test_every_word(word: str) -> None:
    """Its own examples, as networks."""
    cls = words()[word]
    for example in cls.examples:
        shapes = {f"x{place}": shape for place, shape in enumerate(example.inputs)}
        lines = [f"  input {name}: {'x'.join(map(str, shape))}" for name, shape in shapes.items()]
        step = example.text if cls.merges else f"@x0 -> {example.text}"
        result = compiled(f"model M {{\n{chr(10).join(lines)}\n  {step}\n}}\n")
        assert result.ok, (example.text, [each.message for each in result.diagnostics])
        torch_written.check(result)


def test_variants_of_a_block_share_a_class() -> None:
    """A branch that is there or not, a merge that is there or not, a step of a list that is there or not."""
    text = """block B(c, twice, add, norm)[] {
  conv 1x1 c
  if norm { bn }
  s: {
    if add { add { conv 1x1 c | id } }
    if twice { tanh -> conv 1x1 c }
  }
}
block C(c, wide) { add { conv 1x1 c | if wide { conv 1x1 c -> bn } else { id } } -> relu }
model M {
  input 3x6x6
  B 4 yes yes yes -> B 4 no yes no -> B 5 yes no yes
  C 6 yes -> C 6 no -> C 7 yes
}
"""
    torch_written.check(compiled(text))
    written = source(compiled(text))
    assert "if wide:\n" in written
    assert len([line for line in written.splitlines() if line.startswith("class C")]) == 1


def test_the_same_text_gives_the_same_file() -> None:
    text = (ROOT / "examples" / "unet.cnn").read_text(encoding="utf-8")
    command = f"import sys, cnnspec; sys.stdout.write(cnnspec.loads({text!r}).torch_source())"
    runs = [
        subprocess.run([sys.executable, "-c", command], capture_output=True, check=True, env={"PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout


def test_the_page_shows_what_is_written() -> None:
    page = (ROOT / "docs" / "torch.md").read_text(encoding="utf-8")
    text, shown, _ = re.findall(r"^```(?:cnn|python)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    found = source(compiled(text, name="small.cnn"))
    assert found == re.sub("Made by cnnspec [^ ]*", f"Made by cnnspec {cnnspec.__version__}", shown)


# -- what weights begin with ------------------------------------------------------------------------------------------

BEGUN = """set conv init=he_normal
model M {
  input 3x8x8
  conv 3x3 64 -> bn init=0 -> prelu init=0.1
  conv 3x3 64 bias=no -> bn
  depthwise 3x3 -> layernorm init=0.5 -> scale init=1e-6 -> flatten
  a: linear 50 init="normal 0.02" -> b: linear 50 init=xavier_uniform -> c: linear 50
}
"""


def test_weights_begin_as_the_text_says() -> None:
    """By the facts of each layer: constants exactly, deviations by and large."""
    result = good(BEGUN)
    assert result.built is not None
    torch.manual_seed(0)
    state = torch_written.module(source(result), "M").state_dict()
    for name, weight in full_weights(result.built.graph, result.built.shapes).items():
        found = state[name].float()
        if weight.init.kind == "constant":
            assert (found == torch.tensor(weight.init.scale)).all(), name
        else:
            spread = weight.init.scale / (3**0.5 if weight.init.kind == "uniform" else 1)
            assert float(found.std()) == pytest.approx(spread, rel=0.2), name


def test_the_shortest_names_that_tell_weights_apart() -> None:
    everything = ["a.bn1.weight", "a.bn2.weight", "b.bn2.weight", "b.xbn2.weight", "bn2.weight"]
    assert suffixes(["a.bn1.weight"], everything) == ["bn1.weight"]
    assert suffixes(["a.bn2.weight"], everything) == ["a.bn2.weight"]
    assert suffixes(["bn2.weight"], everything) is None


# -- the language's expressions in Python -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4*c", "4 * c"),
        ("(c+1)//2", "(c + 1) // 2"),
        ("in.c != 4*c or s != 1", "in_channels != 4 * c or s != 1"),
        ("in(@skip).c + c", "skip_channels + c"),
        ("not wide", "not wide"),
        ("yes", "True"),
        ("in.h", None),
        ("3x3", None),
        ("div(c, 2)", "div(c, 2)"),
        ("__import__", "__import__"),
        ("c.real", None),
        ("c if d", None),
    ],
)
def test_expressions(text: str, expected: str | None) -> None:
    assert translated(text) == expected


def test_conditions_the_other_way_round() -> None:
    assert negated("s == 1 and c < d") == "s != 1 or c >= d"
    assert negated("wide") == "not wide"
    assert negated("not wide") == "wide"


def test_arguments_of_a_step() -> None:
    assert list(arguments("conv 3x3 2*c -1 /s groups=c // 2 pad=(1 + d)")) == [
        *("conv", "3x3", "2*c", "-1", "/s", "groups=c // 2", "pad=(1 + d)")
    ]


# -- the command ------------------------------------------------------------------------------------------------------


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["export", "zoo:googlenet", "--to", "torch", "-o", str(tmp_path / "a" / "b")]
    assert run(arguments) == 0
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.splitlines()[1:] == [
        "  input   input  batch x 3 x 224 x 224",
        "  output  output  batch x 1000",
        "  aux     aux1  batch x 1000",
        "  aux     aux2  batch x 1000",
    ]
    assert {each.name for each in (tmp_path / "a" / "b").iterdir()} == {"model.py", "train.py", "labels.txt"}
    assert run(["export", "zoo:lenet", "--to", "torch", "-o", str(tmp_path), "--seed", "1", "--json"]) == 0
    record = json.loads(capsys.readouterr().out)
    assert [Path(each).name for each in record["files"]] == ["model.py", "train.py", "weights.safetensors"]
    assert record["outputs"] == [{"name": "output", "shape": [10]}]
    (tmp_path / "file").write_text("")
    assert run(["export", "zoo:lenet", "--to", "torch", "-o", str(tmp_path / "file")]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_python_writes_the_same(tmp_path: Path) -> None:
    loaded = cnnspec.load("zoo:lenet", classes=3)
    exported = loaded.export(tmp_path, to="torch")
    assert exported.files == (tmp_path / "model.py", tmp_path / "train.py")
    assert (tmp_path / "model.py").read_text(encoding="utf-8") == loaded.torch_source()
    assert "classes: int = 3" in loaded.torch_source()
    with pytest.raises(ValueError, match="no format"):
        loaded.export(tmp_path, to="keras")  # type: ignore[call-overload]


def test_options_of_the_network_are_told() -> None:
    text = "model M(n=2) {\n  input 3x8x8\n  conv 1x1 n\n}\n"
    assert "from model.cnn with n=5" in source(compiled(text, Options(parameters={"n": 5})))

"""Wheel, sdist, editable install and plain checkout all find the grammar, its tables and the networks."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from cnnspec.resources import zoo_names
from tests import ROOT

FINDS = f"""
import os, sys
import cnnspec
from cnnspec.resources import folder, template_names, zoo_names
grammar = os.path.join(folder("grammar"), "cnn.lark")
assert os.path.getsize(grammar) > 1000, grammar
assert zoo_names() == {zoo_names()}, zoo_names()
assert {{"imagenet.txt", "cifar10.txt", "urbansound8k.txt"}} <= set(os.listdir(folder("examples")))
assert template_names() == ("classifier", "residual", "segmentation"), template_names()
assert {{"en.toml", "zh.toml"}} <= set(os.listdir(folder("texts")))
print(os.path.dirname(os.path.abspath(cnnspec.__file__)))
"""


def run(*command: str | Path, cwd: Path) -> str:
    """Without anything of ours on the path but what the environment holds."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP"))}
    environment |= {"PIP_NO_INDEX": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1"}
    done = subprocess.run([str(each) for each in command], cwd=cwd, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel and the sdist."""
    target = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", target, ROOT, cwd=target)
    return target


def environment(folder: Path) -> Path:
    """A fresh environment that sees the libraries installed here, though not what is installed in editable form."""
    venv.EnvBuilder(with_pip=False, symlinks=os.name != "nt").create(folder)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    site = run(scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
    (Path(site.strip()) / "libraries.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return scripts


def install(scripts: Path, *what: str | Path) -> None:
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python")
    run(*pip, "install", "--quiet", "--no-deps", "--no-build-isolation", "--force-reinstall", *what, cwd=scripts)


def answers(*command: str | Path, cwd: Path) -> None:
    """Networks of the zoo are checked: grammar, tables, examples and the blocks that they use are there. And there is
    a first file."""
    run(*command, "check", "zoo:resnet50", "zoo:vgg16_bn", "zoo:mobilenet_v2", cwd=cwd)
    assert run(*command, "new", "-", "--template", "residual", cwd=cwd).startswith("# A residual network")
    assert "<table" in run(*command, "report", "zoo:lenet", "--format", "html", cwd=cwd)
    assert "H′ = W′ = " in run(*command, "explain", "zoo:lenet", "conv1", cwd=cwd)


@pytest.mark.parametrize("form", ["wheel", "sdist", "editable"])
def test_installed(form: str, built: Path, tmp_path: Path) -> None:
    scripts = environment(tmp_path / "environment")
    what: dict[str, list[str | Path]] = {
        "wheel": [*built.glob("*.whl")],
        "sdist": [*built.glob("*.tar.gz")],
        "editable": ["--editable", ROOT],
    }
    install(scripts, *what[form])
    home = run(scripts / "python", "-c", FINDS, cwd=tmp_path).strip()
    assert (Path(home) == ROOT / "cnnspec") == (form == "editable")
    answers(scripts / "cnnspec", cwd=tmp_path)


def test_plain_checkout(tmp_path: Path) -> None:
    python = environment(tmp_path / "environment") / "python"
    assert run(python, "-c", FINDS, cwd=ROOT).strip() == str(ROOT / "cnnspec")
    answers(python, "-m", "cnnspec", cwd=ROOT)


def test_the_archives_hold_what_they_should(built: Path, tmp_path: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    names = run(sys.executable, "-m", "tarfile", "--list", sdist, cwd=tmp_path)
    for each in (
        "grammar/cnn.lark",
        "examples/resnet50.cnn",
        "templates/residual.cnn",
        "tests/test_packaging.py",
        "README.md",
        "LICENSE",
    ):
        assert each in names
    (wheel,) = built.glob("*.whl")
    names = run(sys.executable, "-m", "zipfile", "--list", wheel, cwd=tmp_path)
    assert "cnnspec/py.typed" in names
    assert "cnnspec/templates/residual.cnn" in names
    assert "cnnspec/texts/zh.toml" in names
    assert {each for each in ("page.css", "page.js") if f"cnnspec/reports/page/{each}" not in names} == set()
    assert "tests/" not in names

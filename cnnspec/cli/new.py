"""`cnnspec new`"""

from __future__ import annotations

import os
import re
from pathlib import Path
from shlex import quote

import click

from cnnspec.cli.conventions import CLEAN
from cnnspec.cli.kinds import Choice
from cnnspec.cli.options import colour_option, looks
from cnnspec.cli.refusal import refuse
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.files import STDIN as STDOUT
from cnnspec.reports.look import visible
from cnnspec.resources import ZOO, template_names, template_path

DEFAULT = "model.cnn"
"""The file without a name; the templates call themselves so, too."""


@click.command(cls=Verb)
@click.argument("name", default=DEFAULT, metavar="[NAME|FILE]")
@click.option(
    "--template",
    type=Choice(template_names()),
    default="classifier",
    show_default=True,
    help="What the network is; see above.",
)
@click.option("--force", is_flag=True, help="Replace the file if there is one.")
@colour_option
def new(name: str, template: str, force: bool, colour: str) -> int:
    """Write a first network that explains itself.

    The file is model.cnn, or NAME.cnn, and its model is called after it; - prints the text instead. Every line of it
    is explained, and it compiles as it is. A file that exists is never overwritten without --force.

    \b
    Templates:
      classifier    a picture in, a score for each class out
      residual      blocks, repeats, a width to choose
      segmentation  a class for every pixel; several branches, any size

    \b
    Examples:
      cnnspec new
      cnnspec new my_net --template residual
      cnnspec new - > model.cnn
    """
    out, err = looks(colour)
    with open(template_path(template), encoding="utf-8") as file:
        text = file.read()
    if name == STDOUT:
        say(text)
        return CLEAN
    from cnnspec.lower.errors import ExportError
    from cnnspec.reports.created import created_text

    path = _path(name)
    try:
        if not force and not _claimed(path):
            return refuse(f"`{path}` exists already", "`--force` replaces it; `cnnspec new NAME` writes another", err)
        _write(path, named(text, path), claimed=not force)
    except ExportError as error:
        return refuse(error.message, error.hint, err)
    say(created_text(path, template, out))
    return CLEAN


def _path(name: str) -> Path:
    """Where `NAME` or `FILE` is to be written; a usage error where that can be no file of ours."""
    if name.startswith(ZOO):
        raise click.UsageError(f"`cnnspec zoo {name.removeprefix(ZOO)} > my_net.cnn` copies a network of the zoo")
    if not name.strip() or name.endswith(("/", os.sep)):
        raise click.UsageError(f"`{name}` is no name of a file; for example `{os.path.join(name.strip(), DEFAULT)}`")
    return Path(name if name.endswith(".cnn") else f"{name}.cnn")


def named(text: str, path: Path) -> str:
    """A template's text for a file: its comments name the file, and its model is called after it, if it can be."""
    text = text.replace(DEFAULT, visible(quote(path.name)))
    name = model_name(path.stem)
    if name is None or re.search(rf"\b{name}\b", text):
        return text
    return re.sub(r"^model \w+", f"model {name}", text, count=1, flags=re.MULTILINE)


def model_name(stem: str) -> str | None:
    """`my_net-2` as a model is called: `MyNet2`. None for what makes no good name, and for the file without one."""
    if stem == Path(DEFAULT).stem or not re.fullmatch(r"[A-Za-z][\w. -]{0,39}", stem, re.ASCII):
        return None
    return "".join(part[0].upper() + part[1:] for part in re.findall(r"[A-Za-z0-9]+", stem))


def _claimed(path: Path) -> bool:
    """Takes the name with an empty file, so that what appears there meanwhile is not overwritten either; False if it
    is taken."""
    from cnnspec.lower.atomic import failure

    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
    except FileExistsError:
        return False
    except OSError as error:
        raise failure(path, error) from error
    return True


def _write(path: Path, text: str, claimed: bool) -> None:
    """The text, whole or not at all; then the claimed name is given up again."""
    from cnnspec.lower.atomic import write_together

    try:
        write_together({path: [text.encode("utf-8")]})
    except BaseException:
        if claimed:
            path.unlink(missing_ok=True)
        raise

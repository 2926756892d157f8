"""`cnnspec zoo`"""

import click
from click.shell_completion import CompletionItem

from cnnspec.cli.options import colour_option, looks
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from cnnspec.resources import zoo_names

    return [CompletionItem(name) for name in zoo_names() if name.startswith(incomplete)]


@click.command(cls=Verb)
@click.argument("name", required=False, shell_complete=_complete)
@click.option("--json", "as_json", is_flag=True, help="Print the names as a JSON list.")
@colour_option
def zoo(name: str | None, as_json: bool, colour: str) -> int:
    """List the networks that come along, or print one.

    \b
    Examples:
      cnnspec zoo
      cnnspec check zoo:resnet50
      cnnspec zoo lenet > my_net.cnn
    """
    if name is not None:
        say(_text(name.removeprefix("zoo:")))
        return 0
    from cnnspec.reports.zoo import zoo_list
    from cnnspec.resources import zoo_names

    if as_json:
        import json

        say(json.dumps(list(zoo_names())) + "\n")
    else:
        say(zoo_list([(f"zoo:{each}", _text(each)) for each in zoo_names()], looks(colour)[0]))
    return 0


def _text(name: str) -> str:
    """The file of a network, or of blocks that a network uses."""
    from cnnspec.files import path_of
    from cnnspec.reading import Refusal
    from cnnspec.resources import ZOO, example_path

    path = example_path(name) or path_of(f"{ZOO}{name}")
    if isinstance(path, Refusal):
        raise click.UsageError(f"{path.message}; {(path.help or '').replace(ZOO, '')}")
    with open(path, encoding="utf-8") as file:
        return file.read()

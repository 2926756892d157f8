"""`cnnspec completion`, and how bash splits `zoo:resnet50`."""

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class

from cnnspec.cli.conventions import COMPLETE
from cnnspec.cli.kinds import Choice
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb
from cnnspec.resources import ZOO


class Bash(BashComplete):
    """For bash a colon ends a word: `zoo:res` comes as `zoo`, `:`, `res`, and only `res` is replaced."""

    name = "bash"
    in_zoo = False

    def get_completion_args(self) -> tuple[list[str], str]:
        words, incomplete = super().get_completion_args()
        if words[-2:] == ["zoo", ":"]:
            words, incomplete, self.in_zoo = words[:-2], ZOO + incomplete, True
        elif words[-1:] == ["zoo"] and incomplete == ":":
            words, incomplete, self.in_zoo = words[:-1], ZOO, True
        return words, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        text = super().format_completion(item)
        return text.replace(ZOO, "", 1) if self.in_zoo else text


add_completion_class(Bash)


@click.command(cls=Verb)
@click.argument("shell", type=Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> int:
    """Print the script for a shell's completion.

    It completes commands, options, files and zoo: names.

    \b
    Examples:
      cnnspec completion bash >> ~/.bashrc
      cnnspec completion zsh >> ~/.zshrc
      cnnspec completion fish > ~/.config/fish/completions/cnnspec.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    command = click.get_current_context().find_root().command
    say(kind(command, {}, "cnnspec", COMPLETE).source() + "\n")
    return 0

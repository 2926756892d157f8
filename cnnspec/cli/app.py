"""The command `cnnspec`: finds the verb, and turns whatever happens into an exit code."""

import importlib
import os
from collections.abc import Sequence

import click

from cnnspec import __version__
from cnnspec.cli.conventions import CLEAN, COMPLETE, FAULT, INTERRUPTED, USAGE
from cnnspec.cli.streams import OutputError, hold_descriptors, hush, say, tell
from cnnspec.source.nearest import nearest

VERBS = (
    "new",
    "check",
    "fmt",
    "report",
    "formulas",
    "sweep",
    "explain",
    "diff",
    "field",
    "sizes",
    "memory",
    "export",
    "train",
    "eval",
    "run",
    "zoo",
    "words",
    "rule",
    "completion",
)
"""In the order of the help; each is a command of the same name in a module of the same name,"""
MODULES = {"eval": "evaluate"}
"""but for this: Python has a function that is called so."""


class Verbs(click.Group):
    """A group that imports a verb when it is asked for it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        name = MODULES.get(cmd_name, cmd_name)
        command = getattr(importlib.import_module(f"cnnspec.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command `{args[0]}`{_meant(args[0])}", ctx)
        return super().resolve_command(ctx, args)


def _meant(word: str) -> str:
    if near := nearest(word, VERBS):
        return f"; did you mean `{near}`?"
    if word.endswith((".cnn", ".onnx")) or word.startswith("zoo:"):
        return f"; did you mean `cnnspec check {word}`?"
    return f"; the commands are {', '.join(VERBS)}"


@click.group(
    "cnnspec",
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    invoke_without_command=True,
)
@click.version_option(__version__, prog_name="cnnspec", message="%(prog)s %(version)s")
@click.pass_context
def command(context: click.Context) -> None:
    """A compiler for convolutional networks.

    From a text that reads like the table in a paper: exact shapes, parameters, MACs and receptive fields, and ONNX
    that runs.

    \b
    Try:
      cnnspec new
      cnnspec check zoo:resnet50
      cnnspec report zoo:resnet50 --levels 2
    """
    if context.invoked_subcommand is None:
        say(context.get_help() + "\n")
    elif context.invoked_subcommand == "train":
        from cnnspec.training.launch import is_silent

        hush(is_silent())


def run(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line (of the process, if none is given) and gives its exit code. Never raises."""
    hold_descriptors()
    if COMPLETE in os.environ:
        importlib.import_module("cnnspec.cli.completion")  # it knows how a shell splits `zoo:resnet50`
    try:
        code = command.main(arguments, prog_name="cnnspec", complete_var=COMPLETE, standalone_mode=False)
        say("")
        return code if isinstance(code, int) else CLEAN
    except click.ClickException as error:
        _usage(error)
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as end:  # click's own: shell completion, or help that nobody reads any more
        return end.code if isinstance(end.code, int) and COMPLETE in os.environ else CLEAN
    except OutputError as error:
        tell(f"error: {error}\n")
        return USAGE
    except MemoryError:
        tell("error: there is not enough memory for this\n")
        return USAGE
    except Exception as fault:  # the one place that may catch all: a user never sees a traceback
        from cnnspec.cli.fault import report_fault

        hush(False)
        report_fault(fault)
        return FAULT


def _usage(error: click.ClickException) -> None:
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = error.format_message()
    lines = [f"error: {message[:1].lower()}{message[1:].rstrip('.')}"]
    if context:
        lines += [context.get_usage(), f"help: `{context.command_path} --help` shows all options, with examples"]
    tell("\n".join([*lines, ""]))

"""The programs of a rule's page, checked as `cnnspec check` would check them, with no file on the disk."""

from cnnspec.build.options import Options
from cnnspec.cli.check import check, selection_of
from cnnspec.cli.options import network_options_of
from cnnspec.files import Library, Refusal
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.rules.page import Page, Program
from cnnspec.rules.review import reviewed
from cnnspec.source.text import Source

NAME = "model.cnn"


class Shelf(Library):
    """A library that holds the files of a page before those that lie on the disk."""

    def __init__(self, files: dict[str, str], options: Options) -> None:
        super().__init__(NAME, options.limits)
        self.files = files

    def read(self, path: str, by: Source) -> Source | Refusal:
        if path in self.files:
            return Source(path, self.files[path])
        return super().read(path, by)


def tried(program: Program, page: Page) -> tuple[Compiled, ...]:
    """What comes of a program in the language."""
    given = check.make_context("check", [*program.options, NAME]).params
    options = network_options_of(given["settings"], given["model"], given["inputs"], given["limits"])
    files = {**page.files, NAME: program.text}
    chosen = selection_of(given["select"], given["ignore"], given["pedantic"], given["perf"])
    shelf = Shelf(files, options)
    return reviewed(compile_models(Source(NAME, program.text), options, shelf), chosen, shelf)

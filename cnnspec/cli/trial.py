"""The programs of a rule's page, checked as `cnnspec check` would check them, with no file on the disk."""

from cnnspec.cli.check import check, selection_of
from cnnspec.cli.options import network_options_of
from cnnspec.files import Library
from cnnspec.fixes.solve import solved
from cnnspec.pipeline import Compiled, compile_models
from cnnspec.rules.page import Page, Program
from cnnspec.rules.review import reviewed
from cnnspec.source.text import Source

NAME = "model.cnn"


def tried(program: Program, page: Page) -> tuple[Compiled, ...]:
    """What comes of a program in the language."""
    given = check.make_context("check", [*program.options, NAME]).params
    options = network_options_of(given["settings"], given["model"], given["inputs"], given["limits"])
    files = {**page.files, NAME: program.text}
    chosen = selection_of(given["select"], given["ignore"], given["pedantic"], given["perf"])
    library = Library(NAME, options.limits, files)
    found = solved(compile_models(Source(NAME, program.text), options, library), options)
    return reviewed(found, chosen, library)

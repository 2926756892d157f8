"""`cnnspec rule`"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from cnnspec.cli.forms import form_flags
from cnnspec.cli.kinds import Choice
from cnnspec.cli.options import colour_option, looks
from cnnspec.cli.streams import say
from cnnspec.cli.verb import Verb

if TYPE_CHECKING:
    from cnnspec.reports.findings.rules import Said
    from cnnspec.rules.page import Page, Program


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from cnnspec.rules.catalogue import ids

    return [CompletionItem(id) for id in ids() if id.startswith(incomplete)]


@click.command(cls=Verb)
@click.argument("id", required=False, shell_complete=_complete)
@click.option(
    "--format", "form", type=Choice(["text", "markdown", "json"]), help="How it is printed; as text if not said."
)
@form_flags("json", "markdown")
@colour_option
def rule(id: str | None, form: str | None, colour: str) -> int:
    """List what check may say, or show one rule.

    A rule's page says why it is there, with a program that fails, what is said of it, and the program mended.

    \b
    Examples:
      cnnspec rule
      cnnspec rule shape-mismatch
      cnnspec rule --format markdown > rules.md
    """
    from cnnspec.reports.findings import rules as shown
    from cnnspec.rules.page import page_of

    form = form or "text"
    if id is None:
        return _all(form, colour)
    _check_known(id)
    page = page_of(id)
    if form == "json":
        import json

        say(json.dumps(shown.page_record(page, said_of(page)), indent=2) + "\n")
    elif form == "markdown":
        say(shown.page_markdown(page, said_of(page)))
    else:
        say(shown.page_text(page, said_of(page), looks(colour)[0]))
    return 0


def _all(form: str, colour: str) -> int:
    from cnnspec.reports.findings import rules as shown
    from cnnspec.rules.catalogue import rules
    from cnnspec.rules.page import page_of

    pages = [page_of(each.id) for each in rules()]
    if form == "json":
        import json

        say(json.dumps([shown.rule_record(each) for each in pages], indent=2) + "\n")
    elif form == "markdown":
        say(shown.catalogue_markdown(pages, said_of))
    else:
        say(shown.catalogue(pages, looks(colour)[0]))
    return 0


def _check_known(id: str) -> None:
    from cnnspec.rules.catalogue import ids
    from cnnspec.source.nearest import nearest

    if id not in ids():
        near = nearest(id, ids())
        meant = f"did you mean `{near}`?" if near else "`cnnspec rule` lists them"
        raise click.UsageError(f"there is no rule `{id}`; {meant}", click.get_current_context(silent=True))


def said_of(page: Page) -> Said:
    """What `check` says of a program of this page, of this rule alone."""
    from cnnspec.cli.trial import tried
    from cnnspec.reports.findings.text import render_all
    from cnnspec.reports.look import Look

    def said(program: Program) -> str:
        found = [one for each in tried(program, page) for one in each.diagnostics if one.id == page.rule.id]
        return render_all(found, Look(width=100))

    return said

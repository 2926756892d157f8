"""`cnnspec words`"""

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
    from cnnspec.reports.look import Look


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from cnnspec.manual.entries import entries

    return [
        CompletionItem(word, help=entry.explained.summary)
        for word, entry in sorted(entries().items())
        if word.startswith(incomplete)
    ]


@click.command(cls=Verb)
@click.argument("word", required=False, shell_complete=_complete)
@click.option(
    "--format",
    "form",
    type=Choice(["text", "markdown", "json"]),
    help="What is printed, text if not said; the fields of json are in docs/cli.md.",
)
@form_flags("json", "markdown")
@colour_option
def words(word: str | None, form: str | None, colour: str) -> int:
    """List the words of the language, or explain one.

    A word's page says how it is written, what its arguments take, its formula, shapes and source, and works out an
    example. What other tools call it leads to it: Conv2d, Dense. A keyword is explained too: for, block, set.

    \b
    Examples:
      cnnspec words
      cnnspec words conv_transpose
      cnnspec words --format markdown > words.md
    """
    from cnnspec.manual.entries import entries

    form = form or "text"
    if word is not None and word not in entries():
        if (told := _keyword(word, form, looks(colour)[0])) is None:
            raise click.UsageError(_unknown(word))
        say(told)
        return 0
    if word is None and form == "text":
        from cnnspec.reports.words.text import word_list

        say(word_list(entries().values(), looks(colour)[0]))
    else:
        say(_printed(word, form, looks(colour)[0]))
    return 0


def _printed(word: str | None, form: str, look: Look) -> str:
    """One word's page, or those of all."""
    from cnnspec.manual.entries import entries
    from cnnspec.manual.worked import page

    pages = [page(each) for each in (entries().values() if word is None else (entries()[word],))]
    if form == "json":
        import json

        from cnnspec.reports.words.json import word_record

        records = [word_record(each) for each in pages]
        return json.dumps(records if word is None else records[0], indent=2, ensure_ascii=False) + "\n"
    if form == "markdown":
        from cnnspec.reports.words.markdown import word_markdown, words_markdown

        return words_markdown(pages) if word is None else word_markdown(pages[0])
    from cnnspec.reports.words.text import word_page

    return word_page(pages[0], look)


def _keyword(name: str, form: str, look: Look) -> str | None:
    """The page of what belongs to the grammar; None if the name does not."""
    from cnnspec.manual.keywords import keywords
    from cnnspec.reports.words.keyword import keyword_markdown, keyword_page, keyword_record

    keyword = keywords().get(name)
    if keyword is None:
        return None
    if form == "json":
        import json

        return json.dumps(keyword_record(keyword), indent=2, ensure_ascii=False) + "\n"
    return keyword_markdown(keyword) if form == "markdown" else keyword_page(keyword, look)


def _unknown(name: str) -> str:
    from cnnspec.manual.entries import meant

    near = meant(name)
    return f"there is no word `{name}`; " + (f"did you mean `{near}`?" if near else "`cnnspec words` lists them all")

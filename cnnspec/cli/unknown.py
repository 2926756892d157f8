"""An option that a verb does not have: what it has instead, or which verbs have it."""

from __future__ import annotations

from typing import NamedTuple

import click

from cnnspec.source.nearest import edits, nearest

FORMS = {
    "--json": "json",
    "--csv": "csv",
    "--md": "markdown",
    "--markdown": "markdown",
    "--html": "html",
    "--table": "table",
    "--text": "text",
}
TITLES = {"json": "JSON", "csv": "CSV", "markdown": "Markdown", "html": "HTML"}
WRITES = ("-o", "--output", "--out")


class Written(NamedTuple):
    """The forms in which a verb prints, each with the option that says so."""

    forms: dict[str, str]
    writes: bool


def unknown_option(command: click.Command, context: click.Context, name: str) -> str:
    """What is said of an option that the command does not have."""
    verb, own = context.info_name or "", _options(command)
    if name in FORMS:
        return _form(command, context, name)
    near = next((each for each in own if len(name) > 3 and each.startswith(name)), None) or _near(name, own)
    if near and (near.startswith(name) or edits(near, name) == 1 or _parts(near) == _parts(name)):
        return f"there is no option `{name}`; did you mean `{near}`?"
    if having := _having(context, name):
        keeps = f"; `cnnspec {verb} … > FILE` writes it to a file" if name in WRITES else ""
        return f"`{verb}` has no `{name}`; {_list(having)} {'has' if len(having) == 1 else 'have'} it{keeps}"
    return f"there is no option `{name}`" + (f"; did you mean `{near}`?" if near else "")


def _near(name: str, own: list[str]) -> str | None:
    """The option that was likely meant; one with the same words in another order, and none for a letter."""
    if len(name) <= len("-x"):
        return None
    return next((each for each in own if _parts(each) == _parts(name)), None) or nearest(name, own)


def _parts(option: str) -> list[str]:
    return sorted(option.strip("-").split("-"))


def _form(command: click.Command, context: click.Context, name: str) -> str:
    verb, form, written = context.info_name or "", FORMS[name], _written(command)
    if form in written.forms:
        to = f" -o FILE.{form}" if form == "html" and written.writes else ""
        return f"`{verb}` has no `{name}`; it is `{written.forms[form]}{to}`"
    has = list(written.forms.values())
    if form == "text":
        return f"`{verb}` has no `{name}`; it prints text anyway" + (f", or {_list(has, 'or')}" if has else "")
    prints = f"it prints text, or {_list(has, 'or')}" if has else "it prints text alone"
    return f"`{verb}` has no {TITLES.get(form, form)}; {prints}"


def _written(command: click.Command) -> Written:
    options = _options(command)
    said = next((each.type for each in command.params if each.name == "form"), None)
    choices = [str(each) for each in said.choices] if isinstance(said, click.Choice) else []
    forms = {form: f"--format {form}" for form in choices if form not in ("text", "table", "full")}
    for option in ("--markdown", "--md", "--csv", "--json"):
        if option in options:
            forms[FORMS[option]] = option
    return Written(forms, "--output" in options)


def _options(command: click.Command) -> list[str]:
    return [option for each in command.params if isinstance(each, click.Option) for option in each.opts]


def _having(context: click.Context, name: str) -> list[str]:
    """The verbs with this option, in the order of the help."""
    group = context.find_root().command
    if not isinstance(group, click.Group):
        return []
    verbs = [(verb, group.get_command(context, verb)) for verb in group.list_commands(context)]
    return [verb for verb, command in verbs if command and name in _options(command)]


def _list(words: list[str], last: str = "and") -> str:
    told = [f"`{each}`" for each in words]
    return f"{', '.join(told[:-1])} {last} {told[-1]}" if len(told) > 1 else told[0]

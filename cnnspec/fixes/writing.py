"""Edits that give a step another argument, put steps before or behind it, replace it, or take it out."""

from collections.abc import Mapping

from cnnspec.contract.fields import Field
from cnnspec.fixes.sites import Site
from cnnspec.source.diagnostic import Edit
from cnnspec.source.text import Span
from cnnspec.syntax import tree


def argument(step: tree.Apply, fields: Mapping[str, Field], name: str) -> tree.Arg | None:
    """The argument that is written for a field, if one is."""
    by_place = [field.name for field in fields.values() if field.positional and not field.kind.many]
    place = 0
    for arg in step.args:
        if arg.name is not None:
            found = arg.name.name
        elif arg.slash:
            found = next((field.name for field in fields.values() if field.slash), "")
        else:
            found = by_place[place] if place < len(by_place) else ""
            place += 1
        if found == name:
            return arg
    return None


def given(step: tree.Apply, fields: Mapping[str, Field], name: str, value: str) -> Edit | None:
    """Writes `value` for a field: in place of what stands there, else behind the last argument."""
    arg = argument(step, fields, name)
    if arg is not None:
        return Edit(arg.value.span, value)
    field = fields[name]
    if field.positional and field.required:
        return None
    return added(step, f"/{value}" if field.slash else f"{name}={value}")


def added(step: tree.Apply, text: str) -> Edit:
    """A further argument."""
    end = (step.args[-1].span if step.args else step.word.span).end
    return Edit(Span(step.span.source, end, end), f" {text}")


def without(arg: tree.Arg) -> Edit:
    """Takes an argument out, with the blanks before it."""
    source = arg.span.source
    start = len(source.text[: arg.span.start].rstrip(" \t"))
    return Edit(Span(source, start, arg.span.end), "")


def before(site: Site, steps: str) -> Edit:
    """Steps in front of a step, its label included."""
    start = site.step.span.start
    return Edit(Span(site.step.span.source, start, start), f"{steps} -> ")


def behind(site: Site, steps: str) -> Edit:
    """Steps behind a step; a lone `id` gives way to them."""
    step = site.step
    if is_id(step) and len(site.chain.steps) == 1:
        return Edit(step.span, steps)
    return Edit(Span(step.span.source, step.span.end, step.span.end), f" -> {steps}")


def instead(site: Site, text: str) -> Edit:
    """Another step in place of the core, so that its label, repeat and `=>` stay."""
    return Edit(site.step.core.span, text)


def taken_out(site: Site) -> Edit | None:
    """The step goes, with the arrow that joins it; a line that was this step alone goes as a whole."""
    steps, place, source = site.chain.steps, site.place, site.step.span.source
    if place + 1 < len(steps):
        return Edit(Span(source, site.step.span.start, steps[place + 1].span.start), "")
    if place > 0:
        return Edit(Span(source, steps[place - 1].span.end, site.step.span.end), "")
    text, span = source.text, site.chain.span
    start, end = text.rfind("\n", 0, span.start) + 1, text.find("\n", span.end)
    if end < 0 or text[start : span.start].strip() or text[span.end : end].strip():
        return None
    return Edit(Span(source, start, end + 1), "")


def is_id(step: tree.Step) -> bool:
    """Whether a step is nothing but `id`."""
    core = step.core
    is_plain = step.label is None and step.repeat is None and step.expect is None
    return is_plain and isinstance(core, tree.Apply) and core.word.name == "id" and not core.args

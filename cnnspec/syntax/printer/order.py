"""The order of arguments: those by place, then the stride, then those by name."""

from bisect import bisect_left
from collections.abc import Sequence

from cnnspec.source.text import Source
from cnnspec.syntax import tree


def ordered(file: tree.File) -> Source:
    """The text of a file with each step's arguments in that order; the same source where nothing has to move.

    A step whose arguments a comment parts is left alone.
    """
    source, parts, at = file.span.source, list[str](), 0
    noted = [each.span.start for each in file.comments]
    for node in tree.walk(file):
        args = node.args if isinstance(node, tree.Apply | tree.Input) else ()
        wanted = in_order(args)
        if wanted == args:
            continue
        start, end = args[0].span.start, args[-1].span.end
        glued = isinstance(node, tree.Apply) and node.word.span.end == start
        if not glued and bisect_left(noted, start) == bisect_left(noted, end):
            parts += [source.text[at:start], " ".join(each.span.text for each in wanted)]
            at = end
    return Source(source.name, "".join([*parts, source.text[at:]])) if parts else source


def in_order(args: Sequence[tree.Arg]) -> tuple[tree.Arg, ...]:
    """Arguments in that order, those of one kind as they were. Tensors are a node's operands in the order in which they
    are given, so that a step that takes some keeps its own."""
    if any(isinstance(each.value, tree.Ref) for each in args):
        return tuple(args)
    return tuple(sorted(args, key=lambda each: 2 if each.name else 1 if each.slash else 0))

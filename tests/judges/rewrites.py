"""Rewritings of a text that change nothing, or only what is said: the compiler as a judge of itself.

Each takes a text that compiles and gives another; a text in which there is nothing to rewrite comes back as it is.
"""

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cnnspec.contract.values import describe
from cnnspec.ir.graph import Graph
from cnnspec.passes.fold import ShapeTable
from cnnspec.pipeline import Compiled
from cnnspec.source.text import Source
from cnnspec.syntax import tree
from cnnspec.syntax.parse import parse

Edit = tuple[int, int, str]


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with each range replaced; ranges do not overlap."""
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def file_of(text: str) -> tree.File:
    file, troubles = parse(Source("model.cnn", text))
    assert not troubles, troubles
    return file


def walk(node: Any) -> Iterator[Any]:
    """Every node of the tree, outermost first."""
    if isinstance(node, tuple):
        if hasattr(node, "_fields"):
            yield node
        for each in node:
            yield from walk(each)


def bare(node: Any) -> Any:
    """The tree without its places and comments."""
    if isinstance(node, tree.File):
        node = node._replace(comments=())
    if isinstance(node, tuple) and hasattr(node, "_fields"):
        fields = {name: getattr(node, name) for name in node._fields if name != "span"}
        if isinstance(node, tree.Body):
            fields["bars"] = len(node.bars)
        return type(node).__name__, *(bare(each) for each in fields.values())
    return tuple(map(bare, node)) if isinstance(node, tuple) else node


# -- what must stay ---------------------------------------------------------------------------------------------------


def same_network(one: Compiled, other: Compiled, renamed: Mapping[str, str] | None = None) -> None:
    """Nodes, layers, operands, shapes, owners, scopes and outputs are equal; `renamed` maps parts of names before."""
    assert one.built is not None
    assert other.built is not None, [each.message for each in other.diagnostics]
    assert other.ok, [each.message for each in other.diagnostics]
    before = _facts(one.built.graph, one.built.shapes, renamed or {})
    after = _facts(other.built.graph, other.built.shapes, {})
    for what in before:
        assert before[what] == after[what], what


def _facts(graph: Graph, shapes: ShapeTable, renamed: Mapping[str, str]) -> dict[str, Any]:
    def new(name: str | None) -> str | None:
        for old, replacement in renamed.items():
            name = name and re.sub(_whole(old), replacement, name)
        return name

    nodes = [
        (new(node.id), node.layer, [new(each) for each in node.inputs], new(node.scope), new(node.reuse_of))
        for node in graph
    ]
    return {
        "the nodes": nodes,
        "the shapes": [shapes[id] for id in graph.nodes],
        "the scopes": [(new(path), each.listed) for path, each in graph.scopes.items()],
        "the outputs": {new(name): new(id) for name, id in graph.outputs.items()},
        "the auxiliary heads": {new(name): (new(each.node), each.weight) for name, each in graph.aux.items()},
    }


def _whole(name: str) -> str:
    return rf"(?<![\w-]){re.escape(name)}(?!\w)"


# -- the rewritings ---------------------------------------------------------------------------------------------------


def with_identities(text: str, chance: random.Random) -> str:
    """`-> id` behind some steps. Not where it would mean something: behind a labelled `@` or `id`, behind a line that
    is one loop (whose turns are branches in a merge), behind the one step that an output lends its name to."""
    file = file_of(text)
    lending = {id(line.chain) for line in _lending(file)}
    edits = []
    for chain in (each for each in walk(file) if isinstance(each, tree.Chain)):
        alone = len(chain.steps) == 1
        if alone and (isinstance(chain.steps[0].core, tree.Loop) or id(chain) in lending):
            continue
        for step in chain.steps:
            plain = isinstance(step.core, tree.Apply) and step.core.word.name in ("id", "none")
            named = step.label is not None and (plain or isinstance(step.core, tree.Ref))
            if not named and text[step.span.start : step.span.end] != "none" and chance.random() < 0.5:
                edits.append((step.span.end, step.span.end, " -> id"))
    return edited(text, edits)


def _lending(file: tree.File) -> list[tree.Output | tree.Aux]:
    """The lines that lend their name to a chain of one step."""
    return [each for each in walk(file) if isinstance(each, (tree.Output, tree.Aux))]


def with_another_label(text: str, chance: random.Random) -> tuple[str, str]:
    """A label called `renamed` instead, wherever it stands; and what it was called. Labels are unique in the text."""
    file = file_of(text)
    labels = [each.label.name for each in walk(file) if isinstance(each, (tree.Step, tree.Input)) and each.label]
    labels += [each.label.name for each in _lending(file)]
    stems = sorted({match.group() for each in labels if (match := re.match(r"\w+?-?\d+", each))})
    if not stems:
        return text, ""
    old = chance.choice(stems)
    return re.sub(_whole(old), "renamed", text), old


def with_repeats_in_full(text: str) -> str:
    """`conv 1x1 8 x2` as `conv 1x1 8 -> conv 1x1 8`; a labelled repeat of a step as a list `[]` of its copies, which
    bear the same numbers. Innermost repeats only, those with a number for a count, and no single step of an output,
    which is a labelled repeat."""
    edits, file = [], file_of(text)
    lent = {id(line.chain.steps[0]) for line in _lending(file) if len(line.chain.steps) == 1}
    for step in (each for each in walk(file) if isinstance(each, tree.Step) and id(each) not in lent):
        times = step.repeat.value if isinstance(step.repeat, tree.Number) else 0
        if not times or not isinstance(times, int) or step.repeat is None or _repeats(step.core):
            continue
        core = text[step.core.span.start : step.core.span.end]
        end = step.expect.span.start if step.expect else step.span.end
        rest = " " if step.expect else ""
        copies = " -> ".join([core] * times)
        if step.label is None:
            edits.append((step.core.span.start, end, copies + rest))
        elif (
            isinstance(step.core, tree.Apply) and step.core.body is None and step.core.word.name not in ("id", "reuse")
        ):
            edits.append((step.span.start, end, f"{step.label.name}[]: {{ {copies} }}{rest}"))
    return edited(text, edits)


def _repeats(core: tree.Core) -> bool:
    return any(isinstance(each, tree.Step) and each.repeat is not None for each in walk(core))


def with_a_block_inlined(text: str, result: Compiled) -> str:
    """A labelled use of a block as a scope: its body in braces behind the same label, with its parameters as `let`
    lines. Only where that must be the same: the body asks nothing of what came in, takes no tensor, and no `set` stands
    between the block and its use."""
    assert result.built is not None
    file = file_of(text)
    blocks = {each.name.name: each for each in file.items if isinstance(each, tree.Block)}
    (model,) = (each for each in file.items if isinstance(each, tree.Model))
    place = min((each.span.start for each in blocks.values()), default=0)
    if any(isinstance(each, tree.Set) and each.span.start > place for each in (*file.items, *walk(model))):
        return text
    for step in (each for each in walk(model) if isinstance(each, tree.Step)):
        scope = result.built.graph.scopes.get(step.label.name) if step.label else None
        block = blocks.get(scope.block or "") if scope else None
        if scope is None or block is None or step.repeat is not None or any(each.tensor for each in block.params):
            continue
        body = text[block.body.span.start : block.body.span.end]
        if not re.search(r"\bin\.", body):
            lets = "".join(f"\nlet {name} = {describe(each)}" for name, each in scope.arguments.items())
            listed = "[]" if block.listed else ""
            whole = f"{scope.path}{listed}: {{{lets}\n{body[1:]}"
            return edited(text, [(step.span.start, step.core.span.end, whole)])
    return text


def with_other_blanks(text: str, chance: random.Random) -> str:
    """Blanks doubled outside of quotes, comments and empty lines at the ends of lines, lines broken before arrows, ends
    of Windows."""

    def blank(match: re.Match[str]) -> str:
        if match.group().startswith('"'):
            return match.group()
        if match.group() == "\n":
            return chance.choice(["\n", "\n", '  # a remark { -> | "\n', "\n\n", "\n  \t\n# alone\n"])
        if match.group().startswith(" ->"):
            return chance.choice([" -> ", "\n  -> ", "\n\n->\n  ", " ->  ", "\t->\t"])
        return chance.choice([" ", " ", "  ", "\t"])

    rewritten = re.sub(r'"[^"]*"| -> |\n| +', blank, text)
    return rewritten.replace("\n", "\r\n") if chance.random() < 0.2 else rewritten

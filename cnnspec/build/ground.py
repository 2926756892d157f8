"""What the expansion stands on: nodes and their shapes, names and references, and the bounds."""

import keyword
import re
from collections.abc import Mapping
from math import prod

from cnnspec.build.chains import fork_note, fork_of, lost_rows, sizes_along, way_to
from cnnspec.build.failures import Failure, RefusedStep
from cnnspec.build.making import Made, Making
from cnnspec.build.options import Options
from cnnspec.build.reserved import TAKEN_BY_TORCH
from cnnspec.build.scope import ANYTHING, Context, Entity, Named, may_lead_to
from cnnspec.build.troubles import Refused, Stop, Troubles
from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Value, describe, dress
from cnnspec.ir.graph import Input, Node, Scope, Unknown
from cnnspec.source.diagnostic import Label
from cnnspec.source.text import Span
from cnnspec.syntax import tree
from cnnspec.syntax.limits import LONGEST_FULL_NAME


class Ground(Making):
    file: tree.File
    has_input: bool
    several_inputs: bool

    def __init__(self, troubles: Troubles, words: Mapping[str, type[Layer]], options: Options) -> None:
        super().__init__(troubles, words)
        self.options = options
        self.nodes: dict[str, Node] = {}
        self.order: list[str] = []  # the nodes' ids as they were made
        self.shapes: dict[str, Shape | None] = {}
        self.scopes: dict[str, Scope] = {}
        self.failures: dict[tuple[str, Span], Failure] = {}
        self.copies: dict[str, str] = {}
        self.tests: dict[str, list[Span]] = {}
        self.may_reuse = False  # one of the files has the word `reuse`
        self._paths: dict[str, Span] = {}
        self._steps = 0
        self.entered: set[int] = set()  # the bodies of the text that were expanded, by the ids of their nodes

    def shape_of(self, node: str) -> Shape | None:
        return self.shapes[node]

    # -- bounds ---------------------------------------------------------------------------------------------------

    def tick(self, span: Span, ctx: Context, work: int = 1) -> None:
        """One step of the expansion; `work` is how many plain steps take as long."""
        self._steps += work
        limits = self.options.limits
        if self._steps > limits.steps or ctx.depth > limits.nesting:
            self.bound("steps", self._steps, limits.steps, "expands to more than {} steps", span, ctx)
            self.bound("nesting", ctx.depth, limits.nesting, "is nested more than {} deep", span, ctx)

    def bound(self, name: str, value: int, limit: int, what: str, span: Span, ctx: Context) -> None:
        if value > limit:
            message = "the network " + what.format(f"{limit:,}")
            help = self.options.limits.way_out(name)
            self.troubles.error("limit-exceeded", message, span, help=help, trace=ctx.trace)
            raise Stop

    # -- names ----------------------------------------------------------------------------------------------------

    def filled(self, name: str, span: Span, ctx: Context) -> str:
        """The name with the value of the `for` in place of each `{i}`."""
        while (start := name.find("{")) >= 0:
            end = name.index("}", start)
            var = name[start + 1 : end]
            found, value = ctx.env.find(var)
            if not found:
                message = f"`{{{var}}}` in a name needs a `for {var} in …` around it"
                raise self.troubles.error("unknown-name", message, span, trace=ctx.trace)
            if value is None:
                raise Refused
            part = describe(value).strip('"')
            if not re.fullmatch(r"[A-Za-z0-9_-]+", part):
                message = f"`{{{var}}}` in a name needs a whole number, a size or a word, got {describe(value)}"
                raise self.troubles.error("bad-argument", message, span, trace=ctx.trace)
            name = name[:start] + part + name[end + 1 :]
        return name

    def label(self, label: tree.Ident | None, ctx: Context) -> Named | None:
        """The label with its `{i}` filled in; a name that torch or Python forbid is told."""
        if label is None:
            return None
        try:
            name = self.filled(label.name, label.span, ctx)
        except Refused:  # a name that nobody can write, and what reads the meant one stays silent
            ctx.room.lost |= {ANYTHING}
            return Named(f"?label{len(self._paths)}", label.span)
        for part in name.split("."):
            if part in TAKEN_BY_TORCH or keyword.iskeyword(part):
                owner = "torch.nn.Module" if part in TAKEN_BY_TORCH else "Python"
                message = f"a step cannot be called `{part}`: the word belongs to {owner}"
                self.troubles.error(
                    "forbidden-label", message, label.span, help=f"for example `{part}_:`", trace=ctx.trace
                )
        return Named(name, label.span)

    def claim(self, label: Named | None, word: str, placed: bool, span: Span, ctx: Context) -> tuple[str, str]:
        """The name of a step in its room, and its path; each path is given once."""
        name = label.name if label else ctx.room.next_name(word, placed)
        path = ctx.room.join(name)
        where = label.span if label else span
        if len(path) > LONGEST_FULL_NAME:
            message = f"the full name of this step has more than {LONGEST_FULL_NAME:,} characters"
            help = "shorten the labels around it"
            raise self.troubles.error("name-too-long", message, where, help=help, trace=ctx.trace)
        before = self._paths.get(path)
        if before is None and name in ctx.room.entities:
            before = ctx.room.entities[name].span
        if before is not None:
            self._twice(name, before, where, label is not None, ctx)
            spare = 2
            while f"{path}?{spare}" in self._paths:
                spare += 1
            name, path = f"{name}?{spare}", f"{path}?{spare}"
        self._paths[path] = where
        return name, path

    def is_taken(self, path: str) -> bool:
        return path in self._paths

    def _twice(self, name: str, before: Span, where: Span, labelled: bool, ctx: Context) -> None:
        message = f"the label `{name}` is used twice" if labelled else f"two steps would be called `{name}`"
        first: tuple[Label, ...] = (Label(before, f"first at line {before.line}"),)
        help = "every step has a name of its own: it names its weights" if not labelled else None
        if labelled and before == where and (loop := self._loop_around(where)) is not None:
            help, first = f"each turn of the `for` needs its own: `{where.text}{{{loop.var.name}}}`", ()
        elif labelled and any(_names_a_result(each) for each in (before, where)):
            help = "outputs and labels share their names"
        word = re.match(r"[\w.]*", before.text)
        if labelled and word and re.fullmatch(rf"{word[0].rpartition('.')[2].lower()}\d+", name):
            message = f"the label `{name}` is taken: a step at line {before.line} is called so of itself"
            first = (Label(before, f"makes `{name}`"),)
            help = "choose another label; a step without one is called by its word and a count"
        self.troubles.error(
            "duplicate-label", message, where, "again here", secondary=first, help=help, trace=ctx.trace
        )

    def _loop_around(self, span: Span) -> tree.Loop | None:
        """The innermost `for` of this file that a place stands in."""
        if span.source is not self.file.span.source:
            return None
        loops = (each for each in tree.walk(self.file) if isinstance(each, tree.Loop))
        around = [each for each in loops if each.span.start <= span.start < each.span.end]
        return around[-1] if around else None

    def alias(self, label: Named | None, value: str, ctx: Context) -> str:
        """Names a value that has a name already, or is several steps' last."""
        if label is not None:
            name, _ = self.claim(label, "", False, label.span, ctx)
            ctx.room.entities[name] = Entity(value, None, label.span)
        return value

    def find(self, ref: tree.Ref, ctx: Context) -> str:
        """The node that a reference names; one like it where it names none and another is near."""
        before = self.troubles.count
        value = self.entity(ref, ctx).value
        if self.troubles.count == before:
            return value
        return self.unknown(None, (), ref.span, ctx, self.shapes[value])

    def entity(self, ref: tree.Ref, ctx: Context, mark: str = "@") -> Entity:
        """What a name leads to, which is written behind `mark`; Refused if there is nothing, told unless a line was
        lost on the way."""
        path = tuple(self.filled(part, ref.span, ctx) for part in ref.path)
        entity = ctx.room.find(path)
        if entity is not None:
            return entity
        if may_lead_to(ctx.room, path) or self._inside_unknown(path, ctx):
            raise Refused
        name = ".".join(path)
        later = self._label_below(ref)
        if later is not None:
            raise self.troubles.error(
                "used-before",
                f"`{mark}{name}` is used before it exists",
                ref.span,
                secondary=(Label(later, "it is named here, below"),),
                help="a reference reaches only what stands above it",
                trace=ctx.trace,
            )
        near = ctx.room.meant(path)
        entity = ctx.room.find(tuple(near.split("."))) if near else None
        meant = f"{mark}{near}" if near else None
        help, message = "a step is named by `name:` before it", f"nothing is labelled `{name}`"
        if path in (("in",), ("input",)):
            help, meant = "`x: id` as the first line of a block names what comes into it: then `@x`", None
            entity = None
        refused = self.troubles.error("unknown-label", message, ref.span, help=help, meant=meant, trace=ctx.trace)
        if entity is None:
            raise refused
        return entity

    def _label_below(self, ref: tree.Ref) -> Span | None:
        """Where the name is written as a label further down in the same block or model, if it is."""
        for item in self.file.items:
            if isinstance(item, (tree.Block, tree.Model)) and item.span.start <= ref.span.start < item.span.end:
                return _label_below(item.body, ref) if item.span.source is ref.span.source else None
        return None

    def let_below(self, name: tree.Name) -> Span | None:
        for item in self.file.items:
            if isinstance(item, tree.Let) and item.name.name == name.name and item.span.start > name.span.start:
                return item.name.span if item.span.source is name.span.source else None
            if isinstance(item, (tree.Block, tree.Model)) and item.span.start <= name.span.start < item.span.end:
                lets = (each for each in tree.walk(item.body) if isinstance(each, tree.Let))
                below = (each.name.span for each in lets if each.name.name == name.name)
                return next((each for each in below if each.start > name.span.start), None)
        return None

    def _inside_unknown(self, path: tuple[str, ...], ctx: Context) -> bool:
        head = ctx.room.find(path[:1])
        return head is not None and head.room is None and isinstance(self.nodes[head.value].layer, Unknown)

    # -- nodes ----------------------------------------------------------------------------------------------------

    def open_scope(
        self,
        path: str,
        ctx: Context,
        listed: bool,
        span: Span,
        block: str | None = None,
        args: Mapping[str, Value] = {},
        tensors: Mapping[str, str] = {},
        places: Mapping[str, Span] = {},
        entry: str | None = None,
    ) -> None:
        """Records a room of the block tree."""
        self.scopes[path] = Scope(path, ctx.room.path, block, listed, args, span, tensors, places, entry)

    def add(self, node: Node, shape: Shape | None, ctx: Context) -> str:
        """Puts a node into the graph; an unknown one if its value is too large to be meant."""
        if shape is not None and prod(shape) > self.options.limits.elements:
            self._too_large(shape, node.span, ctx)
            node, shape = node._replace(layer=Unknown()), None
        self.nodes[node.id] = node
        self.order.append(node.id)
        self.shapes[node.id] = shape
        if len(self.order) > self.options.limits.nodes:
            self.bound("nodes", len(self.order), self.options.limits.nodes, "has more than {} layers", node.span, ctx)
        return node.id

    def _too_large(self, shape: Shape, span: Span, ctx: Context) -> None:
        limits = self.options.limits
        message = f"{dress(shape)} are {prod(shape):,} numbers, and a value has at most {limits.elements:,}"
        self.troubles.error("limit-exceeded", message, span, help=limits.way_out("elements"), trace=ctx.trace)

    def made(self, first: int, end: int | None = None) -> list[Node]:
        """The nodes from a number on, in the order in which they were made."""
        return [self.nodes[id] for id in self.order[first:end]]

    def unknown(
        self, path: str | None, inputs: tuple[str, ...], span: Span, ctx: Context, shape: Shape | None = None
    ) -> str:
        """A node for a step that was refused; without a path it is one that nobody can name."""
        if path is None:
            path = ctx.room.join(f"?{len(self.nodes)}")
        return self.add(Node(path, Unknown(), inputs, span, ctx.trace, ctx.room.path), shape, ctx)

    def layer_node(
        self,
        path: str,
        layer: Layer,
        inputs: tuple[str, ...],
        step: tree.Apply,
        branches: tuple[Span, ...],
        ctx: Context,
        made: Made | None = None,
    ) -> str:
        """A node for a layer, with its shape if it has one. A merge's operands stand at its branches. Where the layer
        is guessed (`made`), the node is unknown, and its shape known if all guesses agree."""
        operands = tuple([shape for each in inputs if (shape := self.shapes[each]) is not None])
        shape = None
        if made and made.guesses:
            if len(operands) == len(inputs):
                shape, error = self.guessed((layer, *made.guesses), operands)
                if error and not made.told:
                    self._tell(RefusedStep(path, layer, step, inputs, error, branches, ctx.env.entry), ctx)
            layer = Unknown()
        elif len(operands) == len(inputs):
            try:
                shape = self.infer(layer, operands)
            except LayerError as error:
                failure = RefusedStep(path, layer, step, inputs, error, branches, ctx.env.entry)
                self._tell(failure, ctx)
                shape, layer = self.repaired(layer, error, operands), Unknown()
        return self.add(Node(path, layer, inputs, step.span, ctx.trace, ctx.room.path), shape, ctx)

    def _tell(self, failure: RefusedStep, ctx: Context) -> None:
        """At the field that is to blame; where operands disagree, at the word, with each side shown."""
        error, step = failure.error, failure.step
        secondary: tuple[Label, ...] = ()
        if isinstance(error.about, int):
            span, secondary = step.word.span, self._disagreeing(failure, error.about)
        else:
            span = self.places_of(failure.layer, step, ctx).get(error.about or "") or step.word.span
            inside = step.span.source is span.source and step.span.start <= span.start < step.span.end
            if not inside:
                span, secondary = step.span, (Label(span, "set here"),)
            if (error.id, span) not in self.failures and error.about == "kernel":
                way = sizes_along(failure.inputs[0], self.nodes, self.shapes)
                error.notes += (way,) if "→" in way else ()
        # What is told already is only counted: of thousands of copies each way would be as long as all before it.
        is_new = (error.id, span) not in self.failures
        batched = _batched(self.nodes[way_to(failure.inputs[0], self.nodes)[0]]) if is_new else None
        if batched is not None:
            right = f"`input {dress(batched[1:])}` is a picture"
            error.notes += (f"the input {dress(batched)} has three spatial axes: a batch is never written, {right}",)
        self.failures.setdefault((error.id, span), failure)
        self.troubles.layer_error(error, span, ctx.trace, secondary)

    def _disagreeing(self, failure: RefusedStep, about: int) -> tuple[Label, ...]:
        """What each of the two operands gives; how that came about goes to the error's notes."""
        inputs, error, branches = failure.inputs, failure.error, failure.branches
        culprits = [0, about] if about else list(range(min(2, len(inputs))))
        error.label = error.label or "the branches must agree"
        if len(culprits) == 2:
            pair = (culprits[0], culprits[1])
            fork = fork_of(inputs[pair[0]], inputs[pair[1]], self.nodes, self.shapes)
            lost = lost_rows(fork, self.nodes, self.shapes)
            error.notes += (fork_note(pair, fork, self.nodes, self.shapes), *((lost,) if lost else ()))
        return tuple(
            Label(branches[each], f"this branch gives {dress(self.shapes[inputs[each]])}")
            for each in culprits
            if each < len(branches)
        )


def _batched(node: Node) -> Shape | None:
    """The shape of an input that is written with a batch of one before its channels."""
    shape = node.layer.shape if isinstance(node.layer, Input) else ()
    return shape if len(shape) == 4 and shape[0] == 1 and shape[1] <= 4 < min(shape[2:]) else None


def _names_a_result(label: Span) -> bool:
    """Whether a label is that of an `output` or `aux` line."""
    line = label.source.text[: label.start].rpartition("\n")[2].split()
    return bool(line) and line[0] in ("output", "aux")


def _label_below(value: object, ref: tree.Ref) -> Span | None:
    """Where the name of a reference is written as a label further down, if it is."""
    if isinstance(value, (tree.Step, tree.Output, tree.Aux, tree.Input)) and value.label is not None:
        span = value.label.span
        if value.label.name == ref.path[0] and span.source is ref.span.source and span.start > ref.span.start:
            return span
    if isinstance(value, tuple) and not isinstance(value, (Span, tree.Ident)):
        for each in value:
            if (found := _label_below(each, ref)) is not None:
                return found
    return None

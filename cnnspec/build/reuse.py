"""`reuse tower`: a step applied again with the same weights."""

from collections.abc import Mapping
from typing import NoReturn

from cnnspec.build.blocks import Blocks
from cnnspec.build.options import Options
from cnnspec.build.scope import Again, Context, Named
from cnnspec.build.troubles import Refused, Troubles
from cnnspec.contract.facts import Weight
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import dress
from cnnspec.ir.graph import Input, Node, Unknown
from cnnspec.source.diagnostic import Label
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Reuse(Blocks):
    def __init__(self, troubles: Troubles, words: Mapping[str, type[Layer]], options: Options) -> None:
        super().__init__(troubles, words, options)
        self._last_copy: dict[str, int] = {}
        self._under_way: list[str] = []

    def reuse(self, step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str:
        """The named step once more on the current value: `tower@2`, its weights owned by `tower`.

        The second expansion must come out like the first: the same words under the same names, those with weights with
        the same arguments, and weights of the same shapes.
        """
        if not self.may_reuse:
            raise Refused  # a word that was told already, and may have been meant for this one
        first, owner = self._owner(step, ctx)
        entry = self.entering(step, ctx, current)
        if isinstance(self.nodes[entry].layer, Unknown):
            raise Refused
        name, path = self._next_copy(owner)
        self.copies[path] = ctx.room.path
        before = len(self.order)
        if owner.path in self._under_way:
            self._in_itself(owner.path, first, step, ctx)
        self._under_way.append(owner.path)
        try:
            value = owner.once_more(Named(name, step.span), entry, ctx.depth + 1)
        finally:
            self._under_way.pop()
        added = self.made(before)
        owners = {node.id: node for node in self.made(owner.first, owner.end) if _within(node.id, owner.path)}
        if any(isinstance(node.layer, Unknown) for node in (*added, *owners.values())):
            raise Refused
        made = {owner.path + node.id[len(path) :]: node for node in added if _within(node.id, path)}
        self._alike(made, owners, owner.path, (Label(first, "it was made here"),), step.word.span.to(step.span), ctx)
        for id, node in made.items():
            if self._weights_of(node):
                owning = owners[id].reuse_of or id
                self.nodes[node.id] = node._replace(reuse_of=owning)
        assert value is not None, "something came in, so something comes out"
        return self.alias(label, value, ctx)

    def _in_itself(self, path: str, first: Span, step: tree.Apply, ctx: Context) -> NoReturn:
        """A name in the step led elsewhere when it was made, and leads to the step now."""
        message = f"`{path}` comes out differently here: `{step.span.text}` in it names itself this time"
        secondary = (Label(first, "it was made here"),)
        help = "give the step a name that no other one has"
        raise self.troubles.error(
            "different-reuse", message, step.span, help=help, secondary=secondary, trace=ctx.trace
        )

    def _owner(self, step: tree.Apply, ctx: Context) -> tuple[Span, Again]:
        """The step that the only argument names, and where it stands."""
        arg = step.args[0].value if len(step.args) == 1 and step.body is None and not step.args[0].slash else None
        if isinstance(arg, tree.Name):
            ref = tree.Ref(tuple(arg.name.split(".")), arg.span)
        elif isinstance(arg, tree.Ref):
            ref = arg
        else:
            help = "`tower: conv 3x3 8`, then `reuse tower`"
            raise self.troubles.error(
                "missing-argument",
                "`reuse` takes the name of a step, and nothing else",
                step.word.span,
                help=help,
                trace=ctx.trace,
            )
        entity = self.entity(ref, ctx, mark="@" if ref is arg else "")
        if entity.again is None:
            message = f"`{'.'.join(ref.path)}` names a value, not a step that could be applied again"
            help = "put what is to be reused into braces: `tower: { … }`"
            raise self.troubles.error("no-step-to-reuse", message, ref.span, help=help, trace=ctx.trace)
        return entity.span, entity.again

    def _next_copy(self, owner: Again) -> tuple[str, str]:
        """The first free of `tower@2`, `tower@3` …, as a name in its room and as a path."""
        number = self._last_copy.get(owner.path, 2)
        while self.is_taken(f"{owner.path}@{number}"):
            number += 1
        self._last_copy[owner.path] = number
        return f"{owner.name}@{number}", f"{owner.path}@{number}"

    def _alike(
        self,
        made: dict[str, Node],
        owners: dict[str, Node],
        path: str,
        first: tuple[Label, ...],
        span: Span,
        ctx: Context,
    ) -> None:
        missing = [id for id in (*owners, *made) if id not in made or id not in owners]
        if missing:
            has = "has no" if missing[0] in owners else "has a further"
            self._differs(f"`{path}` comes out differently here: it {has} `{missing[0]}`", first, span, ctx)
        for id, node in made.items():
            owner, own = owners[id], self._weights_of(node)
            if any(self.shapes[each] is None for each in (*owner.inputs, *node.inputs)):
                continue
            if type(node.layer) is not type(owner.layer) or (own and node.layer != owner.layer):
                what = f"`{id}` is `{node.span.text}`, and was `{owner.span.text}`"
                self._differs(f"`{path}` comes out differently here: {what}", first, span, ctx)
            if [weight.shape for weight in own] != [weight.shape for weight in self._weights_of(owner)]:
                message = f"`{path}` was made for other channels: the weights of `{id}` would not fit"
                was, now = (self.shapes[each.inputs[0]] for each in (owner, node))
                help = "bring both to the same channels, or write the step out, which gives it weights of its own"
                notes = (f"{dress(was)} came in first, {dress(now)} here",)
                self._differs(message, first, span, ctx, help, notes)

    def _differs(
        self,
        message: str,
        first: tuple[Label, ...],
        span: Span,
        ctx: Context,
        help: str = "what is reused must take the same branches and have the same steps",
        notes: tuple[str, ...] = (),
    ) -> NoReturn:
        raise self.troubles.error(
            "different-reuse", message, span, help=help, notes=notes, secondary=first, trace=ctx.trace
        )

    def _weights_of(self, node: Node) -> tuple[Weight, ...]:
        operands = tuple(shape for each in node.inputs if (shape := self.shapes[each]) is not None)
        if isinstance(node.layer, Input) or len(operands) != len(node.inputs):
            return ()
        return node.layer.weights(operands)


def _within(id: str, path: str) -> bool:
    return id == path or id.startswith(path + ".")

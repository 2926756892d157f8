"""The lines that only a model's own body holds: `input`, `output`, `aux` and sections."""

from __future__ import annotations

from cnnspec.build.likely import is_turned, likely
from cnnspec.build.scope import Context, Entity, Named, names_in
from cnnspec.build.travels import Travels
from cnnspec.build.troubles import Refused
from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Kind, choice, option, positional, real
from cnnspec.contract.sections import SECTIONS
from cnnspec.contract.values import Dim, Shape, Value, Values, describe, dress
from cnnspec.ir.graph import Aux, Input, Node
from cnnspec.source.diagnostic import Label
from cnnspec.syntax import tree


def _shape() -> Kind:
    def make(value: Value) -> Shape:
        if isinstance(value, Dim) and 2 <= len(value) <= 4 and min(value) > 0:
            return tuple(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return (value,)
        hint, instead = "channels first: `3x224x224` for a picture, `1x16000` for a signal, `100` for a vector", None
        if isinstance(value, Values):
            instead = "x".join(map(describe, value))
            hint = f"a shape is written with `x`: `{instead}`"
        raise ArgumentError(f"an input is a shape, got {describe(value)}", hint=hint, instead=instead)

    return Kind("a shape such as 3x224x224", make, what="its shape")


def _size() -> Kind:
    any_size = choice("the size", "any")

    def make(value: Value) -> str:
        try:
            word: str = any_size.make(value)
        except ArgumentError as error:
            hint = "the shape says the size: `input 3x224x224`; `size=any` leaves it open"
            raise ArgumentError(error.message, hint=hint) from None
        return word

    return any_size._replace(make=make)


INPUT = {
    "shape": positional(_shape())._replace(name="shape"),
    "size": option(_size(), None)._replace(name="size"),
}
AUX = {
    "weight": option(real("the weight of the loss", lambda value: value >= 0, "0 or more"), 1.0)._replace(name="weight")
}


class ModelLines(Travels):
    heads: dict[str, Aux]

    def line(self, line: tree.Line, ctx: Context, current: str | None) -> str | None:
        if isinstance(line, tree.Chain) and len(line.steps) == 1:
            core = line.steps[0].core
            if isinstance(core, tree.Apply) and core.word.name in SECTIONS:
                if ctx.depth > 1:
                    message = f"`{core.word.name}` belongs to the model's own body"
                    self.troubles.error("misplaced-line", message, core.word.span, trace=ctx.trace)
                else:
                    self.take_section(core, ctx)
                return current
        return super().line(line, ctx, current)

    def model_line(self, line: tree.Line, ctx: Context, current: str | None) -> str | None:
        assert isinstance(line, (tree.Input, tree.Output, tree.Aux)), "every other line is Flow's"
        if not ctx.own or (isinstance(line, tree.Input) and ctx.depth > 1):
            word = line.span.text.split()[0]
            message = f"`{word}` stands only in a model's own body"
            help = "a second result of a block is a label inside it: `@stage.low`" if word == "output" else None
            self.troubles.error("misplaced-line", message, line.span, help=help, trace=ctx.trace)
            return current
        try:
            match line:
                case tree.Input():
                    entry = self._input(line, ctx)
                    return current if self.several_inputs else entry
                case tree.Output(label, chain, _):
                    name, value = self._named_chain(label, chain, ctx, current)
                    self.outputs[name] = value
                case tree.Aux(label, args, chain, span):
                    weight = self.bind_surely(tree.Ident("aux", span), AUX, args, ctx, "").values.get("weight", 1.0)
                    name, value = self._named_chain(label, chain, ctx, current)
                    self.heads[name] = Aux(value, weight)
        except Refused:
            ctx.room.lost |= names_in(line.span.text)
        return current

    def _named_chain(self, label: tree.Ident, chain: tree.Chain, ctx: Context, current: str | None) -> tuple[str, str]:
        """The label as it holds here, and the value that it names."""
        lent = self.label(label, ctx)
        assert lent is not None, "there is a label"
        value = self.chain(chain, ctx, current, lent)
        if value is None:
            raise self.troubles.error("no-value", "this line has no value", chain.span, help="it begins with an `@`")
        return lent.name, value

    def _input(self, line: tree.Input, ctx: Context) -> str:
        label = self.label(line.label, ctx)
        before = ctx.room.entities.get("input")
        if label is None and before is not None:
            self.has_input = False  # what would come into the steps is not known: that is told once, here
            help = "`input left: 3x32x32`; a chain then begins with the one that it takes: `@left -> …`"
            first = (Label(before.span, f"first at line {before.span.line}"),)
            message = "of several inputs each needs a name"
            raise self.troubles.error("duplicate-label", message, line.span, "again here", secondary=first, help=help)
        name, path = self.claim(label or Named("input", line.span), "", False, line.span, ctx)
        try:
            bound = self.bind_surely(tree.Ident("input", line.span), INPUT, line.args, ctx, "input 3x224x224")
            shape, any_size = bound.values["shape"], bound.values.get("size") == "any"
            if any_size and len(shape) == 1:
                message = f"a vector of {shape[0]} has no size that could be any: its length is its features"
                raise self.troubles.error("bad-argument", message, bound.places["size"])
        except Refused:
            node = self.unknown(path, (), line.span, ctx)
        else:
            shape = self._asked_shape(name, shape, line)
            layer = Input(shape, any_size=any_size)
            node = self.add(Node(path, layer, (), line.span, (), ctx.room.path), shape, ctx)
        self._enter(name, node, line, ctx)
        return node

    def _enter(self, name: str, node: str, line: tree.Input, ctx: Context) -> None:
        ctx.room.entities[name] = Entity(node, None, line.span)
        if not self.several_inputs:
            ctx.env.entry = node

    def _asked_shape(self, name: str, own: Shape, line: tree.Input) -> Shape:
        asked = self.options.inputs.get(name)
        if asked is None and not self.several_inputs:
            asked = self.options.inputs.get(None)
        if asked is not None and len(asked) == 1 and len(own) in (2, 3):
            return likely(asked, own) or own  # a side: height and width, or a length, with the channels that it has
        if asked is not None and len(asked) != len(own):
            message = f"the input has the form {dress(own)}; {dress(asked)} has another number of axes"
            named = name if self.several_inputs else None
            help = f"for example `{self.options.input_as(named, likely(asked, own) or own)}`"
            self.troubles.error("unknown-input", message, line.span, help=help)
            return own
        if asked is not None and not self.options.searched and is_turned(asked, own) and _is_literal(line):
            message = f"channels come first: the input is {dress(own)}, and {dress(asked)} has {asked[0]} channels"
            named = name if self.several_inputs else None
            help = f"`{self.options.input_as(named, (own[0], *asked[:-1]))}`"
            self.troubles.error("unknown-input", message, line.span, help=help)
            return own
        return asked or own


def _is_literal(line: tree.Input) -> bool:
    """Whether the shape of an input stands in its line, and comes from no parameter."""
    return any(isinstance(each.value, tree.Size) for each in line.args)

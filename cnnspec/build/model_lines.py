"""The lines that only a model's own body holds: `input`, `output`, `aux` and sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnnspec.build.scope import Context, Entity, Named
from cnnspec.build.sections import Sections
from cnnspec.build.troubles import Refused
from cnnspec.contract.errors import ArgumentError
from cnnspec.contract.fields import Kind, choice, option, positional, real
from cnnspec.contract.sections import SECTIONS
from cnnspec.contract.values import Dim, Shape, Value, describe, dress
from cnnspec.ir.graph import Aux, Input, Node
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.contract.preprocess import Preprocess


def _shape() -> Kind:
    def make(value: Value) -> Shape:
        if isinstance(value, Dim) and 2 <= len(value) <= 4 and min(value) > 0:
            return tuple(value)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return (value,)
        hint = "channels first: `3x224x224` for a picture, `1x16000` for a signal, `100` for a vector"
        raise ArgumentError(f"an input is a shape, got {describe(value)}", hint=hint)

    return Kind("a shape such as 3x224x224", make, what="its shape")


INPUT = {
    "shape": positional(_shape())._replace(name="shape"),
    "size": option(choice("the size", "any"), None)._replace(name="size"),
}
AUX = {
    "weight": option(real("the weight of the loss", lambda value: value >= 0, "0 or more"), 1.0)._replace(name="weight")
}


class ModelLines(Sections):
    outputs: dict[str, str]
    heads: dict[str, Aux]
    image: Preprocess | None
    image_span: Span | None
    labels: tuple[str, ...] | None
    several_inputs: bool

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
        if ctx.depth > 1:
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
                    self.outputs[label.name] = self._named_chain(label, chain, ctx, current)
                case tree.Aux(label, args, chain, span):
                    weight = self.bind(tree.Ident("aux", span), AUX, args, ctx, "").values.get("weight", 1.0)
                    self.heads[label.name] = Aux(self._named_chain(label, chain, ctx, current), weight)
        except Refused:
            ctx.room.broken = True
        return current

    def _named_chain(self, label: tree.Ident, chain: tree.Chain, ctx: Context, current: str | None) -> str:
        lent = self.label(label, ctx)
        value = self.chain(chain, ctx, current, lent)
        if value is None:
            raise self.troubles.error("no-value", "this line has no value", chain.span, help="it begins with an `@`")
        return value

    def _input(self, line: tree.Input, ctx: Context) -> str:
        label = self.label(line.label, ctx)
        name, path = self.claim(label or Named("input", line.span), "", False, line.span, ctx)
        try:
            values = self.bind(tree.Ident("input", line.span), INPUT, line.args, ctx, "input 3x224x224").values
        except Refused:
            node = self.unknown(path, (), line.span, ctx)
        else:
            shape = self._asked_shape(name, values["shape"], line)
            layer = Input(shape, any_size=values.get("size") == "any")
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
        if asked is not None and len(asked) != len(own):
            message = f"the input has the form {dress(own)}; {dress(asked)} has another number of axes"
            self.troubles.error("unknown-input", message, line.span)
            return own
        return asked or own

    def take_section(self, step: tree.Apply, ctx: Context) -> None:
        if step.word.name not in SECTIONS:
            near = nearest(step.word.name, SECTIONS)
            help = f"did you mean `{near}`?" if near else f"the sections are {', '.join(SECTIONS)}"
            self.troubles.error("unknown-word", f"unknown section `{step.word.name}`", step.word.span, help=help)
            return
        bound = self.section(step, ctx)
        if bound is None:
            return
        section, steps = bound
        if section.steps:
            self.image, self.image_span = self.preprocess(section, steps), step.word.span
        else:
            self.labels = self.label_names(section.arguments["file"], step.args[0].span)

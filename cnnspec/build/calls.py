"""Words with their arguments: layers, merges, and the few words that are no layer."""

from cnnspec.build.idioms import IDIOMS
from cnnspec.build.reuse import Reuse
from cnnspec.build.scope import BlockDef, BlockWord, Context, Named
from cnnspec.build.structural import ALSO, STRUCTURAL
from cnnspec.build.troubles import NoBranch, Refused
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import elsewhere, plain
from cnnspec.contract.values import Word
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Calls(Reuse):
    def branches(self, body: tree.Body, ctx: Context, current: str | None) -> list[tuple[str, Span]]:
        """The branches of a merge with the spans they stand at (given by Flow)."""
        raise NotImplementedError

    def apply(self, step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str | None:
        """A word with its arguments: whichever of layer, merge, block or structural word it is."""
        target = self._target(step, label, ctx)
        if isinstance(target, BlockDef):
            return self.block(target, step, label, ctx, current)
        if isinstance(target, str):
            return self._structural(target, step, label, ctx, current)
        if target.merges:
            return self._merge(target, step, label, ctx, current)
        return self._layer(target, step, label, ctx, current)

    # -- what a word is ---------------------------------------------------------------------------------------------

    def _target(self, step: tree.Apply, label: Named | None, ctx: Context) -> type[Layer] | BlockDef | str:
        name = step.word.name
        found = self._named_by(name, ctx)
        if found is None:
            known, value = ctx.env.find(name)
            if known and value is None:
                raise Refused
            if isinstance(value, BlockWord):
                return value.target
            if isinstance(value, Word):
                found = self._named_by(value, ctx)
        if found is None:
            raise self._unknown_word(step, ctx)
        return found

    def _named_by(self, name: str, ctx: Context) -> type[Layer] | BlockDef | str | None:
        if name in self.words:
            return self.words[name]
        if name in STRUCTURAL:
            return name
        return ctx.module.blocks.get(name)

    def _unknown_word(self, step: tree.Apply, ctx: Context) -> Refused:
        name = step.word.name
        if ctx.module.broken or ctx.env.broken:
            return Refused()
        help: str | None = None
        is_block = name.rpartition(".")[2][:1].isupper()
        first = step.args[0].value if step.args and step.args[0].name is None else None
        if ctx.room.find((name,)) is not None:
            help = f"`@{name}` takes the value of the step that is called so"
            fix = Fix(help, (Edit(step.word.span, f"@{name}"),), safe=False)
            return self.troubles.error(
                "unknown-word", f"unknown layer `{name}`", step.word.span, help=help, fix=fix, trace=ctx.trace
            )
        inner = _filled_in(step)
        if inner and ctx.env.find(inner)[0]:
            help = f"`@{name}{{{inner}}}` takes the value of the step that is called so"
            return self.troubles.error(
                "unknown-word", f"unknown layer `{name}`", step.word.span, help=help, trace=ctx.trace
            )
        if (idiom := IDIOMS.get(plain(name))) and not self._elsewhere(name):
            return self.troubles.error(
                "unknown-word", f"there is no word `{name}`", step.word.span, help=idiom, trace=ctx.trace
            )
        near = self._elsewhere(name) or nearest(name, {*self.words, *STRUCTURAL, *ctx.module.blocks, *ctx.env.names()})
        known = isinstance(first, tree.Name) and (first.name[0].isupper() or self._named_by(first.name, ctx))
        colon: Fix | None = None
        if known and not near and first:
            help = f"a name takes a colon: `{name}: {first.span.text}`"
            colon = Fix(help, (Edit(step.word.span, f"{name}:"),), safe=False)
        elif is_block:
            help = f"`block {name}(…) {{ … }}` defines it, `use` brings it from another file"
        kind = "block" if is_block else "layer"
        return self.troubles.error(
            "unknown-word",
            f"unknown {kind} `{name}`",
            step.word.span,
            help=help,
            fix=colon,
            meant=near,
            trace=ctx.trace,
        )

    def _elsewhere(self, name: str) -> str | None:
        """The word for what other tools call `name`."""
        return elsewhere(name, self.words) or ALSO.get(plain(name))

    # -- layers and merges ------------------------------------------------------------------------------------------

    def _layer(self, cls: type[Layer], step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str:
        name, path = self.claim(label, step.word.name, True, step.span, ctx)

        def make() -> str:
            if step.body is not None:
                message = f"`{step.word.name}` takes no body"
                help = "merges do: add, concat, mul; `name: { … }` makes a scope"
                raise self.troubles.error("unexpected-body", message, step.body.span, help=help, trace=ctx.trace)
            layer, operands = self.make_layer(cls, step, ctx)
            entry = self.entering(step, ctx, current)
            return self.layer_node(path, layer, (entry, *operands), step, (), ctx)

        return self.settle(make, name, path, None, step, ctx, current)

    def _merge(self, cls: type[Layer], step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str:
        name, path = self.claim(label, step.word.name, False, step.span, ctx)

        def make() -> str:
            if step.body is None:
                message = f"`{step.word.name}` needs its branches"
                help = f"`{step.word.name} {{ conv 3x3 64 | id }}`"
                raise self.troubles.error("missing-body", message, step.word.span, help=help, trace=ctx.trace)
            self.tick(step.span, ctx, work=4)
            layer, _ = self.make_layer(cls, step, ctx)
            branches = self.branches(step.body, ctx.inside(), current)
            if not branches:
                message = f"`{step.word.name}` has no branch left"
                help = "where all branches may be `none`, put the merge itself under an `if`"
                raise self.troubles.error("no-branch", message, step.word.span, help=help, trace=ctx.trace)
            if len(branches) == 1:
                return branches[0][0]
            inputs, spans = zip(*branches, strict=True)
            return self.layer_node(path, layer, inputs, step, spans, ctx)

        return self.settle(make, name, path, None, step, ctx, current)

    # -- structural words -------------------------------------------------------------------------------------------

    def _structural(
        self, word: str, step: tree.Apply, label: Named | None, ctx: Context, current: str | None
    ) -> str | None:
        if word == "reuse":
            return self.reuse(step, label, ctx, current)
        if step.args or step.body is not None:
            message = f"`{word}` takes no arguments"
            raise self.troubles.error("too-many-arguments", message, step.span, trace=ctx.trace)
        if word == "none":
            raise NoBranch(step.span)
        return self.alias(label, self.entering(step, ctx, current), ctx)


def _filled_in(step: tree.Apply) -> str | None:
    """The name between the braces of `f{i}`, which is written like a reference and read as a body."""
    body = step.body
    if body is None or step.args or body.span.start != step.word.span.end or len(body.lines) != 1:
        return None
    inner = body.span.text[1:-1]
    return inner if inner.isidentifier() else None

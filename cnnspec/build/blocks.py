"""Blocks: an instance is a room of its own, with the block's parameters bound and its body expanded inside."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial

from cnnspec.build.ground import Ground
from cnnspec.build.scope import Again, BlockDef, Context, Entity, Env, Named, Room, header_names
from cnnspec.build.troubles import Joined, NoBranch, Refused
from cnnspec.contract.values import Value
from cnnspec.source.diagnostic import Edit, Fix, Frame, Label
from cnnspec.source.nearest import nearest
from cnnspec.syntax import tree

Expand = Callable[[Context, Named, str | None], str | None]
"""A step once more under a label, on the value that comes in."""


class Blocks(Ground):
    @abstractmethod
    def apply(self, step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str | None:
        """A word with its arguments (given by Calls)."""

    @abstractmethod
    def body(self, body: tree.Body, ctx: Context, current: str | None) -> str | None:
        """The lines of a body one after the other (given by Flow)."""

    def block(self, block: BlockDef, step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str:
        name, path = self.claim(label, step.word.name.rpartition(".")[2], True, step.span, ctx)
        room = Room(path, None, block.tree.listed)

        def make() -> str:
            self.tick(step.span, ctx, work=8)
            self._may_enter(block, step, ctx)
            entry = self.entering(step, ctx, current)
            joined, said = False, self._apart(block, step, ctx)
            try:
                given = {} if block.tree.broken else self._given(block, said, ctx)
            except Joined as found:
                joined, given = True, self._given(block, step._replace(args=step.args[: found.place]), ctx)
            env = self._parameters(block, given, said, room, ctx, entry)
            tensors = {name: each.value for name, each in room.entities.items()}
            places = {name: arg.value.span for name, arg in given.items()}
            self.open_scope(
                path, ctx, block.tree.listed, step.span, block.tree.name.name, _bound(env), tensors, places, entry
            )
            trace = (*ctx.trace, Frame(path, step.span))
            active = (*ctx.active, _key(block))
            inner = Context(env, room, block.module, trace, active, ctx.depth + 1)
            try:
                result = self.body(block.tree.body, inner, entry)
            except NoBranch:
                raise self._stray_none(step, ctx) from None
            assert result is not None, "a block that something enters gives a value"
            return self.unknown(None, (result,), step.span, ctx) if joined else result

        return self.settle(make, name, path, room, step, ctx, current)

    def _stray_none(self, step: tree.Apply, ctx: Context) -> Refused:
        message = f"`{step.word.name}` ends in `none`, which is no value"
        help = "`none` stands in a merge, for a branch that is not there; `id` passes the value on"
        return self.troubles.error("stray-none", message, step.word.span, help=help, trace=ctx.trace)

    def _may_enter(self, block: BlockDef, step: tree.Apply, ctx: Context) -> None:
        name = block.tree.name.name
        if step.body is not None:
            message = f"the block `{name}` takes no body"
            raise self.troubles.error("unexpected-body", message, step.body.span, trace=ctx.trace)
        if _key(block) in ctx.active:
            way = [each.partition(":")[2].rpartition(":")[2] for each in ctx.active]
            cycle = " → ".join((*way[ctx.active.index(_key(block)) :], name))
            message = f"the block `{name}` contains itself" + (f": {cycle}" if cycle.count("→") > 1 else "")
            raise self.troubles.error(
                "recursive-block", message, step.word.span, help="use `xN` to repeat", trace=ctx.trace
            )

    def _parameters(
        self, block: BlockDef, given: Mapping[str, tree.Arg], step: tree.Apply, room: Room, ctx: Context, entry: str
    ) -> Env:
        """The block's environment with its parameters bound; tensor parameters become names in its room."""
        env = Env(block.env)
        env.entry = entry
        if block.tree.broken:
            env.lost |= header_names(block.tree)
            room.lost |= header_names(block.tree)
            return env
        inner = ctx._replace(env=env, room=room, module=block.module)
        for param in block.tree.params:
            arg = given.get(param.name.name)
            value = arg.value if arg else None
            try:
                if isinstance(value, tree.Ref):
                    room.entities[param.name.name] = Entity(self.find(value, ctx), None, param.span)
                elif value is not None:
                    env.values[param.name.name] = self.evaluate(value, ctx)
                elif param.default is not None:
                    env.values[param.name.name] = self.evaluate(param.default, inner)
                else:
                    self._missing(block, param, step, ctx)
                    env.values[param.name.name] = None
            except Refused:
                env.values[param.name.name] = None
                room.lost |= {param.name.name}
        return env

    def _apart(self, block: BlockDef, step: tree.Apply, ctx: Context) -> tree.Apply:
        """The step with `64/2` as a number and a stride: a block that takes a stride, and gets none, was meant so."""
        takes_stride = any(each.slash for each in block.tree.params) and not any(each.slash for each in step.args)
        for place, arg in enumerate(step.args):
            if takes_stride and isinstance(arg.value, tree.Number) and "/" in arg.value.span.text:
                number, stride = (tree.Number(int(each), arg.span) for each in arg.value.span.text.split("/"))
                self.glued_stride(arg.value.span, ctx)
                parts = (tree.Arg(None, number, False, arg.span), tree.Arg(None, stride, True, arg.span))
                return step._replace(args=(*step.args[:place], *parts, *step.args[place + 1 :]))
        return step

    def _missing(self, block: BlockDef, param: tree.Param, step: tree.Apply, ctx: Context) -> None:
        written = ", ".join(each.span.text for each in block.tree.params)
        message = f"`{step.word.name}` needs `{param.span.text}`"
        help = f"it is `block {block.tree.name.name}({written})`"
        self.troubles.error("missing-argument", message, step.word.span, help=help, trace=ctx.trace)

    def _given(self, block: BlockDef, step: tree.Apply, ctx: Context) -> dict[str, tree.Arg]:
        """The argument for each parameter: tensors fill tensor parameters, `/n` the stride, the rest by place."""
        self.check_spaced(step.word, step.args, ctx)
        params = block.tree.params
        plain = [each for each in params if not each.slash and not each.tensor]
        tensors = [each for each in params if each.tensor]
        strides = [each for each in params if each.slash]
        found: dict[str, tree.Arg] = {}
        for arg in step.args:
            is_tensor = isinstance(arg.value, tree.Ref)
            if arg.name is not None:
                fits = [each for each in params if each.name.name == arg.name.name and each.tensor is is_tensor]
            else:
                fits = tensors if is_tensor else strides if arg.slash else plain
                fits = [each for each in fits if each.name.name not in found]
            if not fits:
                self._unfit(block, arg, step, ctx)
            elif fits[0].name.name in found:
                name = fits[0].name.name
                first = (Label(found[name].span, "first here"),)
                self.troubles.error(
                    "repeated-argument",
                    f"`{name}` is given twice",
                    arg.span,
                    "again here",
                    secondary=first,
                    trace=ctx.trace,
                )
            else:
                found[fits[0].name.name] = arg
        return found

    def _unfit(self, block: BlockDef, arg: tree.Arg, step: tree.Apply, ctx: Context) -> None:
        written = ", ".join(each.span.text for each in block.tree.params)
        help = f"it is `block {block.tree.name.name}({written})`"
        word = step.word.name
        if arg.name is not None:
            near = nearest(arg.name.name, (each.name.name for each in block.tree.params))
            message, fix = f"`{word}` has no parameter `{arg.name.name}`", None
            if arg.name.name in ("stride", "strides") and any(each.slash for each in block.tree.params):
                help, near = f"`/{arg.value.span.text}` is the stride", None
                fix = Fix(help, (Edit(arg.span, f"/{arg.value.span.text}"),), safe=True)
            self.troubles.error(
                "unknown-argument", message, arg.name.span, help=help, fix=fix, meant=near, trace=ctx.trace
            )
            return
        if isinstance(arg.value, tree.Name) and not arg.slash and self.is_word(arg.value.name, ctx):
            name = arg.value.name
            help = f"steps are joined with `->`: `-> {name}`"
            fix = Fix(help, (Edit(arg.span, f"-> {name}"),), safe=False)
            message = f"`{word}` takes no further argument"
            self.troubles.error("too-many-arguments", message, arg.span, help=help, fix=fix, trace=ctx.trace)
            raise Joined(step.args.index(arg))
        what = "stride" if arg.slash else "tensor" if isinstance(arg.value, tree.Ref) else "further argument"
        message = f"`{word}` takes no {what}"
        self.troubles.error("too-many-arguments", message, arg.span, help=help, trace=ctx.trace)

    def settle(
        self,
        make: Callable[[], str],
        name: str,
        path: str,
        room: Room | None,
        step: tree.Apply,
        ctx: Context,
        current: str | None,
    ) -> str:
        """The value of a step under its name; an unknown one if the step was refused."""
        first, again = len(self.order), None
        try:
            value = make()
        except Refused:
            value = self.unknown(
                path if path not in self.nodes else None, () if current is None else (current,), step.span, ctx
            )
            room = None
        # A merge's branches are steps of the room around it: applied again they would be new ones.
        if step.body is None:
            again = self.again(name, path, first, partial(self._again, step), ctx)
        ctx.room.entities[name] = Entity(value, room, step.span, again)
        return value

    def again(self, name: str, path: str, first: int, expand: Expand, ctx: Context) -> Again | None:
        """How a step is applied again: with what is in force where it stands, whatever is said below it. Most texts
        reuse nothing, and what nobody asks for is not kept: it holds more than the rest of a deep network."""
        return Again(name, path, first, len(self.order), expand, ctx, ctx.env.moment()) if self.may_reuse else None

    def _again(self, step: tree.Apply, ctx: Context, label: Named, current: str | None) -> str | None:
        return self.apply(step, label, ctx, current)

    def entering(self, step: tree.Apply, ctx: Context, current: str | None) -> str:
        """The value that comes into a step."""
        if current is None and not self.has_input:
            raise Refused  # told once, of the model
        if current is None:
            message = f"nothing comes into `{step.word.name}`"
            help = "the model's `input` stands above the steps"
            if self.several_inputs:
                help = "with several inputs, a chain begins with one: `@left -> …`"
            raise self.troubles.error("no-value", message, step.word.span, help=help, trace=ctx.trace)
        return current


def _key(block: BlockDef) -> str:
    return f"{block.tree.span.start}:{block.tree.span.source.name}:{block.tree.name.name}"


def _bound(env: Env) -> dict[str, Value]:
    return {name: value for name, value in env.values.items() if value is not None}

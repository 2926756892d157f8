"""Lines, chains and steps: how the current value goes through a body."""

from abc import abstractmethod
from collections.abc import Iterator
from functools import partial

from cnnspec.build.expressions import AXES
from cnnspec.build.failures import WrongShape
from cnnspec.build.loops import Loops
from cnnspec.build.scope import Context, Entity, Env, Named, Room, names_in
from cnnspec.build.troubles import NoBranch, Refused
from cnnspec.contract.values import dress
from cnnspec.ir.graph import Unknown
from cnnspec.source.text import Span
from cnnspec.syntax import tree


class Flow(Loops):
    @abstractmethod
    def model_line(self, line: tree.Line, ctx: Context, current: str | None) -> str | None:
        """`input`, `output`, `aux` and sections, which only a model's own body holds (given by Elaborator)."""

    # -- lines ----------------------------------------------------------------------------------------------------

    def body(self, body: tree.Body, ctx: Context, current: str | None) -> str | None:
        self.entered.add(id(body))
        for bar in body.bars:
            message = "`|` separates the branches of a merge; here lines follow each other"
            self.troubles.error("stray-bar", message, bar, help="steps are joined with `->`", trace=ctx.trace)
        for line in body.lines:
            current = self.line(line, ctx, current)
        return current

    def line(self, line: tree.Line, ctx: Context, current: str | None) -> str | None:
        """One line; what is no chain leaves the current value as it was."""
        match line:
            case tree.Chain():
                return self.chain(line, ctx, current)
            case tree.Broken(span):
                lost = names_in(span.text)
                ctx.room.lost, ctx.env.lost = ctx.room.lost | lost, ctx.env.lost | lost
                return self.unknown(None, () if current is None else (current,), span, ctx)
            case tree.Let(name, value, _):
                self.let(name, value, ctx)
            case tree.Set():
                self.apply_set(line, ctx)
            case tree.Require():
                self.require(line, ctx)
            case _:
                return self.model_line(line, ctx, current)
        return current

    def let(self, name: tree.Ident, value: tree.Expr, ctx: Context) -> None:
        """Binds a name in this body; one that cannot be worked out is known and silent."""
        self.shadows(name, ctx)
        try:
            ctx.env.values[name.name] = self.evaluate(value, ctx)
        except Refused:
            ctx.env.values[name.name] = None

    def shadows(self, name: tree.Ident, ctx: Context) -> None:
        """A name may not hide a word that an argument lists (`same`)."""
        if name.name in self.listed_words:
            message = f"`{name.name}` is a word that arguments list, and cannot be a name"
            self.troubles.error("shadowed-word", message, name.span, help="choose another name", trace=ctx.trace)

    # -- chains and steps -------------------------------------------------------------------------------------------

    def chain(self, chain: tree.Chain, ctx: Context, current: str | None, lent: Named | None = None) -> str | None:
        """Steps joined by `->`. `lent` is the name of the line (`output name:`), for a chain of one unlabelled step."""
        alone = len(chain.steps) == 1 and chain.steps[0].label is None
        for place, step in enumerate(chain.steps):
            if step.label and place + 1 < len(chain.steps):
                self._names_nothing_new(step, ctx)
            current = self.step(step, ctx, current, lent if alone else None)
        if lent and not alone and current is not None:
            self.alias(lent, current, ctx)
        return current

    def _names_nothing_new(self, step: tree.Step, ctx: Context) -> None:
        core = step.core
        is_id = isinstance(core, tree.Apply) and core.word.name == "id"
        if step.label and (is_id or isinstance(core, tree.Ref)):
            message = f"`{step.label.name}` names what came in, not the result of this line"
            help = "put the label before the step whose result is meant, or begin a line of its own behind it"
            self.troubles.error("label-before-reference", message, step.label.span, help=help, trace=ctx.trace)

    def step(self, step: tree.Step, ctx: Context, current: str | None, lent: Named | None = None) -> str | None:
        """One step, repeats and expectation included; a refused one gives a value that nothing is known of."""
        self.tick(step.span, ctx)
        label = self.label(step.label, ctx) or lent
        try:
            if step.listed and not isinstance(step.core, tree.Braces):
                raise Refused  # the parser has told it
            if step.repeat is None:
                value = self.core(step.core, step.listed, label, ctx, current)
            else:
                value = self.repeated(step, step.repeat, label, ctx, current)
        except Refused:
            value = self.unknown(None, () if current is None else (current,), step.span, ctx)
            if label and label.name not in ctx.room.entities:
                ctx.room.entities[label.name] = Entity(value, None, label.span)
        if step.expect is not None and value is not None:
            self._expect(step.expect, value, ctx)
        return value

    def _expect(self, expect: tree.ExpectedShape, value: str, ctx: Context) -> None:
        shape, dims = self.shapes[value], expect.dims
        if self.options.parameters or self.options.inputs:
            return
        if shape is None:  # an error hides it: from here on the text's word is taken
            told = tuple(each for each in dims if each)  # `?` says nothing, and of 0 there is no map
            if len(told) == len(dims) and len(dims) - 1 in AXES:
                self.shapes[value] = told
                self.nodes[value] = self.nodes[value]._replace(layer=Unknown())
            return
        if len(dims) != len(shape) or any(want not in (None, is_) for want, is_ in zip(dims, shape, strict=True)):
            wanted = "x".join("?" if each is None else str(each) for each in dims)
            node = self.nodes[value]
            operands = tuple(each for source in node.inputs if (each := self.shapes[source]) is not None)
            self.failures.setdefault(("shape-expectation", expect.span), WrongShape(value, expect))
            self.troubles.error(
                "shape-expectation",
                f"shape is {dress(shape)}, not {wanted}",
                expect.span,
                "expected here",
                notes=node.layer.worked(operands),
                trace=ctx.trace,
            )

    def repeated(
        self, step: tree.Step, repeat: tree.Expr, label: Named | None, ctx: Context, current: str | None
    ) -> str | None:
        """The step as often as it says. A labelled repeat is a room that numbers its copies."""
        try:
            times = self.whole(repeat, ctx, "a repeat count")
        except Refused:  # nobody knows; but what stands there is looked at
            self.core(step.core, step.listed, label, ctx, current)
            raise
        self.bound("repeat", times, self.options.limits.repeat, "repeats a step more than {} times", repeat.span, ctx)
        for inner in _labels(step.core):
            message = f"the label `{inner.name}` inside a repeat would name {times} steps"
            help = "label the repeat itself: `stage: ( … ) x3` numbers its copies"
            raise self.troubles.error("label-in-repeat", message, inner.span, help=help, trace=ctx.trace)
        if label is None:
            for _ in range(times):
                self.tick(step.span, ctx)
                current = self.core(step.core, step.listed, None, ctx, current)
            return current
        name, path = self.claim(label, "", False, label.span, ctx)
        room = Room(path, ctx.room, listed=True)
        self.open_scope(path, ctx, True, step.span)
        inside = ctx.inside(env=ctx.env, room=room)
        first = len(self.order)
        for copy in range(times):
            self.tick(step.span, ctx)
            current = self._copy(step, Named(str(copy), label.span), inside, current)
        if current is not None:
            again = self.again(name, path, first, partial(self._repeat_again, step, repeat), ctx)
            ctx.room.entities[name] = Entity(current, room, label.span, again)
        return current

    def _repeat_again(
        self, step: tree.Step, repeat: tree.Expr, ctx: Context, label: Named, current: str | None
    ) -> str | None:
        return self.repeated(step, repeat, label, ctx, current)

    def _copy(self, step: tree.Step, number: Named, ctx: Context, current: str | None) -> str | None:
        core = step.core
        if isinstance(core, tree.Braces) or (isinstance(core, tree.Apply) and core.body is None):
            return self.core(core, step.listed, number, ctx, current)
        name, path = self.claim(number, "", False, step.span, ctx)
        room = Room(path, ctx.room, listed=False)
        self.open_scope(path, ctx, False, step.span)
        value = self.core(core, False, None, ctx.inside(env=ctx.env, room=room), current)
        if value is not None:
            ctx.room.entities[name] = Entity(value, room, number.span)
        return value

    def core(self, core: tree.Core, listed: bool, label: Named | None, ctx: Context, current: str | None) -> str | None:
        """A step without its label, repeat and expectation."""
        match core:
            case tree.Apply():
                return self.apply(core, label, ctx, current)
            case tree.Braces(unnamed_list, body, span):
                return self._braces(body, listed or unnamed_list, label, span, ctx, current)
            case tree.Group(chain, _):
                value = self.chain(chain, ctx._replace(depth=ctx.depth + 1), current)
            case tree.Cond():
                value = self.cond(core, ctx, current)
            case tree.Loop(_, _, _, body, _):
                value = current
                for env in self.turns(core, ctx):
                    value = self.body(body, ctx.inside(env=env, own=ctx.own), value)
            case tree.Ref():
                value = self.find(core, ctx)
        return value if value is None else self.alias(label, value, ctx)

    def _braces(
        self, body: tree.Body, listed: bool, label: Named | None, span: Span, ctx: Context, current: str | None
    ) -> str | None:
        if label is None and not listed:
            return self.body(body, ctx.inside(), current)
        name, path = self.claim(label, "seq", True, span, ctx)
        room = Room(path, ctx.room, listed)
        self.open_scope(path, ctx, listed, span)
        first = len(self.order)
        value = self.body(body, ctx.inside(room=room), current)
        if value is not None:
            again = self.again(name, path, first, partial(self._braces_again, body, listed, span), ctx)
            ctx.room.entities[name] = Entity(value, room, label.span if label else span, again)
        return value

    def _braces_again(
        self, body: tree.Body, listed: bool, span: Span, ctx: Context, label: Named, current: str | None
    ) -> str | None:
        return self._braces(body, listed, label, span, ctx, current)

    # -- conditions, loops, branches --------------------------------------------------------------------------------

    def cond(self, cond: tree.Cond, ctx: Context, current: str | None) -> str | None:
        """The body whose condition holds; without one the value passes through."""
        chosen: tree.Body | tree.Cond | None = cond
        while isinstance(chosen, tree.Cond):
            self.tests.setdefault(ctx.room.path, []).append(chosen.test.span)
            chosen = chosen.then if self.truth(chosen.test, ctx) else chosen.other
        return current if chosen is None else self.body(chosen, ctx.inside(own=ctx.own), current)

    def turns(self, loop: tree.Loop, ctx: Context) -> Iterator[Env]:
        """One environment for each turn of a `for`, with its value bound."""
        self.shadows(loop.var, ctx)
        for value in self.loop_values(loop, ctx):
            self.tick(loop.span, ctx)
            env = Env(ctx.env)
            env.values[loop.var.name] = value
            yield env

    def branches(self, body: tree.Body, ctx: Context, current: str | None) -> list[tuple[str, Span]]:
        """Each line of a merge is a branch of the same value; each turn of a `for` is one; `none` is none."""
        found: list[tuple[str, Span]] = []
        self.entered.add(id(body))
        for line in body.lines:
            loop = _lone_loop(line)
            if loop is not None:
                for env in self.turns(loop, ctx):
                    inner = ctx.inside(env=env)
                    found += self._branch(loop.body, inner, current, loop.span)
            elif isinstance(line, (tree.Chain, tree.Broken)):
                found += self._branch(tree.Body((line,), (), line.span), ctx, current, line.span)
            else:
                self.line(line, ctx, current)
        return found

    def _branch(self, body: tree.Body, ctx: Context, current: str | None, span: Span) -> list[tuple[str, Span]]:
        try:
            value = self.body(body, ctx, current)
        except NoBranch:
            return []
        if value is None:
            message = "this branch has no value"
            raise self.troubles.error("no-value", message, span, help="it begins with an `@`", trace=ctx.trace)
        return [(value, span)]


def _lone_loop(line: tree.Line) -> tree.Loop | None:
    if not isinstance(line, tree.Chain) or len(line.steps) != 1:
        return None
    step = line.steps[0]
    plain = step.label is None and step.repeat is None and step.expect is None
    return step.core if plain and isinstance(step.core, tree.Loop) else None


def _labels(core: tree.Core) -> Iterator[tree.Ident]:
    """The labels inside a group that is repeated as it stands; a scope of its own, and a block, may hold labels."""
    if isinstance(core, tree.Group):
        for step in core.chain.steps:
            if step.label is not None:
                yield step.label
            yield from _labels(step.core)

"""Words with their arguments: layers, merges, and the few words that are no layer."""

import re
from abc import abstractmethod
from collections.abc import Iterable

from cnnspec.build.calls_elsewhere import Called, called
from cnnspec.build.idioms import IDIOMS, with_numbers
from cnnspec.build.making import Made
from cnnspec.build.reuse import Reuse
from cnnspec.build.scope import BlockDef, BlockWord, Context, Named
from cnnspec.build.structural import ALSO, STRUCTURAL
from cnnspec.build.troubles import Joined, NoBranch, Refused
from cnnspec.contract.layer import Layer
from cnnspec.contract.register import elsewhere, plain
from cnnspec.contract.values import Word
from cnnspec.source.diagnostic import Edit, Fix
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree

_GLUED = re.compile(r"([a-z][a-z_]*?)_?(\d+(?:x\d+)+)")
_BEFORE_LABEL = re.compile(r"[ \t]+[A-Za-z_][\w-]*:")
LINES = ("input", "output", "aux", "let", "set", "require")
"""Words that begin lines of a body."""


class Calls(Reuse):
    @abstractmethod
    def branches(self, body: tree.Body, ctx: Context, current: str | None) -> list[tuple[str, Span]]:
        """The branches of a merge with the spans they stand at (given by Flow)."""

    def apply(self, step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str | None:
        """A word with its arguments: whichever of layer, merge, block or structural word it is."""
        before = self.troubles.count
        target = self._target(step, ctx)
        is_guess = self.troubles.count > before
        if is_guess and isinstance(target, type) and (meant := called(target, step, self.words)):
            step = step._replace(word=tree.Ident(target.word, step.word.span), args=meant.args)
        if isinstance(target, BlockDef):
            return self.block(target, step, label, ctx, current)
        if isinstance(target, str):
            return self._structural(target, step, label, ctx, current)
        if target.merges:
            return self._merge(target, step, label, ctx, current)
        return self._layer(target, step, label, ctx, current, is_guess)

    # -- what a word is ---------------------------------------------------------------------------------------------

    def _target(self, step: tree.Apply, ctx: Context) -> type[Layer] | BlockDef | str:
        return self._named_or_held_by(step.word.name, ctx) or self._unknown_word(step, ctx)

    def _named_or_held_by(self, name: str, ctx: Context) -> type[Layer] | BlockDef | str | None:
        """What a name means where a step begins with it: a word, or the value that holds one."""
        found = self._named_by(name, ctx)
        if found is None:
            known, value = ctx.env.find(name)
            if known and value is None:
                raise Refused
            if isinstance(value, BlockWord):
                return value.target
            if isinstance(value, Word):
                found = self._named_by(value, ctx)
        return found

    def _named_by(self, name: str, ctx: Context) -> type[Layer] | BlockDef | str | None:
        if name in self.words:
            return self.words[name]
        if name in STRUCTURAL:
            return name
        return ctx.module.blocks.get(name)

    def _unknown_word(self, step: tree.Apply, ctx: Context) -> type[Layer] | BlockDef | str:
        """Tells it, and gives what was likely meant; Refused where nobody can say."""
        name = step.word.name
        if name in ctx.env.lost or ctx.module.may_have(name):
            raise Refused
        near = _in_another_case(name, ctx.module.blocks) or _in_another_case(name, self.words)
        if near is None:
            self._plainly_something_else(step, ctx)
            known_words = {*self.words, *STRUCTURAL, *ctx.module.blocks, *ctx.env.names(), *LINES}
            near = self._elsewhere(name) or nearest(name, known_words)
        self._without_its_branches(step, near, ctx)
        if meant := self._called(near, step):
            fix = Fix(f"here it is `{meant.text}`", (Edit(meant.span, meant.text),), safe=False)
            message = f"`{name}` is another tool's"
            self.troubles.error("unknown-word", message, step.word.span, help=fix.title, fix=fix, trace=ctx.trace)
            return self.words[near or ""]
        if near is None and _BEFORE_LABEL.match(step.word.span.source.text, step.word.span.end):
            raise Refused  # `my label: …`, which is told where the arrow is missing
        is_block = name.rpartition(".")[2][:1].isupper()
        first = step.args[0].value if step.args and step.args[0].name is None else None
        known = isinstance(first, tree.Name) and (first.name[0].isupper() or self._named_by(first.name, ctx))
        help, colon = None, None
        if known and not near and first:
            help = f"a name takes a colon: `{name}: {first.span.text}`"
            colon = Fix(help, (Edit(step.word.span, f"{name}:"),), safe=False)
        elif is_block:
            help = f"`block {name}(…) {{ … }}` defines it, `use` brings it from another file"
        message = f"unknown {'block' if is_block else 'layer'} `{name}`"
        refused = self.troubles.error(
            "unknown-word", message, step.word.span, help=help, fix=colon, meant=near, trace=ctx.trace
        )
        self.has_input |= near == "input"
        found = self._named_or_held_by(near, ctx) if near else None
        if found is None:
            raise refused
        return found

    def _without_its_branches(self, step: tree.Apply, near: str | None, ctx: Context) -> None:
        """Refused where the word was likely to be a merge, and nothing stands in braces behind it: `residual 16`."""
        cls = self.words.get(near or "")
        if cls is None or not cls.merges or step.body is not None:
            return
        right, fix = self._with_branches(step._replace(word=tree.Ident(cls.word, step.word.span)), ctx)
        message, help = f"unknown layer `{step.word.name}`", f"branches stand in braces: `{right}`"
        fix = fix._replace(title=help) if fix else None
        raise self.troubles.error("unknown-word", message, step.word.span, help=help, fix=fix, trace=ctx.trace)

    def _plainly_something_else(self, step: tree.Apply, ctx: Context) -> None:
        """Refused where the word is a label, a reference, what papers write, or a word and its size: `conv3x3`."""
        name, span, fix = step.word.name, step.word.span, None
        message, help = f"unknown layer `{name}`", None
        inner, glued = _filled_in(step), _GLUED.fullmatch(name)
        if ctx.room.find((name,)) is not None:
            help = f"`@{name}` takes the value of the step that is called so"
            fix = Fix(help, (Edit(span, f"@{name}"),), safe=False)
        elif inner and ctx.env.find(inner)[0]:
            help = f"`@{name}{{{inner}}}` takes the value of the step that is called so"
        elif (idiom := IDIOMS.get(plain(name))) and not self._elsewhere(name):
            message = f"there is no word `{name}`"
            help, fix = with_numbers(idiom, step)
        elif glued and (word := glued[1] if glued[1] in self.words else self._elsewhere(glued[1])):
            help = f"the size stands apart: `{word} {glued[2]}`"
            fix = Fix(help, (Edit(span, f"{word} {glued[2]}"),), safe=False)
        if help is not None:
            raise self.troubles.error("unknown-word", message, span, help=help, fix=fix, trace=ctx.trace)

    def _elsewhere(self, name: str) -> str | None:
        """The word for what other tools call `name`, which may have the name of their part of it: `nn.Conv2d`."""
        last = name.rpartition(".")[2]
        return elsewhere(last, self.words) or ALSO.get(plain(last))

    def _called(self, near: str | None, step: tree.Apply) -> Called | None:
        """What a call means whose name is another tool's for a word."""
        cls = self.words.get(near or "")
        return called(cls, step, self.words) if cls and self._elsewhere(step.word.name) == near else None

    # -- layers and merges ------------------------------------------------------------------------------------------

    def _layer(
        self,
        cls: type[Layer],
        step: tree.Apply,
        label: Named | None,
        ctx: Context,
        current: str | None,
        is_guess: bool = False,
    ) -> str:
        if is_guess:
            step = step._replace(word=tree.Ident(cls.word, step.word.span))
        name, path = self.claim(label, step.word.name, True, step.span, ctx)

        def make() -> str:
            if step.body is not None:
                message = f"`{step.word.name}` takes no body"
                help = "merges do: add, concat, mul; `name: { … }` makes a scope"
                raise self.troubles.error("unexpected-body", message, step.body.span, help=help, trace=ctx.trace)
            try:
                made = self._meant_layer(cls, step, ctx) if is_guess else self.make_layer(cls, step, ctx)
            except Joined as joined:
                return self._two_steps(cls, step, joined.place, path, ctx, current)
            entry = self.entering(step, ctx, current)
            return self.layer_node(path, made.layer, (entry, *made.operands), step, (), ctx, made)

        return self.settle(make, name, path, None, step, ctx, current)

    def _meant_layer(self, cls: type[Layer], step: tree.Apply, ctx: Context) -> Made:
        """The layer that a step with a mistake likely means, as was told; its arguments may be another tool's."""
        with self.troubles.muted():
            made = self.make_layer(cls, step, ctx)
        return made._replace(guesses=(made.layer, *made.guesses), told=True)

    def _two_steps(
        self, cls: type[Layer], step: tree.Apply, place: int, path: str, ctx: Context, current: str | None
    ) -> str:
        """Two steps where the arrow between them is missing; the second begins with an argument of the first."""
        word = step.args[place].value
        assert isinstance(word, tree.Name), "a step begins with a word"
        first = step._replace(
            args=step.args[:place], span=step.word.span.to(step.args[place - 1].span if place else step.word.span)
        )
        made = self._meant_layer(cls, first, ctx)
        entry = self.entering(step, ctx, current)
        value = self.layer_node(path, made.layer, (entry, *made.operands), first, (), ctx, made)
        second = tree.Apply(
            tree.Ident(word.name, word.span), step.args[place + 1 :], step.body, word.span.to(step.span)
        )
        with self.troubles.muted():
            result = self.apply(second, None, ctx, value)
        assert result is not None, "what something enters gives a value"
        return result

    def _merge(self, cls: type[Layer], step: tree.Apply, label: Named | None, ctx: Context, current: str | None) -> str:
        name, path = self.claim(label, step.word.name, False, step.span, ctx)

        def make() -> str:
            if step.body is None:
                raise self._without_branches(step, ctx)
            self.tick(step.span, ctx, work=4)
            layer = self.make_layer(cls, step, ctx).layer
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

    def _without_branches(self, step: tree.Apply, ctx: Context) -> Refused:
        """`add`, and `add @a @b`, whose arguments were meant as branches."""
        message, word = f"`{step.word.name}` needs its branches", step.word
        right, fix = self._with_branches(step, ctx)
        return self.troubles.error("missing-body", message, word.span, help=f"`{right}`", fix=fix, trace=ctx.trace)

    def _with_branches(self, step: tree.Apply, ctx: Context) -> tuple[str, Fix | None]:
        """A merge as it is written, and a fix where its arguments are what it merges; `add 16` meant 16 channels."""
        word = step.word
        given = [self._meant_as_branch(each, ctx) for each in step.args]
        branches = [each for each in given if each is not None]
        if not branches or len(branches) < len(given):
            channels = next((each.span.text for each in step.args if isinstance(each.value, tree.Number)), "64")
            return f"{word.name} {{ conv 3x3 {channels} pad=1 | id }}", None
        right = f"{word.name} {{ {' | '.join(branches if len(branches) > 1 else [*branches, 'id'])} }}"
        fix = Fix(f"`{right}`", (Edit(word.span.to(step.args[-1].span), right),), safe=len(branches) > 1)
        return right, fix

    def _meant_as_branch(self, arg: tree.Arg, ctx: Context) -> str | None:
        """An argument as the branch that it was meant to be: a reference, the name of a step, or `id`."""
        value = arg.value
        if arg.name is not None or not isinstance(value, (tree.Ref, tree.Name)):
            return None
        if isinstance(value, tree.Name) and ctx.room.find(tuple(value.name.split("."))) is not None:
            return f"@{value.name}"
        return value.span.text if isinstance(value, tree.Ref) else value.name if value.name in STRUCTURAL else None

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


def _in_another_case(name: str, known: Iterable[str]) -> str | None:
    """The name that differs in its case alone."""
    return next((each for each in known if each.lower() == name.lower()), None)


def _filled_in(step: tree.Apply) -> str | None:
    """The name between the braces of `f{i}`, which is written like a reference and read as a body."""
    body = step.body
    if body is None or step.args or body.span.start != step.word.span.end or len(body.lines) != 1:
        return None
    inner = body.span.text[1:-1]
    return inner if inner.isidentifier() else None

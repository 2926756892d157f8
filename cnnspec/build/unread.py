"""What the expansion never read: branches that were not taken, blocks that nobody uses.

Nothing is known there of values and shapes. What needs none is told as elsewhere: words and blocks that do not exist,
arguments that a word does not have, names and references that nothing in the text can answer.
"""

import re
from contextlib import suppress

from cnnspec.build.model_lines import ModelLines
from cnnspec.build.scope import BlockDef, Context, Entity, Env, Module, Room, header_names, names_in
from cnnspec.build.structural import STRUCTURAL
from cnnspec.build.troubles import Refused
from cnnspec.contract.fields import Kind
from cnnspec.contract.layer import Layer
from cnnspec.contract.sections import SECTIONS
from cnnspec.syntax import tree


class Unread(ModelLines):
    """`_read` is whether what is being looked at was expanded: then it only says which names there are."""

    _read = True

    def look_at_unread(self, file: tree.File, module: Module, model: tree.Model | None) -> None:
        """Tells what is wrong in the parts of a file that were not expanded; `model` is the one that was.

        What other models use is left to them: there it is told with its way through the blocks.
        """
        others = self._used_by_others(module, model)
        for item in file.items:
            if isinstance(item, tree.Block):
                block = module.blocks.get(item.name.name)
                if block is not None and block.tree is item and item.name.name not in others and self._has_unread(item):
                    self._look_through(item, block.env, module)
            elif item is model and self._has_unread(item):
                env = next(env for each, env in module.models if each is item)
                self._look_through(item, env, module)

    def _used_by_others(self, module: Module, model: tree.Model | None) -> set[str]:
        found = set[str]()
        waiting: list[tree.Block | tree.Model] = [each for each, _ in module.models if each is not model]
        while waiting:
            for node in tree.walk(waiting.pop()):
                name = node.word.name if isinstance(node, tree.Apply) else getattr(node, "name", None)
                if isinstance(name, str) and name in module.blocks and name not in found:
                    found.add(name)
                    waiting.append(module.blocks[name].tree)
        return found

    # -- what was not expanded --------------------------------------------------------------------------------------

    def _has_unread(self, owner: tree.Block | tree.Model) -> bool:
        """Whether any part of it was not expanded. A large text is mostly plain steps, which are passed over."""
        waiting: list[tree.Body | tree.Chain] = [owner.body]
        while waiting:
            at = waiting.pop()
            if isinstance(at, tree.Body):
                if id(at) not in self.entered:
                    return True
                for line in at.lines:
                    if isinstance(line, tree.Chain):
                        waiting.append(line)
                    elif isinstance(line, (tree.Output, tree.Aux)):
                        waiting.append(line.chain)
                continue
            for step in at.steps:
                core = step.core
                if not isinstance(core, (tree.Apply, tree.Ref)):
                    waiting += _parts(core)
                elif isinstance(core, tree.Apply) and core.body is not None and self._merges(core):
                    waiting.append(core.body)
        return False

    def _merges(self, step: tree.Apply) -> bool:
        cls = self.words.get(step.word.name)
        return cls is not None and cls.merges

    # -- the walk: every name that there is, in order ---------------------------------------------------------------

    def _look_through(self, owner: tree.Block | tree.Model, outer: Env, module: Module) -> None:
        env, room = Env(outer), Room("", None, False)
        if owner.broken:
            room.lost = header_names(owner)
            env.lost |= room.lost
        ctx = Context(env, room, module, (), (), 0)
        if isinstance(owner, tree.Model):
            room.entities["input"] = _entity(owner.name)
        self._read = id(owner.body) in self.entered
        for param in owner.params:
            if param.default is not None:
                self._expression(param.default, ctx)
            if param.tensor:
                room.entities[param.name.name] = _entity(param.name)
            else:
                env.values[param.name.name] = None
        self._look_in(owner.body, ctx)

    def _look_in(self, body: tree.Body, ctx: Context) -> None:
        before, self._read = self._read, id(body) in self.entered
        for line in body.lines:
            self._look_at(line, ctx)
        self._read = before

    def _look_at(self, line: tree.Line, ctx: Context) -> None:
        match line:
            case tree.Chain():
                self._look_along(line, ctx)
            case tree.Broken():
                lost = names_in(line.span.text)
                ctx.room.lost, ctx.env.lost = ctx.room.lost | lost, ctx.env.lost | lost
            case tree.Let(name, value, _):
                self._expression(value, ctx)
                ctx.env.values[name.name] = None
            case tree.Set() if not self._read:
                for cls, word in self.set_words(line, ctx):
                    self._arguments(word, cls, line.args, ctx)
            case tree.Input(label, _, _) if label is not None:
                self._named_here(label, ctx)
            case tree.Output(label, chain, _) | tree.Aux(label, _, chain, _):
                self._look_along(chain, ctx)
                self._named_here(label, ctx)

    def _look_along(self, chain: tree.Chain, ctx: Context) -> None:
        for step in chain.steps:
            self._core(step.core, ctx)
            if step.repeat is not None:
                self._expression(step.repeat, ctx)
            if step.label is not None:
                self._named_here(step.label, ctx)

    def _named_here(self, label: tree.Ident, ctx: Context) -> None:
        ctx.room.entities.setdefault(label.name.partition(".")[0], _entity(label))

    def _core(self, core: tree.Core, ctx: Context) -> None:
        match core:
            case tree.Ref():
                self._reference(core, ctx)
            case tree.Apply():
                self._apply(core, ctx)
            case tree.Group(chain, _):
                self._look_along(chain, ctx)
            case tree.Braces(_, body, _):
                self._look_in(body, ctx.inside())
            case tree.Cond(test, then, other, _):
                self._expression(test, ctx)
                self._look_in(then, ctx.inside())
                if isinstance(other, tree.Cond):
                    self._core(other, ctx)
                elif other is not None:
                    self._look_in(other, ctx.inside())
            case tree.Loop(var, values, last, body, _):
                for value in (*values, *((last,) if last is not None else ())):
                    self._expression(value, ctx)
                inner = ctx.inside()
                inner.env.values[var.name] = None
                self._look_in(body, inner)

    # -- what is told of a step -------------------------------------------------------------------------------------

    def _apply(self, step: tree.Apply, ctx: Context) -> None:
        if not self._read:
            self._step(step, ctx)
        if step.body is not None and self._merges(step):
            self._look_in(step.body, ctx.inside())

    def _step(self, step: tree.Apply, ctx: Context) -> None:
        """One word with its arguments; a word that a parameter holds may be any, and so may its arguments."""
        name = step.word.name
        if name in SECTIONS:
            return
        if name == "reuse":
            given = step.args[0].value if step.args else None
            if isinstance(given, tree.Name):
                self._reference(tree.Ref(tuple(given.name.split(".")), given.span), ctx, mark="")
        elif name in self.words:
            self._arguments(step.word, self.words[name], step.args, ctx)
        elif name in ctx.module.blocks:
            self._block_arguments(ctx.module.blocks[name], step, ctx)
        elif name not in STRUCTURAL and not ctx.env.find(name)[0]:
            with suppress(Refused):  # told
                self._unknown_word(step, ctx)
        for arg in step.args:
            if isinstance(arg.value, tree.Ref):
                self._reference(arg.value, ctx)

    def _arguments(self, word: tree.Ident, cls: type[Layer], args: tuple[tree.Arg, ...], ctx: Context) -> None:
        try:
            self.check_spaced(word, args, ctx)
            places = self._places(word, cls.fields, args, ctx)
        except Refused:  # told
            return
        for field, arg in places:
            if not isinstance(arg.value, tree.Ref):
                self._expression(arg.value, ctx, field.kind)

    def _block_arguments(self, block: BlockDef, step: tree.Apply, ctx: Context) -> None:
        if block.tree.broken:
            return
        try:
            given = self._given(block, step, ctx)
        except Refused:  # told
            return
        for arg in given.values():
            if not isinstance(arg.value, tree.Ref):
                self._expression(arg.value, ctx)

    def _expression(self, expr: tree.Expr, ctx: Context, kind: Kind | None = None) -> None:
        """The names in it, each of which must be one."""
        if self._read:
            return
        match expr:
            case tree.Name():
                with suppress(Refused):  # told, or a value that is not known here
                    self._name(expr, ctx, kind)
            case tree.ListOf(items, _):
                for each in items:
                    self._expression(each, ctx, kind)
            case tree.InDim(_, ref, _) if ref is not None:
                self._reference(ref, ctx)
            case tree.Call(_, args, _):
                for each in args:
                    self._expression(each, ctx)
            case tree.Unary(_, operand, _):
                self._expression(operand, ctx)
            case tree.Binary(_, left, right, _):
                self._expression(left, ctx)
                self._expression(right, ctx)

    def _reference(self, ref: tree.Ref, ctx: Context, mark: str = "@") -> None:
        """A reference whose first part nothing above it is called."""
        head = ref.path[0]
        if self._read or "{" in head or self._may_be_called(head, ctx):
            return
        with suppress(Refused):  # told
            self.entity(ref, ctx, mark)

    def _may_be_called(self, name: str, ctx: Context) -> bool:
        """Whether a step above has that name: as its label, by a label with `{i}` in it, or by its word and a count."""
        if name in ctx.room.entities:
            return True
        blocks = (each.rpartition(".")[2].lower() for each in ctx.module.blocks)
        if any(name.startswith(each) and name[len(each) :].isdigit() for each in ("", "seq", *self.words, *blocks)):
            return True
        open_names = (re.split(r"\{.*?\}", each) for each in ctx.room.entities if "{" in each)
        return any(re.fullmatch(".+".join(map(re.escape, each)), name) for each in open_names)


def _parts(core: tree.Group | tree.Braces | tree.Cond | tree.Loop) -> list[tree.Body | tree.Chain]:
    """What is directly inside of a step that is no word."""
    if isinstance(core, tree.Group):
        return [core.chain]
    if not isinstance(core, tree.Cond):
        return [core.body]
    found: list[tree.Body | tree.Chain] = [core.then]
    if isinstance(core.other, tree.Cond):
        return found + _parts(core.other)
    return found if core.other is None else [*found, core.other]


def _entity(label: tree.Ident) -> Entity:
    return Entity("", None, label.span)

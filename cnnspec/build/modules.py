"""Files: their blocks, what they use from other files, and the values and settings that hold in them."""

from typing import NamedTuple, Protocol

from cnnspec.build.flow import Flow
from cnnspec.build.scope import BlockDef, Context, Env, Module, Room, header_names, names_in
from cnnspec.source.diagnostic import Diagnostic, Label
from cnnspec.source.text import Source, Span
from cnnspec.syntax import tree


class Refusal(Protocol):
    """Why a file was not read."""

    @property
    def id(self) -> str: ...
    @property
    def message(self) -> str: ...
    @property
    def help(self) -> str | None: ...


class Parsed(NamedTuple):
    """A file that was read, with what was found in its syntax."""

    file: tree.File
    diagnostics: tuple[Diagnostic, ...]


class Reader(Protocol):
    """Reads and parses the file that a source calls by a relative path."""

    def __call__(self, path: str, by: Source) -> Parsed | Refusal: ...


class Modules(Flow):
    reader: Reader

    def module(self, file: tree.File, opened: tuple[str, ...]) -> Module:
        """A file's blocks, models and sections, with `let` and `set` in force for what stands below them."""
        self.may_reuse |= "reuse" in file.span.source.text
        module, env = Module(), Env()
        for item in file.items:
            if isinstance(item, tree.Broken):
                module.lost |= names_in(item.span.text)
                module.lost_files |= item.span.text.startswith("use")
            elif isinstance(item, (tree.Block, tree.Model)) and item.broken:
                module.lost |= header_names(item)
        env.lost = module.lost
        ctx = Context(env, Room("", None, False), module, (), (), 0)
        for item in file.items:
            match item:
                case tree.Let(name, value, _):
                    self.let(name, value, ctx)
                case tree.Set():
                    self.apply_set(item, ctx)
                case tree.Use():
                    self._use(item, ctx, opened)
                case tree.Block():
                    self._define(item, env, module, ctx)
                case tree.Model():
                    self._parameters_of(item, ctx)
                    module.models.append((item, env.frozen()))
                case tree.Apply():
                    module.sections.append(item)
                case tree.Broken():
                    pass
        return module

    def _define(self, block: tree.Block, env: Env, module: Module, ctx: Context) -> None:
        before = module.blocks.get(block.name.name)
        if before is not None:
            first = before.tree.name.span
            where = f"first at line {first.line}" if first.source is block.span.source else "it comes from a used file"
            message = f"the block `{block.name.name}` is defined twice"
            help = "give it another name, or make one block of both with a parameter for what differs"
            self.troubles.error(
                "duplicate-block", message, block.name.span, "again here", secondary=(Label(first, where),), help=help
            )
            return
        if not self._parameters_of(block, ctx):
            block = block._replace(broken=True)
        module.blocks[block.name.name] = BlockDef(block, env.frozen(), module)

    def _parameters_of(self, owner: tree.Block | tree.Model, ctx: Context) -> bool:
        """Whether the parameters can be told apart."""
        seen: dict[str, Span] = {}
        for param in owner.params:
            self.shadows(param.name, ctx)
            if param.name.name in seen:
                first = Label(seen[param.name.name], "first here")
                message = f"the parameter `{param.name.name}` is listed twice"
                self.troubles.error("duplicate-parameter", message, param.span, secondary=(first,))
            seen[param.name.name] = param.span
        return len(seen) == len(owner.params)

    def _use(self, use: tree.Use, ctx: Context, opened: tuple[str, ...]) -> None:
        """Brings another file's blocks, under an alias if one is given."""
        module = ctx.module
        found = self.reader(use.path.value, use.span.source)
        if not isinstance(found, Parsed):
            self.troubles.error(found.id, found.message, use.path.span, help=found.help)
            module.lost_files = True
            return
        file, diagnostics = found
        name = file.span.source.name
        if name in opened:
            message = f"`{use.path.value}` uses this file: files cannot use each other in a circle"
            help = "move the blocks that both need to a third file"
            self.troubles.error("circular-use", message, use.path.span, help=help)
            return
        for each in diagnostics:
            self.troubles.tell(each)
        other = self.module(file, (*opened, name))
        prefix = f"{use.alias.name}." if use.alias else ""
        own = {key: block for key, block in other.blocks.items() if block.module is other and "." not in key}
        module.lost |= other.lost
        module.lost_files |= other.lost_files
        if not own and not other.lost and not other.lost_files:
            help = "`use` brings blocks; models, values and settings stay in their file"
            message = f"`{use.path.value}` has no block to bring"
            self.troubles.error("nothing-to-use", message, use.path.span, help=help)
        for key, block in own.items():
            if prefix + key in module.blocks:
                message = f"the block `{key}` of `{use.path.value}` is defined here already"
                help = f'`use "{use.path.value}" as …` gives it another name'
                self.troubles.error("duplicate-block", message, use.span, help=help)
            module.blocks.setdefault(prefix + key, block)

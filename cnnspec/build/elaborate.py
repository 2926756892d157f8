"""A model's text to its graph."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from cnnspec.build.budgets import Budget, Budgets
from cnnspec.build.failures import Failures
from cnnspec.build.modules import Reader
from cnnspec.build.options import Options
from cnnspec.build.scope import Context, Env, Module, Room, header_names
from cnnspec.build.sections import Line
from cnnspec.build.travels import TextReader
from cnnspec.build.troubles import NoBranch, Refused, Stop, Troubles
from cnnspec.build.unread import Unread
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Value
from cnnspec.ir.graph import Aux, Graph, Input, Scope
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Span
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.contract.preprocess import Preprocess
    from cnnspec.contract.training.recipe import Recipe
    from cnnspec.ir.decisions import Decision

OPTION_IDS = frozenset({"unknown-model", "unknown-parameter", "unknown-input", "word-for-number"})
"""The diagnostics about what a caller asked for beyond the text: a command that meets one exits with 2."""


class Built(NamedTuple):
    """A model expanded: `shapes` by node id (None where unknown), the parameters' values, what travels with it, and
    what is known of the steps that were refused (`failures`). `reads_shapes` says that the text asks for a shape
    (`in.h`), so that for another input it may be refused, or be another network; `decisions` are its conditions on
    sizes as they came out, and `sizes_used` what it reads of sizes elsewhere."""

    graph: Graph
    shapes: Mapping[str, Shape | None]
    parameters: Mapping[str, Value]
    image: Preprocess | None
    labels: tuple[str, ...] | None
    budgets: Budgets | None = None
    recipe: Recipe | None = None
    reads_shapes: bool = False
    decisions: tuple[Decision, ...] = ()
    failures: Failures = MappingProxyType({})
    sizes_used: frozenset[tuple[str, int]] = frozenset()


def build(
    file: tree.File, options: Options, words: Mapping[str, type[Layer]], reader: Reader, texts: TextReader
) -> tuple[Built | None, tuple[Diagnostic, ...]]:
    """The one model that the options choose, or the file's only one; None where there is none to expand."""
    troubles = Troubles()
    elaborator = Elaborator(troubles, words, options, reader, texts)
    built = None
    with suppress(Stop):
        built = elaborator.run(file)
    if not troubles.may_be_of_uses:
        return built, troubles.all()
    from cnnspec.build.blame import settled  # most texts have nothing that it is about

    return built, settled(troubles.met(), elaborator.scopes)


class Elaborator(Unread):
    def __init__(
        self,
        troubles: Troubles,
        words: Mapping[str, type[Layer]],
        options: Options,
        reader: Reader,
        texts: TextReader,
    ) -> None:
        super().__init__(troubles, words, options)
        self.reader, self.texts = reader, texts
        self.outputs: dict[str, str] = {}
        self.heads: dict[str, Aux] = {}
        self.sections: dict[str, Line] = {}
        self.put_off: list[Budget] = []
        self.several_inputs = self.has_input = False

    def run(self, file: tree.File) -> Built | None:
        self.file = file
        module = self.module(file, (file.span.source.name,))
        chosen = self._choose(file, module)
        if chosen is None:
            if not module.models:
                self.look_at_unread(file, module, None)
            return None
        built = self._expand(*chosen, module)
        self.look_at_unread(file, module, chosen[0])
        return built

    def _expand(self, model: tree.Model, env: Env, module: Module) -> Built | None:
        env = self._bind_model(model, env, module)
        if model.broken:
            env.lost |= header_names(model)
        root = Room("", None, model.listed)
        self.scopes[""] = Scope("", None, model.name.name, model.listed, {}, model.span)
        ctx = Context(env, root, module, (), (), 1, own=True)
        inputs = [line for line in model.body.lines if isinstance(line, (tree.Input, tree.Broken))]
        self.has_input = bool(inputs)
        self.several_inputs = sum(isinstance(line, tree.Input) for line in inputs) > 1
        for section in module.sections:
            self.take_file_section(section, len(module.models), ctx)
        last = self._body(model, ctx)
        if not self.outputs and last is not None:
            self.outputs["output"] = last
        if not any(isinstance(node.layer, Input) for node in self.nodes.values()):
            if not self.has_input:
                help = "`input 3x224x224`: channels, height and width"
                self.troubles.error(
                    "no-input", f"the model `{model.name.name}` has no input", model.name.span, help=help
                )
            return None
        self._asked_inputs(model)
        self.sections_fit()
        for path, tests in self.tests.items():
            self.scopes[path] = self.scopes[path]._replace(tests=tuple(tests))
        graph = Graph(model.name.name, self.nodes, self.scopes, self.outputs, self.heads, self.copies)
        parameters = {
            name: value for param in model.params if (value := env.values.get(name := param.name.name)) is not None
        }
        budgets = self.settle_budgets if self.put_off else None
        return Built(
            graph=graph,
            shapes=self.shapes,
            parameters=parameters,
            image=self.image,
            labels=self.labels,
            budgets=budgets,
            recipe=self.recipe,
            reads_shapes=self.reads_shapes,
            decisions=tuple(self.decisions),
            failures=self.failures,
            sizes_used=frozenset([(node, axis) for node, axis, _ in self.asked]),
        )

    def _asked_inputs(self, model: tree.Model) -> None:
        """Every shape that the options give is for an input that there is."""
        names = [node.id for node in self.nodes.values() if isinstance(node.layer, Input)]
        listed = ", ".join(f"`{name}`" for name in names)
        for asked, shape in self.options.inputs.items():
            if asked is None and len(names) > 1:
                help = f"`{self.options.input_as(names[0], shape)}`"
                message = f"the model has several inputs: {listed}"
                self.troubles.error("unknown-input", message, model.name.span, help=help)
            elif asked is not None and asked not in names:
                near = nearest(asked, names)
                help = f"did you mean `{near}`?" if near else f"its inputs: {listed}"
                message = f"the model has no input `{asked}`"
                self.troubles.error("unknown-input", message, model.name.span, help=help)

    def _body(self, model: tree.Model, ctx: Context) -> str | None:
        try:
            return self.body(model.body, ctx, None)
        except NoBranch as none:
            help = "it stands in a merge, for a branch that is not there; `id` passes the value on"
            self.troubles.error("stray-none", "`none` is no value for a model", none.span, help=help)
            return None

    # -- which model, and its parameters ----------------------------------------------------------------------------

    def _choose(self, file: tree.File, module: Module) -> tuple[tree.Model, Env] | None:
        models, wanted = module.models, self.options.model
        named = [each for each in models if each[0].name.name == wanted] if wanted else models
        if len(named) == 1:
            return named[0]
        names = ", ".join(f"`{each.name.name}`" for each, _ in models)
        start = Span(file.span.source, 0, 0)
        if named and wanted:
            message = f"the model `{wanted}` is defined twice"
            first = Label(named[0][0].name.span, "first here")
            self.troubles.error("duplicate-model", message, named[1][0].name.span, "again here", secondary=(first,))
        elif wanted:
            near = nearest(wanted, (each.name.name for each, _ in models))
            help = f"did you mean `{near}`?" if near else f"it holds {names}" if names else None
            self.troubles.error("unknown-model", f"there is no model `{wanted}` in this file", start, help=help)
        elif models:
            message = f"the file holds {len(models)} models: {names}"
            help = f"`--model {models[0][0].name.name}` chooses one"
            self.troubles.error("unknown-model", message, models[1][0].name.span, help=help)
        elif module.blocks:
            message = "a file of blocks: it is checked through the models that use it"
            self.troubles.tell(Diagnostic("no-model", Severity.HINT, message, Label(start)))
        elif not module.lost:
            help = "`model Name { input 3x224x224 … }`"
            self.troubles.error("no-model", "there is no model in this file", start, help=help)
        return None

    def _bind_model(self, model: tree.Model, env: Env, module: Module) -> Env:
        env = Env(env)
        ctx = Context(env, Room("", None, False), module, (), (), 0)
        given = dict(self.options.parameters)
        for param in model.params:
            name = param.name.name
            if param.slash or param.tensor:
                message = f"a model takes plain parameters, not `{param.span.text}`"
                help = f"its tensors are its inputs: `input {name}: 3x224x224`" if param.tensor else None
                help = help or f"`{param.span.text.lstrip('/')}`, and then `/{name}` in a step as before"
                self.troubles.error("bad-parameter", message, param.span, help=help)
                env.values[name] = None
            elif name in given:
                env.values[name] = given.pop(name)
            elif param.default is None:
                help = f"a default: `{name}=10`; or give it: `--set {name}=10`"
                self.troubles.error("missing-argument", f"the model needs a value for `{name}`", param.span, help=help)
                env.values[name] = None
            else:
                try:
                    env.values[name] = self.evaluate(param.default, ctx)
                except Refused:
                    env.values[name] = None
        for name in given:
            known = [param.name.name for param in model.params]
            near = nearest(name, known)
            listed = ", ".join(f"`{each}`" for each in known) or "none"
            help = f"did you mean `{near}`?" if near else f"its parameters: {listed}"
            message = f"the model `{model.name.name}` has no parameter `{name}`"
            self.troubles.error("unknown-parameter", message, model.name.span, help=help)
        return env

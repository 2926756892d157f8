"""What belongs to the model and travels with it: `image { … }`, `labels "…"`, `train { … }`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from cnnspec.build.modules import Refusal
from cnnspec.build.scope import Context
from cnnspec.build.sections import Line, Sections
from cnnspec.contract.errors import LayerError
from cnnspec.contract.sections import SECTIONS, section_kind
from cnnspec.ir.graph import Input, Unknown
from cnnspec.source.diagnostic import Diagnostic, Label, Severity
from cnnspec.source.nearest import nearest
from cnnspec.source.text import Source
from cnnspec.syntax import tree

if TYPE_CHECKING:
    from cnnspec.contract.preprocess import Preprocess
    from cnnspec.contract.training.clashes import Clash
    from cnnspec.contract.training.recipe import Recipe

TextReader = Callable[[str, Source], Source | Refusal]
"""Reads the text file that a source calls by a relative path."""

WRONG = ("recipe-contradiction", Severity.ERROR)
IDLE = ("recipe-without-effect", Severity.WARNING)


class Travels(Sections):
    texts: TextReader
    sections: dict[str, Line]
    outputs: dict[str, str]
    image: Preprocess | None = None
    labels: tuple[str, ...] | None = None
    recipe: Recipe | None = None

    def take_file_section(self, step: tree.Apply, models: int, ctx: Context) -> None:
        """A section that stands outside the models: it belongs to the file's one model."""
        if models == 1 or step.word.name not in SECTIONS:
            self.take_section(step, ctx)
            return
        message = f"`{step.word.name}` outside of the models is for the one model of a file, and here are {models}"
        help = "put it into the body of the model that it belongs to"
        self.troubles.error("misplaced-line", message, step.word.span, help=help)

    def take_section(self, step: tree.Apply, ctx: Context) -> None:
        """A section of the model's body."""
        word = step.word.name
        if word not in SECTIONS:
            near = nearest(word, SECTIONS)
            help = f"the sections are {', '.join(SECTIONS)}"
            if step.args and isinstance(step.args[0].value, tree.Name):  # `def Body(c) { … }`
                help += f"; a piece of network is `block {step.args[0].value.name}(…) {{ … }}`"
            self.troubles.error("unknown-word", f"unknown section `{word}`", step.word.span, help=help, meant=near)
            return
        line = self.section(section_kind(word), step, ctx)
        if word in self.sections:
            self.twice(word, step.word.span, self.sections[word].span)
        elif line is not None:
            self.sections[word] = line
            {"image": self._take_image, "labels": self._take_labels, "train": self._take_recipe}[word](line)

    def _take_image(self, line: Line) -> None:
        from cnnspec.contract.preprocess import Preprocess  # brings json, which few texts need

        self.image = Preprocess(line.setting.body, line.setting.arguments["channels"])

    def _take_labels(self, line: Line) -> None:
        """The lines of a file that stands beside the text."""
        span = line.places["file"]
        found = self.texts(line.setting.arguments["file"], span.source)
        if isinstance(found, Source):
            self.labels = tuple(each.strip() for each in found.text.splitlines() if each.strip())
        else:
            self.troubles.error(found.id, found.message, span, help=found.help)

    def _take_recipe(self, line: Line) -> None:
        from cnnspec.contract.training.clashes import clashes
        from cnnspec.contract.training.recipe import Recipe

        self.recipe = Recipe.of((each.word, each.setting) for each in line.lines)
        self._tell_clashes(clashes(self.recipe))

    # -- whether they fit the network -------------------------------------------------------------------------------

    def sections_fit(self) -> None:
        """What the sections say goes with the input and the output, for the file's own numbers."""
        self._parts_fit()
        entry = self._only_input()
        if self.options.inputs or entry is None:
            return
        if self.image is not None:
            try:
                self.image.fitted((entry.shape[0], *(None if entry.any_size else each for each in entry.shape[1:])))
            except LayerError as error:
                self.troubles.layer_error(error, self.sections["image"].span, ())
        if self.recipe is not None and not self.options.parameters:
            from cnnspec.contract.training.clashes import misfits

            ends = list(self.outputs.values())
            result = self.shapes.get(ends[0]) if len(ends) == 1 else None
            self._tell_clashes(misfits(self.recipe, None if entry.any_size else entry.shape, result))

    def _parts_fit(self) -> None:
        """What the recipe says of parts of the network is said of steps that are there."""
        is_whole = not any(isinstance(node.layer, Unknown) for node in self.nodes.values())
        if self.recipe is not None and self.recipe.names_parts and is_whole and not self.options.parameters:
            from cnnspec.build.parts import StepNames, astray

            self._tell_clashes(astray(self.recipe, StepNames(self.nodes, self.shapes)))

    def _tell_clashes(self, found: Iterable[Clash]) -> None:
        """At the lines that do not go together. What only comes to nothing is told for the file's own numbers."""
        lines: dict[str, Line] = {}
        for each in self.sections["train"].lines:
            several = lines[each.word].lines if each.word in lines else ()
            repeats = each.word in type(self.sections["train"].setting).repeated
            lines[each.word] = each._replace(lines=(*several, each)) if repeats else each
        for clash in found:
            if not clash.wrong and self.options.parameters:
                continue
            line = lines[clash.line] if clash.step is None else lines[clash.line].lines[clash.step]
            place = Label(line.places.get(clash.field or "", line.span))
            other = (Label(lines[clash.other[0]].span, clash.other[1]),) if clash.other else ()
            id, severity = WRONG if clash.wrong else IDLE
            self.troubles.tell(Diagnostic(id, severity, clash.message, place, other, (), clash.help))

    def _only_input(self) -> Input | None:
        inputs = [node.layer for node in self.nodes.values() if isinstance(node.layer, Input)]
        return inputs[0] if len(inputs) == 1 else None

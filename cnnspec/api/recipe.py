"""A recipe from the file and from what a command says in its place, with the origin of each line."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.build.parts import StepNames, astray
from cnnspec.contract.training.clashes import clashes, misfits
from cnnspec.contract.training.losses import BinaryCrossEntropy, CrossEntropy, MeanSquaredError
from cnnspec.contract.training.optimizers import Adam
from cnnspec.contract.training.recipe import Batch, Epochs, Recipe, Stop
from cnnspec.contract.training.schedules import Plateau
from cnnspec.ir.graph import Graph, Node
from cnnspec.passes.fold import ShapeTable
from cnnspec.pipeline import Compiled, compile_source
from cnnspec.source.text import Source
from cnnspec.training.errors import TrainError
from cnnspec.training.plan import DEFAULT, FILE, overridden

PROBABILITIES = ("nn.Softmax", "nn.LogSoftmax", "nn.Sigmoid")
HANDS_ON = ("nn.Flatten", "nn.Unflatten", "nn.Dropout", "torch.reshape", "torch.permute")
"""Torch's names for what makes probabilities of scores, and for what hands on what it is given."""


class Asked(NamedTuple):
    """`lines` as `optimizer=sgd 0.1`: a line of the recipe, its word before the equals sign."""

    lines: tuple[str, ...] = ()
    epochs: int | None = None
    batch: int | None = None
    lr: float | None = None
    freeze: tuple[str, ...] = ()


def with_recipe(compiled: Compiled, asked: Asked) -> tuple[Compiled, dict[str, str]]:
    """The network with the recipe that results, and where each line is from. TrainError where a line is none, or does
    not go with another."""
    built = compiled.built
    assert built is not None
    recipe = built.recipe or Recipe()
    origins = {word: FILE for word, line in recipe._asdict().items() if line is not None}
    for each in asked.lines:
        word, _, rest = each.partition("=")
        recipe = overridden(recipe, _line(f"{word.strip()} {rest.strip()}"), origins, f"--set train.{word.strip()}")
    if asked.epochs is not None:
        recipe = overridden(recipe, Recipe(epochs=Epochs(number=asked.epochs)), origins, "--epochs")
    if asked.batch is not None:
        accumulate = recipe.batch.accumulate if recipe.batch else 1
        if asked.batch % accumulate:
            raise TrainError(f"a batch of {asked.batch} does not fall into {accumulate} equal parts")
        recipe = overridden(recipe, Recipe(batch=Batch(size=asked.batch, accumulate=accumulate)), origins, "--batch")
    if asked.lr is not None:
        before = recipe.optimizer or Adam(lr=0.001)
        changed = type(before)(**{**before.arguments, "lr": asked.lr})
        origin = origins.get("optimizer", DEFAULT)
        recipe = overridden(recipe, Recipe(optimizer=changed), origins, f"{origin}, lr by --lr")
    for pattern in asked.freeze:
        if '"' in pattern:
            raise TrainError(f"`--freeze {pattern}`: no step has a quote in its name", '`--freeze "features.*"`')
        recipe = overridden(recipe, _line(f'freeze "{pattern}"'), origins, "--freeze")
    _checked(recipe, compiled)
    return compiled.with_built(built._replace(recipe=recipe)), origins


def _line(text: str) -> Recipe:
    """One line of a recipe, read as a file's is."""
    source = Source("--set", f"model M {{\n  input 1x32x32\n  flatten\n  linear 2\n  train {{\n    {text}\n  }}\n}}\n")
    found = compile_source(source)
    wrong = next((each for each in found.diagnostics if each.is_error and each.id != "recipe-contradiction"), None)
    if wrong is not None or found.built is None or found.built.recipe is None:
        message = wrong.message if wrong else "it is no line of a recipe"
        raise TrainError(f"`{text}`: {message}", wrong.help if wrong else None)
    return found.built.recipe


def _checked(recipe: Recipe, compiled: Compiled) -> None:
    built = compiled.built
    assert built is not None
    graph, shapes = built.graph, built.shapes
    ends = (shapes[next(iter(graph.inputs))], shapes[next(iter(graph.outputs.values()))])
    parts = astray(recipe, StepNames(graph.nodes, shapes)) if recipe.names_parts else ()
    wrong = next((each for each in (*clashes(recipe), *misfits(recipe, *ends), *parts) if each.wrong), None)
    if wrong is not None:
        raise TrainError(f"`{wrong.line}`: {wrong.message}", wrong.help)
    loss, outputs = recipe.loss or CrossEntropy(), (ends[1] or (0,))[0]
    if isinstance(loss, BinaryCrossEntropy) and len(loss.positive) not in (1, outputs):
        raise TrainError(f"`loss`: {len(loss.positive)} factors of positives, and the network {outputs:,} outputs")
    last = _last(graph, shapes)
    if last is not None and not isinstance(loss, MeanSquaredError):
        raise TrainError(
            f"the network ends in `{last.layer.word}`, and `{loss.word}` wants what stands before it",
            f"leave `{last.layer.word}` out: the loss has its own",
        )


def _last(graph: Graph, shapes: ShapeTable) -> Node | None:
    """The step that makes probabilities, if the output is made of such."""
    node = graph.nodes[next(iter(graph.outputs.values()))]
    while node.inputs:
        steps = node.layer.torch(tuple(shapes[each] or () for each in node.inputs))
        target = steps[-1].target if steps else None
        if target in PROBABILITIES:
            return node
        if target is not None and target not in HANDS_ON:
            return None
        node = graph.nodes[node.inputs[0]]
    return None


def without_hold_out(recipe: Recipe) -> None:
    """TrainError where the recipe looks at samples that nobody holds out."""
    for word, line in (("stop", recipe.stop), ("schedule", recipe.schedule)):
        if isinstance(line, (Stop, Plateau)):
            raise TrainError(f"`{word}`: it looks at samples that are held out, and none are", "`--holdout 0.1`")

"""The script beside `model.py` that trains it by its own recipe; or why there is none."""

from __future__ import annotations

from typing import NamedTuple

from cnnspec.api.recipe import Asked, with_recipe
from cnnspec.contract.errors import LayerError
from cnnspec.contract.preprocess import Preprocess
from cnnspec.contract.sections import Resize
from cnnspec.contract.training.recipe import Epochs
from cnnspec.contract.values import Shape, dress
from cnnspec.lower.torch_source.module import Header
from cnnspec.lower.train_source.facts import Facts
from cnnspec.lower.train_source.script import train_source
from cnnspec.lower.train_source.settings import LABELS, inline
from cnnspec.pipeline import Compiled
from cnnspec.training.data.fit import steps_of
from cnnspec.training.errors import DataError, TrainError
from cnnspec.training.plan import planned
from cnnspec.training.prepared import ends

TRAIN = "train.py"


class Script(NamedTuple):
    """`files` by their names, `train.py` among them; none where the network cannot be trained so, and `why` says what
    is in the way."""

    files: dict[str, str]
    why: str | None = None


def train_script(compiled: Compiled, header: Header) -> Script:
    """By the recipe of the text; what that leaves open is as in `cnnspec train`."""
    try:
        facts = _facts(compiled)
    except (TrainError, LayerError) as error:
        return Script({}, error.message)
    files = {TRAIN: train_source(facts, header)}
    if facts.labels and inline(facts.labels) is None:
        files = {LABELS: "".join(f"{each}\n" for each in facts.labels), **files}
    return Script(files)


def _facts(compiled: Compiled) -> Facts:
    """TrainError, LayerError where `cnnspec train` would refuse the network, too, whatever the data."""
    shape, outputs = ends(compiled)
    compiled, origins = with_recipe(compiled, Asked())
    built = compiled.built
    assert built is not None, "there is no model to train"
    if built.recipe and (parts := [word for word in ("freeze", "rate") if getattr(built.recipe, word)]):
        raise TrainError(f"it would not know `{parts[0]}`, and the recipe has it")
    plan = planned(built.recipe, origins, seed=0, holdout=0.1)
    recipe = plan.recipe._replace(loss=plan.loss, optimizer=plan.optimizer, schedule=plan.schedule, batch=plan.batch)
    if recipe.length is None:
        recipe = recipe._replace(epochs=Epochs(number=plan.length[0]))
    return Facts(built.graph, built.shapes, recipe, shape, outputs, _image(built.image, shape), built.labels)


def _image(image: Preprocess | None, shape: Shape) -> Preprocess | None:
    """With its channels said."""
    if image is None:
        if len(shape) == 1 or (len(shape) == 3 and shape[0] in (1, 3)):
            return None
        raise DataError(f"the input is {dress(shape)}, which is no picture of 1 or 3 channels first")
    for each in steps_of(image).shaping:
        if isinstance(each, Resize) and not each.antialias and each.filter != "nearest":
            raise DataError("pictures are resized without antialiasing, which Pillow does not do")
    return image.fitted(shape)

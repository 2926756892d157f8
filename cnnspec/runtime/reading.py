"""How a model is read as a classifier of pictures: from what is given, what its file carries, and what is assumed."""

from collections.abc import Sequence
from typing import NamedTuple

from cnnspec.contract.preprocess import show
from cnnspec.runtime.errors import LabelError, ModelError
from cnnspec.runtime.labels import carried_labels, check_count
from cnnspec.runtime.preprocess import Preprocess, assumed, fitted
from cnnspec.runtime.scores import Scores, last_activation
from cnnspec.runtime.session import FLOATS, Session, Tensor

PREPROCESS_KEY = "cnnspec.preprocess"
NAMES_KEY = "names"


class Reading(NamedTuple):
    """Everything that is settled before the first picture. `notes` say what was found and what was only assumed."""

    input: Tensor
    output: Tensor
    preprocess: Preprocess
    labels: tuple[str, ...]
    scores: Scores
    notes: tuple[str, ...]

    @property
    def picture(self) -> tuple[int | None, ...]:
        """The shape of one picture, without the batch."""
        return self.input.shape[1:]

    @property
    def batch(self) -> int | None:
        """How many pictures the model takes at a time; None is any number."""
        return self.input.shape[0]


def read_as_classifier(
    session: Session,
    preprocess: Preprocess | None = None,
    labels: Sequence[str] | None = None,
    scores: Scores | None = None,
) -> Reading:
    """What is given holds; what is not comes from the file's metadata (`cnnspec.preprocess`, `names`) and its graph.

    ModelError where the model takes no single picture or gives no class scores; LabelError where the labels are not
    as many as the outputs.
    """
    input, output = _input(session), session.outputs[0]
    notes: list[str] = []
    if len(session.outputs) > 1:
        notes.append(f"of {len(session.outputs)} outputs the first is read: {output.name}")
    if preprocess is None:
        preprocess, said = _carried(session, input)
        notes += said
    count = classes(output.name, output.shape[1:])
    labels = _labels(session, labels, notes)
    if count is not None:
        check_count(labels, count)
    if scores is None:
        scores = last_activation(session.model, output.name)
        scores = Scores.VALUE if scores is Scores.LOGITS and count == 1 else scores
    shape = input.shape[1:]
    return Reading(input, output, fitted(preprocess, shape), labels, scores, tuple(notes))


def classes(name: str, shape: Sequence[int | None]) -> int | None:
    """How many classes an output of this shape (without the batch) has; None if it is open.

    ModelError where it is no vector of scores; 1000x1x1 is one.
    """
    if len(shape) == 0 or any(each not in (None, 1) for each in shape[1:]):
        raise ModelError(
            f"the output `{name}` is {show(shape) or 'a single number'}, not a vector of class scores",
            "only classifiers of pictures name classes",
        )
    return shape[0]


def _input(session: Session) -> Tensor:
    if len(session.inputs) != 1:
        names = ", ".join(each.name for each in session.inputs) or "none"
        raise ModelError(f"the model has {len(session.inputs)} inputs ({names}); only one picture can be given")
    input = session.inputs[0]
    if input.type not in FLOATS:
        raise ModelError(f"the input `{input.name}` is a {input.type}, not of floating-point numbers")
    if len(input.shape) < 2:
        raise ModelError(
            f"the input `{input.name}` has no batch and no picture: it is {show(input.shape) or 'a number'}"
        )
    return input


def _carried(session: Session, input: Tensor) -> tuple[Preprocess, list[str]]:
    text = session.metadata.get(PREPROCESS_KEY)
    if text is None:
        made, note = assumed(input.shape[1:])
        return made, [note]
    try:
        return Preprocess.from_json(text), []
    except ValueError as problem:
        raise ModelError(
            f"the model's entry `{PREPROCESS_KEY}` cannot be read: {problem}", "export the model again"
        ) from problem


def _labels(session: Session, given: Sequence[str] | None, notes: list[str]) -> tuple[str, ...]:
    if given is not None:
        return tuple(given)
    text = session.metadata.get(NAMES_KEY)
    if text is None:
        return ()
    try:
        return carried_labels(text)
    except LabelError as problem:
        notes.append(f"{problem.message}; classes are numbered")
        return ()

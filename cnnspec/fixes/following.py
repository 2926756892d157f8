"""Which errors follow from an expectation above them that does not hold: they would not be if it did."""

from collections.abc import Iterable

from cnnspec.build.failures import Failure, RefusedStep, WrongShape
from cnnspec.contract.errors import LayerError
from cnnspec.contract.values import Shape
from cnnspec.fixes.candidate import Case
from cnnspec.fixes.expectations import is_as_expected
from cnnspec.source.diagnostic import Diagnostic

Told = tuple[Diagnostic, Failure]


class Following:
    """Of the errors of one model: those that `follow`, how many of them from each (`counts`), and which expectation
    `rests` on a shape that another one says is wrong, though it does not follow from it."""

    def __init__(self, case: Case, told: Iterable[Told]) -> None:
        self.case = case
        self.follow: set[Diagnostic] = set()
        self.counts: dict[Diagnostic, int] = {}
        self.rests: dict[Diagnostic, Diagnostic] = {}
        places = {id: place for place, id in enumerate(case.nodes)}
        causes: dict[Diagnostic, tuple[str, Shape]] = {}
        for each, failure in sorted(told, key=lambda one: places[_node(one[1])]):  # as the values flow
            for cause, (value, shape) in causes.items():
                found = self._with(failure, value, shape)
                if found is None:
                    continue
                if _holds(failure, found):
                    self.follow.add(each)
                    self.counts[cause] = self.counts.get(cause, 0) + 1
                    break
                if isinstance(failure, WrongShape):
                    self.rests.setdefault(each, cause)
            if each not in self.follow and isinstance(failure, WrongShape):
                expected = self._expected(failure)
                if expected is not None:
                    causes[each] = failure.value, expected

    def _with(self, failure: Failure, value: str, shape: Shape) -> tuple[Shape, ...] | None:
        """The shapes that it is about if that value had this shape; None if they would be the same, or cannot be."""
        nodes = (failure.value,) if isinstance(failure, WrongShape) else failure.inputs
        found = [self.case.replay.shape({}, node, {value: shape}) for node in nodes]
        shapes = tuple(each for each in found if each is not None)
        is_same = list(shapes) == [self.case.shapes[each] for each in nodes]
        return None if is_same or len(shapes) < len(found) else shapes

    def _expected(self, failure: WrongShape) -> Shape | None:
        """The shape that a value should have; what may be any is as it is."""
        shape, dims = self.case.shapes[failure.value] or (), failure.expect.dims
        if len(shape) != len(dims):
            return None if None in dims else tuple(each or 0 for each in dims)
        return tuple(is_ if want is None else want for is_, want in zip(shape, dims, strict=True))

    def noted(self, error: Diagnostic, answer: Diagnostic) -> Diagnostic:
        """The answer with the number of those that follow; without a change where a wrong shape would lead to it."""
        count, cause = self.counts.get(error, 0), self.rests.get(error)
        notes = list(answer.notes)
        if count:
            notes.append("an error follows from it" if count == 1 else f"{count} errors follow from it")
        if cause is not None and cause.label is not None:
            notes.append(f"what comes in is not what line {cause.label.span.line} expects")
            answer = error
        return answer._replace(notes=tuple(notes))


def _node(failure: Failure) -> str:
    return failure.node if isinstance(failure, RefusedStep) else failure.value


def _holds(failure: Failure, shapes: tuple[Shape, ...]) -> bool:
    if isinstance(failure, WrongShape):
        return is_as_expected(shapes[0], failure.expect.dims)
    try:
        failure.layer.infer(shapes)
    except LayerError:
        return False
    return True

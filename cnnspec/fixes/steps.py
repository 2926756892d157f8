"""A step that cannot be: what its layer proposes, other arguments, fewer repeats, other channels before it."""

from collections.abc import Iterator

from cnnspec.build.failures import RefusedStep
from cnnspec.contract.errors import LayerError
from cnnspec.contract.repairs import Before, Entering, Given, Instead, Unflattened
from cnnspec.contract.values import Shape, dress
from cnnspec.fixes import writing
from cnnspec.fixes.candidate import Candidate, Case
from cnnspec.fixes.sites import Site
from cnnspec.fixes.tuning import tunings
from cnnspec.ir.graph import Node
from cnnspec.source.diagnostic import Edit, Frame
from cnnspec.syntax import tree

MOVED = "moved"
"""The family of a step that is taken out where it stands, and is likely needed further on."""


def step_candidates(case: Case, failure: RefusedStep) -> Iterator[Candidate]:
    """For a layer that does not fit its operands."""
    node = case.nodes[failure.node]
    yield from _fewer_repeats(case, failure, node)
    for repair in failure.error.repairs:
        match repair:
            case Given():
                yield from _given(case, failure, node, repair)
            case Before(steps, _, _, _):
                yield from _before(case, failure, node, steps)
            case Instead(step, title):
                site = case.sites.step(failure.step.span)
                if site is not None:
                    yield Candidate(title or f"`{step}` in its place", (writing.instead(site, step),), step)
            case Entering(channels):
                yield from _entering(case, failure, channels)
            case Unflattened():
                yield from _unflattened(case, failure)
    yield from _tuned(case, failure, node)


def _operands(case: Case, failure: RefusedStep) -> tuple[Shape, ...]:
    return tuple(shape for each in failure.inputs if (shape := case.shapes[each]) is not None)


def _given(case: Case, failure: RefusedStep, node: Node, repair: Given) -> Iterator[Candidate]:
    field = failure.layer.fields[repair.field]
    text = repair.value if field.positional else f"/{repair.value}" if field.slash else f"{field.name}={repair.value}"
    spread = failure.layer.arguments.get("dilation", 1)
    does_nothing = field.name == "kernel" and (set(repair.value) <= {"1", "x"} or spread not in (1, (1,) * 2, (1,) * 3))
    for edit in case.written(node, failure.layer, field.name, repair.value):
        yield Candidate(repair.title or f"`{text}` fits", (edit,), text, does_nothing)


def _tuned(case: Case, failure: RefusedStep, node: Node) -> Iterator[Candidate]:
    """Other values of one argument with which the layer can be; what makes it larger first, the kernel last."""
    operands = _operands(case, failure)
    for tuned in tunings(failure.layer):
        try:
            shape = tuned.layer.infer(operands)
        except LayerError:
            continue
        for text, edit in case.tuned(node._replace(layer=failure.layer), tuned):
            yield Candidate(f"`{text}` gives {dress(shape)}", (edit,), tuned.field, tuned.rank in (1, 2))


def _places(case: Case, failure: RefusedStep, trace: tuple[Frame, ...]) -> Iterator[Site]:
    """Where something could stand in front of the step: in front of the use of the block that it is the first step of,
    in front of the `( … ) xN` around it, or directly."""
    site = case.sites.step(failure.step.span)
    if site is None:
        return
    if failure.inputs[:1] == (failure.entry,) and trace:
        use = case.sites.step(trace[-1].span)
        if use is not None:
            yield use
    for each in reversed(list(site.around)):
        if (
            each.step.repeat is not None
            and each.step.span.start <= site.step.span.start
            and isinstance(each.step.core, tree.Group)
        ):
            yield each
    yield site


def _before(case: Case, failure: RefusedStep, node: Node, steps: str) -> Iterator[Candidate]:
    for site in _places(case, failure, node.trace):
        word = site.step.core.word.name if isinstance(site.step.core, tree.Apply) else "it"
        title = f"`{steps}` before {f'`{word}`' if word != 'it' else word}"
        yield Candidate(title, (writing.before(site, steps),), steps)


def _entering(case: Case, failure: RefusedStep, channels: int) -> Iterator[Candidate]:
    """As many channels from the layer before that makes them."""
    id = failure.inputs[0]
    while case.nodes[id].inputs:
        node = case.nodes[id]
        if "channels" in node.layer.fields:
            for edit in case.written(node, node.layer, "channels", str(channels)):
                yield Candidate(f"{channels} channels before it", (edit,), "channels")
            return
        id = node.inputs[0]


def _unflattened(case: Case, failure: RefusedStep) -> Iterator[Candidate]:
    """Without the step that made a vector of the map; what needs a vector further on gets one there."""
    id = failure.inputs[0]
    while case.nodes[id].inputs:
        node = case.nodes[id]
        site = case.site(node)
        if len(case.shapes[node.inputs[0]] or ()) > 1 >= len(case.shapes[id] or ()):
            edit = writing.taken_out(site) if site else None
            if edit is not None:
                yield Candidate(f"leave `{node.span.text}` out", (edit,), MOVED)
            return
        id = node.inputs[0]


def _fewer_repeats(case: Case, failure: RefusedStep, node: Node) -> Iterator[Candidate]:
    """As many copies as there is room for, where a repeat is a plain number."""
    site = case.sites.step(failure.step.span)
    fitted = sum(
        each.span == node.span and each.trace == node.trace and case.shapes[id] is not None
        for id, each in case.nodes.items()
    )
    for each in site.around if site else ():
        repeat = each.step.repeat
        if isinstance(repeat, tree.Number) and isinstance(repeat.value, int) and 0 < fitted < repeat.value:
            whole = repeat.span._replace(start=each.step.core.span.end)
            edit = Edit(repeat.span, str(fitted)) if fitted > 1 else Edit(whole, "")
            title = f"there is room for {fitted} of the {repeat.value}"
            yield Candidate(title, (edit,), "repeat")
            return

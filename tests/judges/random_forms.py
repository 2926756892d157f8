"""Random forms of the language that hold other steps: merges, groups, scopes, conditions, loops; and references."""

import re
from functools import partial

from cnnspec.contract.errors import LayerError
from cnnspec.contract.layer import Layer
from cnnspec.contract.values import Shape, Shapes, Word, dress
from tests.judges.random_spots import Spot, number
from tests.judges.random_steps import Made, Maker, Steps
from tests.judges.random_words import LARGEST_MAP, words_for

DEEPEST = 4
Branch = tuple[str, Shapes]
"""A branch as it is written, and the shapes of its values: a loop has one a turn, `none` has none."""


def referable(spot: Spot) -> list[str]:
    """The labels in reach; those inside of others more than once, as there are fewer."""
    names = sorted(spot.reach())
    return [*names, *(each for each in names if "." in each for _ in range(3))]


def _reusable(spot: Spot, shape: Shape) -> list[str]:
    return sorted(name for name, known in spot.reach().items() if known.entered == shape)


def indented(lines: list[str]) -> str:
    return "\n".join(lines).replace("\n", "\n  ")


class Forms(Steps):
    def block(self, spot: Spot, shape: Shape) -> Made | None:
        """A block, new or used again (given by Blocks)."""
        raise NotImplementedError

    def makers(self, spot: Spot, shape: Shape) -> list[Maker]:
        if self.left <= 0 or spot.depth >= DEEPEST:
            return [self.word]
        many = [*[self.word] * 10, *[self.merge] * 4, *[self.block] * 4, *[self.braces] * 3]
        if _reusable(spot, shape):
            many += [self.reuse] * 3
        if spot.labels:
            many.append(self.ref)
        return [*many, self.group, self.cond, self.loop]

    def body(self, spot: Spot, shape: Shape) -> tuple[str, Shape]:
        """Braces with lines in them."""
        if self.draw.chance(30):
            lines, shape = self.lines(spot, shape, 3)
            return f"{{\n  {indented(lines)}\n}}", shape
        text, shape = self.chain(spot, shape, 2)
        return f"{{ {text} }}", shape

    def group(self, spot: Spot, shape: Shape) -> Made:
        text, result = self.chain(spot.body(), shape, 3)
        return Made(f"({text})", result)

    def braces(self, spot: Spot, shape: Shape) -> Made:
        """`{ }`, `[]{ }`, or a scope that its label makes."""
        kind = self.draw.one(
            ("plain", "list", "scope", "listed scope") if spot.loops is not None else ("plain", "list")
        )
        if kind == "plain":
            text, result = self.body(spot.body(), shape)
            return Made(text, result, label="never")
        inner = spot.room()
        text, result = self.body(inner, shape)
        if kind == "list":
            return Made(f"[]{text}", result, label="never")
        return Made(text, result, inner.labels, "must", listed=kind != "scope", again=True)

    # -- references ---------------------------------------------------------------------------------------------------

    def ref(self, spot: Spot, shape: Shape) -> Made | None:
        label = self.draw.one(referable(spot))
        return Made(f"@{label}", spot.reach()[label].shape, ends=True)

    def reuse(self, spot: Spot, shape: Shape) -> Made:
        """A step in reach that took this very shape, once more."""
        label = self.draw.one(_reusable(spot, shape))
        mark = "@" if "-" in label or self.draw.chance(20) else ""
        return Made(f"reuse {mark}{label}", spot.reach()[label].shape)

    # -- conditions and loops -----------------------------------------------------------------------------------------

    def condition(self, spot: Spot) -> tuple[str, bool]:
        """A condition and whether it holds."""
        text, truth = self._comparison(spot)
        for _ in range(2):
            if self.draw.chance(15):
                other, also = self._comparison(spot)
                text, truth = self.draw.one(
                    ((f"({text}) and {other}", truth and also), (f"{text} or {other}", truth or also))
                )
        return (f"not ({text})", not truth) if self.draw.chance(10) else (text, truth)

    def _comparison(self, spot: Spot) -> tuple[str, bool]:
        choices: list[tuple[str, bool]] = []
        for name, value in {"1": 1, **spot.numbers()}.items():
            bound = self.draw.number(1, 8)
            choices += [(f"{name} > {bound}", value > bound), (f"{name} <= {bound}", value <= bound)]
            choices += [(f"{name} % 2 == 0", value % 2 == 0), (f"{name} != {bound}", value != bound)]
            choices += [(f"{name} < {bound}", value < bound), (f"{bound} >= {name}", bound >= value)]
            if len(choices) > 24:
                break
        for name, each in spot.env.items():
            if isinstance(each, bool):
                choices += [(name, each)] * 3
            elif type(each) is Word:
                choices += [(f"{name} == relu", each == "relu"), (f"{name} != id", each != "id")]
        return self.draw.one(choices)

    def cond(self, spot: Spot, shape: Shape) -> Made:
        test, truth = self.condition(spot)
        text, taken = self.body(spot.body() if truth else spot.aside(), shape)
        text, result = f"if {test} {text}", taken if truth else shape
        if self.draw.chance(30):
            test, also = self.condition(spot)
            other, taken = self.body(spot.body() if also and not truth else spot.aside(), shape)
            text = f"{text} else if {test} {other}"
            result, truth = (taken if also and not truth else result), truth or also
        if self.draw.chance(60):
            other, taken = self.body(spot.aside() if truth else spot.body(), shape)
            text, result = f"{text} else {other}", result if truth else taken
        return Made(text, result)

    def _values(self, spot: Spot) -> tuple[str, str, list[int]]:
        """A variable, the values it takes as they are written, and as they are."""
        name = self.name("i")
        if self.draw.chance(50):
            last = self.draw.number(1, 3)
            return name, f"1..{number(self.draw, spot, last)}", [*range(1, last + 1)]
        values = self.draw.one(([1, 2], [1, 2, 4], [3, 1]))
        return name, ",".join(map(str, values)), values

    def loop(self, spot: Spot, shape: Shape) -> Made:
        name, text, values = self._values(spot)
        body, result = self._turn(spot, shape, name, values[0])
        whole = f"for {name} in {text} {body}"
        if len(values) == 1 or (result == shape and not re.search(rf"(?<!{{){name}", body)):
            return Made(whole, result)
        asked = self.ask(spot, shape, whole)
        return Made(f"for {name} in {values[0]}..{values[0]} {body}", result) if asked is None else Made(whole, asked)

    def _turn(self, spot: Spot, shape: Shape, name: str, value: int) -> tuple[str, Shape]:
        """A loop's body, written in its first turn, whose labels can be named from outside."""
        inner = spot.turning(name, value)
        text, result = self.body(inner, shape)
        if spot.loops == ():
            new = {label: known for label, known in inner.labels.items() if label not in spot.labels}
            spot.labels.update({label.replace(f"{{{name}}}", str(value)): known for label, known in new.items()})
        return text, result

    def requirement(self, spot: Spot) -> str:
        """A condition that holds."""
        test, truth = self.condition(spot)
        return f"require {test if truth else f'not ({test})'}" + self.draw.one(("", ' "it must hold"'))

    # -- merges -------------------------------------------------------------------------------------------------------

    def merge(self, spot: Spot, shape: Shape) -> Made:
        cls = self.draw.one(words_for(len(shape) - 1, merges=True))
        inner = spot.body()
        lines = self.preamble(inner) if self.draw.chance(6) else []
        branches: list[str] = []
        shapes: Shapes = ()
        for _ in self.draw.several(3, 65):
            before = dict(spot.labels)
            drawn = self.draw.part(partial(self._branch, inner, shape))
            branch = self._joined(inner, cls, drawn, shapes)
            if branch is None:
                spot.labels.clear()
                spot.labels.update(before)
            else:
                branches.append(branch[0])
                shapes += branch[1]
        if not shapes:
            branches, shapes = [*branches, "id"], (shape,)
        result = cls().infer(shapes) if len(shapes) > 1 else shapes[0]
        if lines or self.draw.chance(30) or any("\n" in each for each in branches):
            return Made(f"{cls.word} {{\n  {indented([*lines, *branches])}\n}}", result)
        return Made(f"{cls.word} {{ {' | '.join(branches)} }}", result)

    def _branch(self, spot: Spot, shape: Shape) -> Branch:
        kind = self.draw.one(("chain", "chain", "chain", "id", "ref", "none", "loop", "if"))
        if kind in ("id", "none"):
            return kind, (shape,) if kind == "id" else ()
        if kind == "ref" and (reach := spot.reach()):
            label = self.draw.one(referable(spot))
            if self.draw.chance(50):
                return f"@{label}", (reach[label].shape,)
            text, result = self.chain(spot, reach[label].shape, 2)
            return f"@{label} -> {text}", (result,)
        if kind == "loop":
            return self._turns(spot, shape)
        if kind == "if":
            test, truth = self.condition(spot)
            text, result = self.chain(spot if truth else spot.aside(), shape, 2)
            other = self.draw.one(("none", "id"))
            return f"if {test} {{ {text} }} else {{ {other} }}", (result,) if truth else () if other == "none" else (
                shape,
            )
        text, result = self.chain(spot, shape, 3)
        return f"({text})" if text.startswith("for ") else text, (result,)

    def _turns(self, spot: Spot, shape: Shape) -> Branch:
        """A loop that stands alone: each turn is a branch."""
        name, text, values = self._values(spot)
        body, result = self._turn(spot, shape, name, values[0])
        if not re.search(rf"(?<!{{){name}", body):
            return f"for {name} in {text} {body}", (result,) * len(values)
        shapes = [result]
        for value in values[1:]:
            asked = self.ask(spot, shape, f"for {name} in {value}..{value} {body}")
            if asked is None:
                return f"for {name} in {values[0]}..{values[0]} {body}", (result,)
            shapes.append(asked)
        return f"for {name} in {text} {body}", tuple(shapes)

    def _joined(self, spot: Spot, cls: type[Layer], branch: Branch, before: Shapes) -> Branch | None:
        """The branch, with a step behind it that makes it fit those before, if it can be made to."""
        text, shapes = branch
        if _agree(cls, (*before, *shapes)):
            return branch
        if len(shapes) != 1 or not before:
            return None
        steps, shape = self.fitting(spot, shapes[0], before[0])
        if shape is None or not _agree(cls, (*before, shape)):
            return None
        return " -> ".join([f"({text})", *steps]), (shape,)

    def fitting(self, spot: Spot, shape: Shape, wanted: Shape) -> tuple[list[str], Shape | None]:
        """Steps that make one shape of another of the same rank."""
        steps: list[str] = []
        if len(shape) != len(wanted):
            return steps, None
        if shape[1:] != wanted[1:]:
            steps.append(f"adaptive_avgpool {dress(wanted[1:])}")
        if shape[0] != wanted[0] and len(shape) == 1:
            steps.append(f"linear {wanted[0]}")
        elif shape[0] != wanted[0]:
            steps.append(f"conv 1 {wanted[0]} /1 pad=0 groups=1")
        return steps, wanted


def _agree(cls: type[Layer], shapes: Shapes) -> bool:
    if len(shapes) < 2:
        return True
    try:
        result = cls().infer(shapes)
    except LayerError:
        return False
    size = 1
    for each in result:
        size *= each
    return size <= LARGEST_MAP

"""What is proposed before it is tried, and what a proposal is made of."""

from collections.abc import Iterator
from typing import NamedTuple

from cnnspec.build.elaborate import Built
from cnnspec.contract.layer import Layer
from cnnspec.fixes import writing
from cnnspec.fixes.sites import Site, Sites
from cnnspec.fixes.tuning import Replay, Tuned, Work
from cnnspec.ir.graph import Node
from cnnspec.source.diagnostic import Edit, Frame
from cnnspec.syntax import tree


class Candidate(NamedTuple):
    """A change that may help. Of several of one `family` (all paddings, say) only the first that holds is shown, and
    one that is `far_fetched` only where no other holds."""

    title: str
    edits: tuple[Edit, ...]
    family: str
    far_fetched: bool = False


class Case:
    """One model as it was built, with its text: what a proposal is worked out from."""

    def __init__(self, built: Built, sites: Sites, work: Work) -> None:
        self.built, self.sites = built, sites
        self.nodes, self.shapes = built.graph.nodes, built.shapes
        self.replay = Replay(self.nodes, self.shapes, work)

    def site(self, node: Node) -> Site | None:
        """Where the step stands that made a node."""
        return self.sites.step(node.span)

    def written(self, node: Node, layer: Layer, field: str, value: str) -> Iterator[Edit]:
        """Ways to give a node's step another value for a field: where a block's parameter stands for it, where the
        block is used comes first."""
        site = self.site(node)
        if site is None or not isinstance(site.step.core, tree.Apply):
            return
        step = site.step.core
        arg = writing.argument(step, layer.fields, field)
        if arg is not None:
            yield from self._where_used(arg, site, node.trace, value)
            if value == str(layer.fields[field].default):
                yield writing.without(arg)
        edit = writing.given(step, layer.fields, field, value)
        if edit is not None:
            yield edit

    def tuned(self, node: Node, tuned: Tuned) -> Iterator[tuple[str, Edit]]:
        """Ways to give a node's step another value, each with what is written. The padding that keeps the size is
        called `same` where the text works out what it depends on."""
        values = [tuned.value]
        if tuned.keeps_size and self.works_out(node):
            values.insert(0, "same")
        for value in values:
            text = f"/{value}" if tuned.layer.fields[tuned.field].slash else f"{tuned.field}={value}"
            yield from ((text, edit) for edit in self.written(node, node.layer, tuned.field, value))

    def works_out(self, node: Node) -> bool:
        """Whether the kernel or the dilation is written as no plain number, while the padding is, if it is written."""
        site = self.site(node)
        if site is None or not isinstance(site.step.core, tree.Apply):
            return False
        fields = node.layer.fields
        pad = writing.argument(site.step.core, fields, "pad")
        if pad is not None and not isinstance(pad.value, (tree.Number, tree.Size)):  # whoever gives it knows it
            return False
        args = (writing.argument(site.step.core, fields, field) for field in ("kernel", "dilation"))
        return any(arg is not None and not isinstance(arg.value, (tree.Number, tree.Size)) for arg in args)

    def _where_used(self, arg: tree.Arg, site: Site, trace: tuple[Frame, ...], value: str) -> Iterator[Edit]:
        """The argument of the use of a block that a parameter of this name stands for."""
        param = parameter(site, arg)
        use = self.sites.step(trace[-1].span) if param and trace else None
        if param is None or use is None or not isinstance(use.step.core, tree.Apply):
            return
        assert isinstance(site.owner, tree.Block), "only a block is used"
        outer = argument_of(use.step.core, site.owner, param)
        if outer is not None:
            yield from self._where_used(outer, use, trace[:-1], value)
            if param.default is not None and param.default.span.text == value:
                yield writing.without(outer)
            yield Edit(outer.value.span, value)
        elif param.default is not None:
            text = f"/{value}" if param.slash else f"{param.name.name}={value}"
            yield writing.added(use.step.core, text)


def parameter(site: Site, arg: tree.Arg) -> tree.Param | None:
    """The parameter of the block around a step that an argument hands on, if it does nothing else."""
    if not isinstance(arg.value, tree.Name) or not isinstance(site.owner, tree.Block):
        return None
    name = arg.value.name
    return next((each for each in site.owner.params if each.name.name == name and not each.tensor), None)


def argument_of(use: tree.Apply, block: tree.Block, param: tree.Param) -> tree.Arg | None:
    """What the use of a block gives for a parameter."""
    plain = [each for each in block.params if not each.slash and not each.tensor]
    for arg in use.args:
        if isinstance(arg.value, tree.Ref):
            continue
        if arg.name is not None:
            found = arg.name.name
        else:
            rest = [each for each in block.params if each.slash] if arg.slash else plain
            found = rest.pop(0).name.name if rest else ""
        if found == param.name.name:
            return arg
    return None

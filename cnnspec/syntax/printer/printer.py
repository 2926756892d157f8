"""The printer: it walks a tree that was read without errors, and says where the rows of its text begin.

Line ends are the author's where the language leaves a choice: a body that was written on one line stays on one if there
is room, a chain goes on below where it did, an empty line stays one. Blanks are ours. A row that would be too long is
broken before an arrow, else its body is opened.
"""

from cnnspec.source.text import Span
from cnnspec.syntax import tree
from cnnspec.syntax.printer.columns import laid_out
from cnnspec.syntax.printer.page import STEP, Page
from cnnspec.syntax.printer.rows import GAP, WIDTH


def printed(file: tree.File) -> str:
    """The text of a tree in the one layout; of a tree that was read without errors, as it takes its words and comments
    from the text that the tree came from."""
    return _Printer(file).run()


class _Printer:
    """One walk. `room` is how many columns must be left for what stands behind a part on its row."""

    def __init__(self, file: tree.File) -> None:
        self.file = file
        self.page = Page(file)

    def run(self) -> str:
        page, file = self.page, self.file
        for node in (file.version, *file.items) if file.version else file.items:
            page.note(page.next.start, 0, airy=True)
            page.fresh(0, airy=True)
            self.item(node)
        page.note(len(page.text) + 1, 0, airy=True)
        return laid_out(page.rows)

    def item(self, node: tree.Item | tree.Number) -> None:
        self.page.margin, self.page.line = 0, node.span
        if isinstance(node, tree.Block | tree.Model):
            self.definition(node)
        elif isinstance(node, tree.Apply):
            self.core(node, 0)
        else:
            self.page.until(node.span.end)

    # -- definitions ----------------------------------------------------------------------------------------------

    def definition(self, node: tree.Block | tree.Model) -> None:
        page = self.page
        page.until(node.name.span.end)
        if page.next.type == "LPAR" and node.params and not self.heads_fit(node):
            page.put()
            page.body = page.at
            for param in node.params:
                page.note(param.span.start, STEP)
                page.fresh(STEP)
                page.until(param.span.end)
                if page.next.type in ("COMMA", "TIGHT_COMMA"):
                    page.put()
            page.note(page.next.start, STEP)
            page.body = 0
            page.fresh(0)
        page.until(node.body.span.start)
        self.body(node.body, 0)

    def heads_fit(self, node: tree.Block | tree.Model) -> bool:
        """Whether the parameters stand on one row: not where the author began a row behind the `(`."""
        page, body = self.page, node.body.span.start
        if page.breaks_before(page.at + 1) or not page.is_one_row(page.next.start, body):
            return False
        return page.is_held(node.span.start) or page.width(node.span.start, body + 1) <= WIDTH

    # -- lines ----------------------------------------------------------------------------------------------------

    def line(self, line: tree.Line) -> None:
        page = self.page
        if isinstance(line, tree.Chain):
            self.chain(line, 0)
        elif isinstance(line, tree.Output | tree.Aux):
            page.until(line.chain.span.start)
            self.chain(line.chain, 0)
        else:
            page.until(line.span.end)

    def body(self, body: tree.Body, room: int, *, merges: bool = False) -> None:
        """`{ … }` on this row if the author wrote it so and there is room, else a line a row. `merges`: its lines may
        be branches, and a bar between them need not be where a row ends."""
        page, span = self.page, body.span
        empty = not body.lines and page.is_one_row(span.start + 1, span.end)
        if empty or (page.is_one_row(span.start, span.end) and self.fits(span, room)):
            page.until(span.end)
        else:
            self.opened(body, keeps_bars=not merges)

    def fits(self, span: Span, room: int) -> bool:
        page = self.page
        return page.is_held(span.start) or page.row.end + page.width(span.start, span.end) + room <= WIDTH

    def opened(self, body: tree.Body, *, keeps_bars: bool) -> None:
        page = self.page
        page.put()
        before, indent = (page.line, page.margin, page.parens, page.body), page.row.indent
        page.margin, page.parens, page.body = indent + STEP, 0, page.at
        for line in body.lines:
            self.bars(keeps_bars)
            page.line = line.span
            page.note(line.span.start, page.margin, airy=True)
            page.fresh(page.margin, airy=True)
            self.line(line)
        self.bars(keeps_bars)
        page.note(page.next.start, page.margin, airy=True)
        page.line, page.margin, page.parens, page.body = before
        page.fresh(indent)
        page.put()

    def bars(self, kept: bool) -> None:
        if self.page.next.type == "VBAR":
            if kept:
                self.page.put()
            else:
                self.page.skip()

    # -- chains and steps -----------------------------------------------------------------------------------------

    def chain(self, chain: tree.Chain, room: int) -> None:
        page, last = self.page, chain.steps[-1]
        for step in chain.steps:
            behind = room if step is last else 0
            if step is not chain.steps[0]:
                if page.breaks_before(page.at) or page.breaks_before(page.at + 1) or not self.goes_on(step, behind):
                    page.note(step.span.start, page.onwards)
                    page.fresh(page.onwards)
                page.put()
            self.step(step, behind)

    def goes_on(self, step: tree.Step, room: int) -> bool:
        """Whether ` -> ` and the step stand on this row. A step that is too long for any row begins here if its first
        words fit."""
        page, (_, start, end) = self.page, step.span
        if page.is_held(start):
            return True
        if page.is_one_row(start, end):
            wide = page.width(start, end) + self.gap(step) + room
            if page.row.end + len(" ->") + wide <= WIDTH:
                return True
            if page.onwards + len("->") + wide <= WIDTH:
                return False
        return page.row.end + len(" ->") + page.head(start, end) <= WIDTH

    def gap(self, step: tree.Step) -> int:
        """What is left free before the `=>` at the end of a row, beyond one blank."""
        return GAP - 1 if step.expect else 0

    def step(self, step: tree.Step, room: int) -> None:
        page, core = self.page, step.core
        page.until(core.span.start)
        self.core(core, page.width(core.span.end, step.span.end) + self.gap(step) + room)
        page.until(step.span.end)

    def core(self, core: tree.Core, room: int) -> None:
        page = self.page
        if isinstance(core, tree.Group):
            page.put()
            self.chain(core.chain, room + len(")"))
        elif isinstance(core, tree.Cond):
            self.cond(core, room)
        elif isinstance(core, tree.Braces | tree.Loop) or (isinstance(core, tree.Apply) and core.body is not None):
            assert core.body is not None
            page.until(core.body.span.start)
            self.body(core.body, room, merges=isinstance(core, tree.Apply))
        page.until(core.span.end)

    def cond(self, cond: tree.Cond, room: int) -> None:
        """Each body for itself; `else` goes on behind a `}` that stands alone on its row."""
        page, other, indent = self.page, cond.other, self.page.row.indent
        page.until(cond.then.span.start)
        if other is None:
            self.body(cond.then, room)
            return
        then, rows = cond.then.span, len(page.rows)
        apart = page.breaks_before(page.index(then.end))
        head = page.head(then.end, other.span.end)
        self.body(cond.then, 0 if apart else head)
        if apart and (rows == len(page.rows) or self.noted_before_else(then)):
            page.note(page.next.start, indent)
            page.fresh(indent)
        if isinstance(other, tree.Cond):
            page.put()
            self.cond(other, room)
        else:
            page.until(other.span.start)
            self.body(other, room)

    def noted_before_else(self, then: Span) -> bool:
        return not self.page.is_one_row(then.end, self.page.next.start)

"""What every word says of itself: its docstring in the one form, and its examples worked by the compiler."""

import re
from itertools import groupby
from math import prod

import pytest

from cnnspec.build.structural import STRUCTURAL
from cnnspec.contract.facts import Chapter
from cnnspec.contract.register import words
from cnnspec.manual.docstring import explained
from cnnspec.manual.entries import NO_LAYER, entries, meant
from cnnspec.manual.worked import program, worked
from tests.texts import good

NARROW = 80
LONGEST_SUMMARY = NARROW - 20  # in a list, behind two blanks, the longest word and two more
every_entry = pytest.mark.parametrize("word", entries())


def test_the_manual_has_every_word_once_and_chapters_in_a_row() -> None:
    assert set(entries()) == {*words(), *STRUCTURAL}
    chapters = [chapter for chapter, _ in groupby(each.chapter for each in entries().values())]
    assert chapters == [*(each.value for each in Chapter), NO_LAYER]


@every_entry
def test_a_page_fits_a_narrow_terminal(word: str) -> None:
    page = entries()[word].explained
    assert page.summary.endswith(".")
    assert len(page.summary.removesuffix(".")) <= LONGEST_SUMMARY
    assert page.formula
    assert all(len(line) <= NARROW - 4 for line in page.formula)
    assert len(word) <= 16


@every_entry
def test_a_page_is_complete(word: str) -> None:
    """Every argument is explained and nothing else, in the order of the fields; there are shapes, parameters and a
    source, which is a year or where another tool has it."""
    entry = entries()[word]
    page = entry.explained
    assert list(page.arguments) == [each.field.name for each in entry.arguments]
    assert all(len(each.text) > 5 and not each.text.endswith(".") for each in entry.arguments)
    for said in (page.shapes, page.parameters, page.source, *page.text):
        assert said.endswith(".")
    assert re.search(r"\b(19|20)\d\d\b|torch|language", page.source)
    if word in words():
        assert "torch" in page.source
        assert "ONNX" in page.source


@every_entry
def test_a_page_calls_no_argument_that_is_none(word: str) -> None:
    """`name=value` in backticks is an argument of this word, or of the step that stands before it there."""
    entry = entries()[word]
    page = entry.explained
    prose = " ".join((page.summary, *page.text, page.shapes, page.parameters, *page.arguments.values()))
    for code in re.findall(r"`([^`]+)`", prose):
        for name in re.findall(r"^(\w+)=", code):
            assert name in page.arguments or word in STRUCTURAL, f"`{code}`"


@pytest.mark.parametrize(
    ("docstring", "said"),
    [
        ("Line.\n\nShapes: a.\nArguments: none.\nParameters: none.\n", "the sections are"),
        ("Line.\n\nArguments: none.\nShapes: a.\nParameters: none.\nSource: b.\n", "the sections are"),
        ("Line.\n\nShapes: a.\nArguments: one of c, d.\nParameters: none.\nSource: b.\n", "explains no argument"),
    ],
)
def test_another_form_is_refused(docstring: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        explained(docstring)


def test_the_parts_of_a_page() -> None:
    page = explained(
        """Line.

            y = x
                + 1

        One paragraph
        of two lines.

        Another one.

        Shapes: as they
            are.
        Arguments:
            a: what it is
                on two lines
            b: more: `x`
        Parameters: none.
        Source: a book.
        """
    )
    assert page.summary == "Line."
    assert page.formula == ("y = x", "    + 1")
    assert page.text == ("One paragraph of two lines.", "Another one.")
    assert page.shapes == "as they are."
    assert page.arguments == {"a": "what it is on two lines", "b": "more: `x`"}
    assert (page.parameters, page.source) == ("none.", "a book.")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("Conv2d", "conv"),
        ("torch.nn.Conv3d", "conv"),
        ("dense", "linear"),
        ("BatchNormalization", "bn"),
        ("tf.nn.relu", "relu"),
        ("identity", "id"),
        ("covn", "conv"),
        ("reues", "reuse"),
        ("transformer", None),
        ("", None),
        ("...", None),
    ],
)
def test_what_was_meant(name: str, word: str | None) -> None:
    assert meant(name) == word


every_example = pytest.mark.parametrize(
    ("word", "place"), [(word, place) for word, entry in entries().items() for place in range(len(entry.examples))]
)


@every_example
def test_an_example_is_worked_by_the_compiler(word: str, place: int) -> None:
    """Its arithmetic comes out at the shape that the compiler says, and its numbers at those of a report."""
    example = entries()[word].examples[place]
    compiled, found = good(program(example)), worked(example, word)
    assert compiled.built is not None
    assert found.output == compiled.built.shapes[next(iter(compiled.built.graph.outputs.values()))]
    for line in found.arithmetic:
        result = re.search(r"= (\d+)(?: \(kernel.*)?$", line)
        if result:
            assert int(result[1]) in {*found.output, prod(found.output)}, line
    totals = compiled.analysis.totals
    assert (found.cost.macs, found.cost.ops) == (totals.macs, totals.ops)
    trainable = sum(prod(each.shape) for each in found.weights if each.trainable)
    assert trainable == totals.params


def test_weights_that_are_used_twice_are_counted_once() -> None:
    (example,) = entries()["reuse"].examples
    found = worked(example, "reuse")
    assert [each.shape for each in found.weights] == [(3, 3, 3, 3), (3,)]
    assert found.cost.macs == 2 * 3 * 8 * 8 * 3 * 9

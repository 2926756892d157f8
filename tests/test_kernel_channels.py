"""A kernel written with the channels of its input, as lectures write the shape of a filter: `conv 5x5x3 10`."""

import pytest

from cnnspec.fixes.solve import solved_one
from tests.texts import compiled


def refused(text: str) -> tuple[str, str]:
    """What is said, and what is written instead."""
    result = solved_one(compiled(text))
    (found,) = [each for each in result.diagnostics if each.is_error]
    assert found.id == "shape-mismatch"
    said = " ".join([found.message, *found.notes, found.help or ""])
    assert found.fix is not None
    fixed = text
    for edit in sorted(found.fix.edits, key=lambda each: each.span.start, reverse=True):
        fixed = fixed[: edit.span.start] + edit.replacement + fixed[edit.span.end :]
    return said, fixed


@pytest.mark.parametrize(
    ("shape", "step", "channels", "instead"),
    [
        ("3x32x32", "conv 5x5x3 10", 3, "conv 5x5 10"),
        ("3x32x32", "conv 3x3x3 10 pad=1", 3, "conv 3x3 10 pad=1"),
        ("8x32", "conv 5x8 10", 8, "conv 5 10"),
        ("2x8x8x8", "conv 3x3x3x2 4", 2, "conv 3x3x3 4"),
        ("20x16x16", "maxpool 2x2x20", 20, "maxpool 2x2"),
        ("20x16x16", "depthwise 3x3x20", 20, "depthwise 3x3"),
        ("8x16x16", "conv_transpose 2x2x8 4 /2", 8, "conv_transpose 2x2 4 /2"),
    ],
)
def test_the_channels_are_not_written(shape: str, step: str, channels: int, instead: str) -> None:
    said, fixed = refused(f"cnn 1\nmodel M {{\n  input {shape}\n  {step}\n}}\n")
    assert f"the last one, {channels}, is the input's channels: they are known, and never written" in said
    assert fixed == f"cnn 1\nmodel M {{\n  input {shape}\n  {instead}\n}}\n"
    assert not [each for each in compiled(fixed).diagnostics if each.is_error]


@pytest.mark.parametrize("step", ["conv 5x5x4 10", "conv 3x5x5 10", "conv 5x5x3x3 10", "maxpool 2x2x2"])
def test_other_numbers_are_of_other_axes(step: str) -> None:
    result = compiled(f"cnn 1\nmodel M {{\n  input 3x32x32\n  {step}\n}}\n")
    assert not [each for each in result.diagnostics if any("is the input's channels" in note for note in each.notes)]


def test_a_kernel_of_three_axes_is_no_mistake() -> None:
    assert compiled("cnn 1\nmodel M {\n  input 3x8x8x8\n  conv 3x3x3 4\n}\n").ok

"""Budgets as they are written elsewhere: one error each, with what is written here."""

import pytest

from cnnspec.source.amounts import percentage
from cnnspec.source.diagnostic import Diagnostic
from tests.texts import compiled

ASKED = "of the finished model `require` asks for `params`, `macs`, `rf`, `memory` and `depth`"
TWICE = "`macs` counts multiply-adds, and one is two FLOPs: "
NAMES = (
    ("mac <= 10G", "did you mean `macs`?", "macs <= 10G"),
    ("10G >= mac", "did you mean `macs`?", "10G >= macs"),
    ("PARAMS <= 5M", "did you mean `params`?", "params <= 5M"),
    ("num_params <= 5M", "did you mean `params`?", "params <= 5M"),
    ("params <= 5M and parms > 1", "did you mean `params`?", "params <= 5M and params > 1"),
    ("receptive_field >= 20", "did you mean `rf`?", "rf >= 20"),
    ("layers < 9", "did you mean `depth`?", "depth < 9"),
    ("flops <= 10G", f"{TWICE}`2*macs`", "2*macs <= 10G"),
    ("GFLOPs <= 10", f"{TWICE}`2*macs`", None),
    ("latency <= 5", ASKED, None),
    ("weights <= 5M", ASKED, None),
    ("widht == 8", "did you mean `width`?", "width == 8"),
    ("channels == 3", "`in.c` is the channels that come in", "in.c == 3"),
)
NUMBERS = (
    ("params <= 7,500,000", "write `7500000` or `7.5M`", "params <= 7500000"),
    ("params <= 1,500k", "write `1500k`", "params <= 1500k"),
    ('params <= 12,345,678, macs <= 10G "too much"', "write `12345678`", 'params <= 12345678, macs <= 10G "too much"'),
    ("macs <= 10G, params <= 7_500_000", "write `7500000` or `7.5M`", "macs <= 10G, params <= 7500000"),
    ("params <= 7.500.000", "write `7500000` or `7.5M`", "params <= 7500000"),
    ("params <= 7'500'000", "write `7500000` or `7.5M`", "params <= 7500000"),
    ("params <= 7.5m", "write `7.5M`", "params <= 7.5M"),
    ("macs <= 20 G", "write `20G`", "macs <= 20G"),
    ("macs <= 20 G and params <= 8M", "write `20G`", "macs <= 20G and params <= 8M"),
    ("memory <= 80 MB", "write `80MB`", "memory <= 80MB"),
    ("memory <= 80mib", "write `80MiB`", "memory <= 80MiB"),
    ("params <= 5 million", "write `5M`", "params <= 5M"),
    ("macs <= 10GMACs", "write `10G`", "macs <= 10G"),
    ("macs <= 10GFLOPs", f"{TWICE}write `5G`", None),
    ("params <= 5MB", "write `5M`", "params <= 5M"),
)


def text(condition: str) -> str:
    return f"model Net(width=8) {{\n  input 3x32x32\n  require {condition}\n  conv 3x3 width -> relu\n}}\n"


def only(condition: str) -> Diagnostic:
    (found,) = compiled(text(condition)).diagnostics
    return found


@pytest.mark.parametrize(
    ("condition", "help", "right"), [*NAMES, *NUMBERS], ids=[each[0] for each in (*NAMES, *NUMBERS)]
)
def test_one_error_says_what_is_written_here(condition: str, help: str, right: str | None) -> None:
    found = only(condition)
    assert found.help == help
    expected = {each[0]: "unknown-name" for each in NAMES}
    assert found.id == expected.get(
        condition, "misplaced-quantity" if condition.endswith("5MB") else "malformed-number"
    )
    assert (found.fix is None) == (right is None)
    if found.fix and right:
        (edit,) = found.fix.edits
        whole = text(condition)
        mended = whole[: edit.span.start] + edit.replacement + whole[edit.span.end :]
        assert mended == text(right)
        assert not [each for each in compiled(mended).diagnostics if each.id != "require"]


@pytest.mark.parametrize(
    ("condition", "help"),
    [
        ("memory <= 64", "`64` is so many bytes; for megabytes write `64MB`"),
        ("macs <= 5", "`5` is so many MACs; for millions write `5M`"),
        ("memory <= 1k", None),
        ("params <= 0", None),
        ("params <= 1", None),
        ("params < 2", "`2` is so many parameters; for millions write `2M`"),
        ("rf >= 500", None),
        ("depth < 1", None),
    ],
)
def test_a_bound_without_its_unit(condition: str, help: str | None) -> None:
    found = only(condition)
    assert found.id == "require"
    assert found.help == help


def test_one_of_something_is_one() -> None:
    (found,) = compiled("model Net {\n  input 3x8x8\n  require rf >= 5, depth == 1\n  conv 1x1 4\n}\n").diagnostics
    assert found.message == "`rf >= 5` does not hold: 1 of 5 pixels, 4 (80.0%) short"
    assert [each.text for each in found.secondary] == ["the last map sees 1 pixel"]
    assert "each of its units sees 1 pixel of the input" in found.notes[0]
    assert "1 of 1 " not in found.message
    (found,) = compiled("model Net {\n  input 3x8x8\n  require depth < 1\n  conv 1x1 4\n}\n").diagnostics
    assert found.message == "`depth < 1` does not hold: 1 multiplying layer, where below 1 is asked for"
    assert (
        only("params <= 1").message == "`params <= 1` does not hold: 224 of 1 parameter, 223 (223 times the bound) over"
    )


def test_a_share_that_is_not_all_is_not_told_as_all() -> None:
    assert only("params >= 1G").message == (
        "`params >= 1G` does not hold: 224 of 1,000,000,000 parameters, 999,999,776 (>99.9%) short"
    )
    assert only("params == 448").message.endswith("224 of 448 parameters, 224 (50.0%) short")
    assert percentage(1, 1) == percentage(3, 3) == "100.0%"
    assert (percentage(1, 10**9), percentage(0, 5), percentage(9996, 10**4)) == ("<0.1%", "0.0%", ">99.9%")


def test_what_is_worked_out_may_be_in_bytes() -> None:
    """Parameters that fit into a size of storage."""
    assert not compiled(text("params <= 64MB//4")).diagnostics
    assert not compiled(text("4*params <= 64MB")).diagnostics
    assert not compiled(text("in.h <= 1k")).diagnostics


@pytest.mark.parametrize("sign", ["_", ",", "'", "."])
def test_a_number_without_end_is_no_fault_of_ours(sign: str) -> None:
    """Python reads no more than 4,300 digits."""
    number = sign.join(["1", *["000"] * 3000])
    assert all(each.is_error for each in compiled(text(f"params <= {number}")).diagnostics)
    assert all(each.is_error for each in compiled(text(f"params <= {number} G")).diagnostics)


def test_numbers_of_steps_are_told_too() -> None:
    (found,) = compiled("model Net {\n  input 3x32x32\n  conv 3x3 1_024\n}\n").diagnostics
    assert (found.id, found.help) == ("malformed-number", "write `1024`")
    (found,) = compiled("model Net {\n  input 3x32x32\n  conv 3x3 10M\n}\n").diagnostics
    assert found.id == "misplaced-quantity"
    (found,) = compiled("model Net {\n  input 3x32x32\n  conv 3x3 10m\n}\n").diagnostics
    assert found.help == "a name begins with a letter"

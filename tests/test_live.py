"""The panel of a run: what stands in it, that it fits, and that the terminal is left as it was found."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from cnnspec.reports.look import Look
from cnnspec.reports.training.live import KEPT, Losses, Progress, clock
from tests import ROOT
from tests.test_train_data import idx

pytest.importorskip("torch")
pytest.importorskip("termios")

from cnnspec.cli import panel
from cnnspec.cli.app import run as command
from cnnspec.training.loop import Epoch, Stopped, Updated
from tests.terminal import Terminal

pytestmark = pytest.mark.torch
COLOURS = Look(True, "utf-8", 80)
STEPS, PER_EPOCH = 50, 10


def events(begin: int = 0, end: int = STEPS) -> Iterator[Updated | Epoch]:
    for step in range(begin + 1, end + 1):
        epoch = (step - 1) // PER_EPOCH + 1
        yield Updated(epoch, step, STEPS, 2 / step, 0.1, 64)
        if step % PER_EPOCH == 0:
            yield Epoch(epoch, step, 0.1, 2 / step, 0.9, 1 / epoch, 0.9 + 0.01 * epoch, epoch != 3)


def progress(made: list[Updated | Epoch], seconds: float = 0.5) -> Progress:
    """As if each update took so long."""
    found, now = Progress(STEPS, PER_EPOCH, [], 0.0), 0.0
    for each in made:
        if isinstance(each, Updated):
            now += seconds
            found.updated(each, now)
        else:
            found.epoch(each, now)
    return found


def plain(found: Progress, width: int, look: Look = COLOURS) -> list[str]:
    return [re.sub("\x1b[^m]*m", "", each.text) for each in found.lines(width, look)]


def test_what_it_says() -> None:
    rule, epoch, run, loss, held, pace = plain(progress(list(events(0, 35))), 79)
    assert rule == "─" * 79
    assert re.fullmatch(r"  epoch     4 of 5  ━{18}╸─{18} +0:02 left", epoch)
    assert re.fullmatch(r"  run       70%     ━{26}─{11} +0:08 left", run)
    assert re.fullmatch(r"  loss      0\.0571  [▁▂▃▄▅▆▇█]{35} +2\.0000 at first", loss)
    assert re.fullmatch(r"  held out  93\.00%  ▁▅█ +best 92\.00%, epoch 2", held)
    assert re.fullmatch(r"  lr        0\.1     128 samples/s +0:18 so far", pace)
    assert "█" in loss[:25]
    assert "▁" in loss[-45:]


def test_before_the_first_epoch_and_at_the_end_of_one() -> None:
    nothing = plain(progress([]), 79)
    assert len(nothing) == 6
    assert nothing[1].startswith("  epoch     1 of 5")
    assert "judging" in plain(progress(list(events(0, 10))[:-1]), 79)[1]
    done = plain(progress(list(events())), 79)
    assert "5 of 5" in done[1]
    assert "100%" in done[2]


def test_an_epoch_that_has_just_begun_goes_as_the_one_before() -> None:
    made = list(events(0, 20))
    assert re.fullmatch(r"  epoch     3 of 5 .* 0:05 left", plain(progress(made), 79)[1])
    assert "128 samples/s" in plain(progress(made), 79)[5]


def test_a_run_that_is_gone_on_with_knows_its_past() -> None:
    before = [each for each in events(0, 20) if isinstance(each, Epoch)]
    found = Progress(STEPS, PER_EPOCH, before, 0.0)
    for each in events(20, 25):
        assert isinstance(each, Updated)
        found.updated(each, 10.0)
    lines = plain(found, 79)
    assert lines[1].startswith("  epoch     3 of 5")
    assert "50%" in lines[2]
    assert lines[2].endswith("0:50 left")  # 10 s for 5 updates, and 25 are left
    assert "best 92.00%, epoch 2" in lines[4]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_it_fits_everywhere(encoding: str) -> None:
    for made in (progress([]), progress(list(events(0, 33))), progress(list(events()))):
        for width in range(1, 220):
            lines = made.lines(width, Look(True, encoding, width))
            shown = plain(made, width, Look(True, encoding, width))
            assert [each.cells for each in lines] == [len(each) for each in shown]
            assert max(map(len, shown)) <= width
            "".join(shown).encode(encoding)
    assert plain(progress(list(events(0, 33))), 39)[5] == "  lr        0.1     128 samples/s"
    assert "0:" in plain(progress(list(events(0, 33))), 39)[2]  # how long it takes is said in a narrow one, too


def test_losses_are_kept_in_bounded_room() -> None:
    losses = Losses()
    values = np.random.default_rng(0).random(5000)
    for each in values:
        losses.add(float(each))
    assert len(losses.means) < KEPT
    whole = len(losses.means) * losses.each
    assert losses.means == pytest.approx(values[:whole].reshape(-1, losses.each).mean(axis=1))


def test_times() -> None:
    found = [clock(each) for each in (0, 4.6, 725, 3725, 47 * 3600, 76 * 3600)]
    assert found == ["0:00", "0:05", "12:05", "1:02:05", "47:00:00", "3 d 4 h"]


# -- on a terminal ----------------------------------------------------------------------------------------------------

LOOP: Any = SimpleNamespace(steps=STEPS, per_epoch=PER_EPOCH, history=[])


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Of 80 cells, and each event has the panel drawn."""
    made = Terminal(80)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(panel, "EVERY", 0.0)
    yield made
    made.close()


@contextmanager
def watched(terminal: Terminal, look: Look = COLOURS) -> Iterator[Callable[[Any], None]]:
    """With the terminal as standard output and error."""
    before = sys.stdout, sys.stderr
    with open(os.dup(terminal.slave), "w") as sys.stdout, open(os.dup(terminal.slave), "w") as sys.stderr:
        try:
            with panel.watched(LOOP, look) as watch:
                yield watch
        finally:
            sys.stdout, sys.stderr = before


def printed(text: str, stream: Any = None) -> None:
    stream = stream or sys.stdout
    stream.write(text)
    stream.flush()


def test_lines_stand_above_it_and_nothing_is_left(terminal: Terminal) -> None:
    os.write(terminal.slave, b"before\n")
    with watched(terminal) as watch:
        for each in events():
            if isinstance(each, Epoch):
                printed(f"epoch {each.epoch}\n")
            watch(each)
            shown = terminal.text()
            assert len(shown) == 1 + (each.step // PER_EPOCH if isinstance(each, Epoch) else (each.step - 1) // 10) + 6
            assert shown[-6] == "─" * 79
            assert shown[-1].startswith("  lr ")
            assert terminal.shows_cursor
            assert not terminal.echoes
        printed("a warning\n", sys.stderr)
        watch(Stopped("no gain"))
    assert terminal.text() == ["before", *(f"epoch {n}" for n in range(1, 6)), "a warning"]
    assert (terminal.column, terminal.shows_cursor, terminal.echoes) == (0, True, True)


def test_a_line_that_is_not_ended_is_left_alone(terminal: Terminal) -> None:
    with watched(terminal) as watch:
        first, second, third, *_ = events()
        watch(first)
        printed("half ")
        watch(second)
        assert terminal.text() == ["half"]
        printed("whole\n")
        watch(third)
        assert len(terminal.text()) == 7
    assert terminal.text() == ["half whole"]


@pytest.mark.parametrize("seed", range(4))
def test_another_width_smears_nothing(terminal: Terminal, seed: int) -> None:
    chance = np.random.default_rng(seed)
    lines = []
    with watched(terminal) as watch:
        for each in events():
            terminal.resize(int(chance.integers(20, 160)))
            if isinstance(each, Epoch):
                lines.append(f"epoch {each.epoch} is done")
                printed(lines[-1] + "\n")
                terminal.resize(int(chance.integers(20, 160)))
            watch(each)
            shown = terminal.text()
            assert shown[:-6] == lines
            assert len(shown[-6]) == terminal.width - 1
            assert terminal.line == len(shown) - 1
    assert terminal.text() == lines


def test_a_low_terminal_has_less_of_it(terminal: Terminal) -> None:
    terminal.resize(80, 4)
    with watched(terminal) as watch:
        for each in events(0, 5):
            watch(each)
        assert len(terminal.text()) == 3
    assert terminal.text() == []


def test_it_is_drawn_a_few_times_a_second(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(panel, "EVERY", 0.2)
    monkeypatch.setattr(panel, "monotonic", lambda: now[0])
    drawn: list[float] = []
    monkeypatch.setattr(panel.Panel, "draw", lambda self: drawn.append(now[0]))
    with watched(terminal) as watch:
        for step in range(1000):
            now[0] += 0.001
            watch(Updated(1, step + 1, 2000, 1.0, 0.1, 1))
    assert len(drawn) <= 6


@pytest.mark.parametrize(("look", "term"), [(Look(False, "utf-8", 80), "xterm"), (COLOURS, "dumb")])
def test_without_colours_there_is_none(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch, look: Look, term: str
) -> None:
    monkeypatch.setenv("TERM", term)
    with watched(terminal, look) as watch:
        for each in events():
            watch(each)
    assert terminal.read() == ""


# -- whole runs -------------------------------------------------------------------------------------------------------

NET = """cnn 1
model Small {
  input 1x8x8
  flatten -> linear 3
  train {
    optimizer sgd 0.01
    batch 8
    epochs 3
  }
}
"""


@pytest.fixture
def room(tmp_path: Path) -> Path:
    chance = np.random.default_rng(0)
    (tmp_path / "data").mkdir()
    for begin, count in (("train", 90), ("t10k", 30)):
        pictures, targets = chance.integers(0, 256, (count, 8, 8), np.uint8), np.arange(count, dtype=np.uint8) % 3
        (tmp_path / "data" / f"{begin}-images-idx3-ubyte").write_bytes(idx(pictures))
        (tmp_path / "data" / f"{begin}-labels-idx1-ubyte").write_bytes(idx(targets))
    (tmp_path / "net.cnn").write_text(NET)
    return tmp_path


def begun(room: Path, terminal: Terminal, code: str, *more: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    for name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        environment.pop(name, None)
    out = terminal.slave
    arguments = [sys.executable, "-c", code, "train", "net.cnn", "--threads", "1", *more]
    return subprocess.Popen(arguments, cwd=room, env=environment, stdin=out, stdout=out, stderr=out)


SLOW = """
import sys, time
from cnnspec.cli.app import run
from cnnspec.training.loop import Loop
update = Loop._update
Loop._update = lambda *given: time.sleep(0.03) or update(*given)
sys.exit(run(sys.argv[1:]))
"""


def ended(process: subprocess.Popen[bytes], terminal: Terminal) -> int:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        terminal.read()
        time.sleep(0.01)
    return process.wait(1)


def without_speed(lines: list[str]) -> list[str]:
    return [re.sub(r" +[\d,]+$", "", each) if re.match(r" +\d+ ", each) else each for each in lines]


def test_what_a_terminal_keeps_is_what_a_pipe_gets(
    room: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(room)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    terminal = Terminal(100)
    assert ended(begun(room, terminal, SLOW, "--data", "data", "-o", "one"), terminal) == 0
    assert command(["train", "net.cnn", "--threads", "1", "--data", "data", "-o", "two"]) == 0
    out, err = capsys.readouterr()
    assert "\x1b" not in out + err
    notes = [each for each in terminal.text() if each.startswith("note: ")]
    rest = [each for each in terminal.text() if not each.startswith("note: ")]
    assert [each for each in err.splitlines() if each.startswith("note: ")] == [each for each in notes if each in err]
    assert without_speed(rest)[:-1] == without_speed(out.replace("two/", "one/").splitlines())[:-1]
    assert "━" in terminal.raw
    assert "samples/s\x1b" in terminal.raw or "samples/s " in terminal.raw
    terminal.close()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_a_signal_leaves_the_terminal_clean(room: Path, number: int, code: int) -> None:
    terminal = Terminal(80)
    process = begun(room, terminal, SLOW, "--data", "data", "-o", "run", "--epochs", "500")
    end = time.monotonic() + 60
    while "━" not in terminal.raw and time.monotonic() < end:
        terminal.read()
        time.sleep(0.01)
    assert not terminal.echoes
    process.send_signal(number)
    assert ended(process, terminal) == code
    shown = terminal.text()
    assert not [each for each in shown if "━" in each or "─" in each or "so far" in each]
    assert (terminal.column, terminal.shows_cursor, terminal.echoes) == (0, True, True)
    terminal.close()

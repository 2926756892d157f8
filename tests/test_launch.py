"""Which of several processes this is, by the variables that launchers set."""

import pytest

from cnnspec.training.errors import TrainError
from cnnspec.training.launch import Place, is_one_of_several, is_silent, place

NAMES = ("RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
THERE = {"MASTER_ADDR": "localhost", "MASTER_PORT": "29500"}


@pytest.fixture(autouse=True)
def nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def told(monkeypatch: pytest.MonkeyPatch, said: dict[str, str]) -> None:
    for name, value in said.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize("said", [{}, {"WORLD_SIZE": ""}, {"WORLD_SIZE": "1"}, {"RANK": "3"}])
def test_alone(monkeypatch: pytest.MonkeyPatch, said: dict[str, str]) -> None:
    told(monkeypatch, said)
    assert place() == Place(0, 1, 0, 1)
    assert not is_one_of_several()
    assert not is_silent()


def test_of_torchrun(monkeypatch: pytest.MonkeyPatch) -> None:
    told(monkeypatch, {**THERE, "RANK": "5", "WORLD_SIZE": "8", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4"})
    assert place() == Place(5, 8, 1, 4)
    assert is_silent()


def test_a_launcher_that_knows_no_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """By hand, or mpirun: what one is on its machine is what it is of all."""
    told(monkeypatch, {**THERE, "RANK": "1", "WORLD_SIZE": "2"})
    assert place() == Place(1, 2, 1, 2)


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"WORLD_SIZE": "2", "RANK": "0"}, "WORLD_SIZE is 2, and MASTER_ADDR is not set"),
        ({"WORLD_SIZE": "2", **THERE}, "WORLD_SIZE is 2, and RANK is not set"),
        ({"WORLD_SIZE": "two", **THERE}, "WORLD_SIZE is `two`, and no whole number"),
    ],
)
def test_half_of_it_is_refused(monkeypatch: pytest.MonkeyPatch, said: dict[str, str], message: str) -> None:
    told(monkeypatch, said)
    with pytest.raises(TrainError, match="^" + message):
        place()
    assert not is_silent()

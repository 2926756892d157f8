"""A run's epochs for TensorBoard, in a folder within the run's."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cnnspec.training.loop import Epoch

FOLDER = "tensorboard"
MISSING = "nothing is written for TensorBoard: {}; pip install tensorboard"


class Board:
    """What TensorBoard shows of a run that has had the epochs of `history`. It never stops a run: what goes wrong is
    told by `trouble`, once, and no more is written.

    A run that is gone on with may have written an epoch that its checkpoint does not know, which is then done again:
    from there on the older points are given up (`purge_step` of torch.utils.tensorboard.SummaryWriter), so that none
    is shown twice. Where nothing was written before, the epochs before are made up for.
    """

    def __init__(self, run: Path, history: Sequence[Epoch]) -> None:
        self.writer: Any = None
        self.trouble: str | None = None
        folder = run / FOLDER
        try:
            from torch.utils.tensorboard import SummaryWriter
        except Exception as error:  # it is large, and versions that do not match break it in many ways
            self.trouble = MISSING.format(str(error).partition("\n")[0] or type(error).__name__)
            return
        goes_on = folder.is_dir() and any(folder.iterdir())
        try:
            self.writer = SummaryWriter(os.fspath(folder), purge_step=len(history) + 1 if goes_on else None)
        except OSError as error:
            self._failed(error)
        for each in () if goes_on else history:
            self.add(each)

    def add(self, epoch: Epoch, speed: float | None = None) -> None:
        """`speed` in samples a second."""
        if self.writer is None:
            return
        values = {
            "loss/trained on": epoch.loss,
            "loss/held out": epoch.held_loss,
            "accuracy/trained on": epoch.accuracy,
            "accuracy/held out": epoch.held_accuracy,
            "lr": epoch.lr,
            "samples a second": speed,
        }
        try:
            for name, value in values.items():
                if value is not None:
                    self.writer.add_scalar(name, value, epoch.epoch)
            self.writer.flush()
        except OSError as error:
            self._failed(error)

    def close(self) -> None:
        if self.writer is not None:
            try:
                self.writer.close()
            except OSError as error:
                self._failed(error)

    def _failed(self, error: OSError) -> None:
        self.trouble = f"no more is written for TensorBoard: {(error.strerror or str(error)).lower()}"
        self.writer = None

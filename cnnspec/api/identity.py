"""Whether a run that goes on is the run that was begun."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from cnnspec.contract.settings import in_words
from cnnspec.pipeline import Compiled
from cnnspec.training.errors import TrainError
from cnnspec.training.manner import AS_EVER, FREE
from cnnspec.training.run_folder import BEST


def text_digest(compiled: Compiled) -> str:
    """SHA-256 of the texts, and of what was asked of them."""
    made = sha256()
    for each in (compiled.source, *compiled.used):
        if each is not None:
            made.update(each.text.encode() + b"\0")
    options = compiled.options
    made.update(repr((options.model, sorted(options.parameters.items()), list(options.inputs.items()))).encode())
    return made.hexdigest()


def same(before: dict[str, Any], identity: dict[str, Any], out: Path) -> None:
    """TrainError where text, data or plan are not what the run in `out` was begun with."""
    for name, what in (("text", "the network's text"), ("data", "the data")):
        if before[name] != identity[name]:
            raise TrainError(f"{what} is not what {out} was begun with", "another `--out` begins a new run")
    now = json.loads(json.dumps(identity["plan"]))
    then = {**AS_EVER.plain(), **before["plan"]}  # an older run says nothing of what was new
    for word in (each for each in {**then, **now} if each not in FREE):
        was, said = (each.get(word, {}).get("value") for each in (then, now))
        if was != said:
            message = f"`{word}` is {in_words(said)}, and the run was begun with {in_words(was)}"
            hint = f"a new run from these weights: another `--out`, and `--weights {out / BEST}`"
            raise TrainError(message, f"a run that goes on has the recipe that it had; {hint}")

"""What several test files share."""

import os
from pathlib import Path

import pytest

from tests import ROOT


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The photos and weights that scripts/fetch_data.py brings: in CNNSPEC_DATA, else `data/` at the root."""
    folder = Path(os.environ.get("CNNSPEC_DATA") or ROOT / "data")
    if not (folder / "photos").is_dir() or not (folder / "mobilenet_v2").is_dir():
        pytest.skip(f"{folder} lacks photos or mobilenet_v2: python scripts/fetch_data.py {folder}")
    return folder

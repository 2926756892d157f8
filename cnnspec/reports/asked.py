"""What a report is asked to show, the same for every format."""

from typing import NamedTuple


class Asked(NamedTuple):
    """`levels` folds what lies deeper into sums, and what is computed is for `batch` samples; all of it, and one
    sample, where they are None."""

    levels: int | None = None
    batch: int | None = None

    @property
    def times(self) -> int:
        """What is computed so many times."""
        return self.batch or 1


ALL = Asked()

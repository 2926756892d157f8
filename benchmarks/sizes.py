"""What the exact sizes of a network cost beside a check of the same file, in one process.

    pip install -e .
    python benchmarks/sizes.py [RUNS]

Asked is at most 20 times the time in which `cnnspec check` compiles the text, counts it and lints it.
"""

import statistics
import sys
import time
from collections.abc import Callable
from functools import partial

from cnnspec.build.options import PLAIN
from cnnspec.pipeline import compile_each, sizes_of
from cnnspec.reports.look import Look
from cnnspec.reports.summary import one_file
from cnnspec.rules.review import reviewed

NETWORKS = ("unet", "resnet50", "googlenet", "densenet121", "resnet152", "retinanet", "vgg16", "lenet", "siamese")
TIMES = 20


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def median(work: Callable[[], object], runs: int) -> float:
    work()  # the first one warms up
    return statistics.median(seconds(work) for _ in range(runs))


def check(name: str) -> None:
    for each in reviewed(compile_each(name, PLAIN)):
        one_file(name, each, Look())


def main() -> int:
    runs, worst = int(sys.argv[1]) if len(sys.argv) > 1 else 20, 0.0
    for network in NETWORKS:
        name = f"zoo:{network}"
        (compiled,) = compile_each(name, PLAIN)
        checked, sized = median(partial(check, name), runs), median(partial(sizes_of, compiled), runs)
        times = sized / checked
        worst = max(worst, times)
        sys.stdout.write(f"{network:<12} check {1000 * checked:7.2f} ms  sizes {1000 * sized:6.2f} ms  {times:5.2f}x\n")
    return 0 if worst <= TIMES else 1


if __name__ == "__main__":
    sys.exit(main())

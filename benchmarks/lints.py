"""What the lints take of a check, in one process and without what Python needs to begin.

    pip install -e .
    python benchmarks/lints.py [NETWORK] [RUNS]

Asked is at most a fifth of the time in which `cnnspec check zoo:resnet152` compiles the text, counts it and lints it.
"""

import statistics
import sys
import time
from collections.abc import Callable

from cnnspec.build.options import PLAIN
from cnnspec.pipeline import compile_each
from cnnspec.reports.look import Look
from cnnspec.reports.summary import one_file
from cnnspec.rules.review import reviewed

NETWORK = "zoo:resnet152"
SHARE = 0.2


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    network = sys.argv[1] if len(sys.argv) > 1 else NETWORK
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    models = compile_each(network, PLAIN)
    parts: dict[str, Callable[[], object]] = {
        "compile": lambda: compile_each(network, PLAIN),
        "count": lambda: [one_file(network, each, Look()) for each in models],
        "lint": lambda: reviewed(models),
    }
    times: dict[str, list[float]] = {name: [] for name in parts}
    for turn in range(runs + 1):  # the first one warms up
        for name, work in parts.items():
            taken = seconds(work)
            if turn:
                times[name].append(taken)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    whole = sum(medians.values())
    for name, taken in medians.items():
        sys.stdout.write(f"{name:<8} {1000 * taken:7.2f} ms  {taken / whole:5.1%}\n")
    return 0 if medians["lint"] <= SHARE * whole else 1


if __name__ == "__main__":
    sys.exit(main())

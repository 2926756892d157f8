"""How long `cnnspec check examples/resnet50.cnn` takes as a whole process, beside two tools that count the same net.

    pip install -e '.[cpu,torch,bench]'
    python benchmarks/startup.py [RUNS]

The tools are run in turn, so that a busy machine slows all of them; medians are compared. What is asked: at most 0.6 of
onnx_tool's profile of our ONNX file, and 0.08 of torchinfo's summary of a torch module.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = "examples/resnet50.cnn"
PROFILE = """
import sys, numpy, onnx_tool
onnx_tool.model_profile(sys.argv[1], {"input": numpy.zeros((1, 3, 224, 224), numpy.float32)})
"""
LIMITS = {"onnx_tool": 0.6, "torchinfo": 0.08}


def commands(model: Path) -> dict[str, list[str]]:
    python = sys.executable
    return {
        "cnnspec": [python, "-m", "cnnspec", "check", EXAMPLE],
        "onnx_tool": [python, "-c", PROFILE, str(model)],
        "torchinfo": [python, "benchmarks/twins.py"],
        "bare Python": [python, "-c", "pass"],
    }


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    taken = time.perf_counter() - start
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stderr}")
    return taken


def measured(runs: int, model: Path) -> dict[str, list[float]]:
    """Seconds by tool; a first round, which fills the disk's cache, is not counted."""
    tools = commands(model)
    times: dict[str, list[float]] = {name: [] for name in tools}
    for turn in range(runs + 1):
        for name, command in tools.items():
            taken = seconds(command)
            if turn:
                times[name].append(taken)
    return times


def table(times: dict[str, list[float]]) -> str:
    ours = statistics.median(times["cnnspec"])
    lines = [f"{'':<12}{'median s':>10}{'fastest':>10}{'slowest':>10}{'cnnspec / it':>15}{'at most':>10}"]
    for name, taken in times.items():
        median = statistics.median(taken)
        ratio = f"{ours / median:.3f}" if name in LIMITS else ""
        limit = f"{LIMITS[name]:.2f}" if name in LIMITS else ""
        lines.append(f"{name:<12}{median:>10.3f}{min(taken):>10.3f}{max(taken):>10.3f}{ratio:>15}{limit:>10}".rstrip())
    return "\n".join(lines)


def main() -> int:
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 11
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "resnet50.onnx"
        seconds([sys.executable, "-m", "cnnspec", "export", EXAMPLE, "-o", str(model), "--seed", "0"])
        times = measured(runs, model)
    sys.stdout.write(table(times) + "\n")
    ours = statistics.median(times["cnnspec"])
    return int(any(ours > limit * statistics.median(times[name]) for name, limit in LIMITS.items()))


if __name__ == "__main__":
    sys.exit(main())

"""cnnspec: a compiler for convolutional networks."""

TYPE_CHECKING = False  # typing's own constant takes longer to import than all of this
if TYPE_CHECKING:
    from cnnspec.api.diff import Diff, diff
    from cnnspec.api.format import format_text
    from cnnspec.api.grid_shown import Sweep, sweep
    from cnnspec.api.load import BudgetWarning, SpecError, check, load, loads, zoo
    from cnnspec.api.model import Model
    from cnnspec.api.report import Report
    from cnnspec.lower.errors import ExportError, WeightsError
    from cnnspec.runtime.errors import RunError

__version__ = "0.1.0"

_HOMES = {
    "BudgetWarning": "cnnspec.api.load",
    "Diff": "cnnspec.api.diff",
    "ExportError": "cnnspec.lower.errors",
    "Model": "cnnspec.api.model",
    "Report": "cnnspec.api.report",
    "RunError": "cnnspec.runtime.errors",
    "SpecError": "cnnspec.api.load",
    "Sweep": "cnnspec.api.grid_shown",
    "WeightsError": "cnnspec.lower.errors",
    "check": "cnnspec.api.load",
    "diff": "cnnspec.api.diff",
    "format_text": "cnnspec.api.format",
    "load": "cnnspec.api.load",
    "loads": "cnnspec.api.load",
    "sweep": "cnnspec.api.grid_shown",
    "zoo": "cnnspec.api.load",
}

__all__ = [
    "BudgetWarning",
    "Diff",
    "ExportError",
    "Model",
    "Report",
    "RunError",
    "SpecError",
    "Sweep",
    "WeightsError",
    "__version__",
    "check",
    "diff",
    "format_text",
    "load",
    "loads",
    "sweep",
    "zoo",
]


def __getattr__(name: str) -> object:
    """Imports a public name when it is first asked for, so that `import cnnspec` costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    found = getattr(import_module(_HOMES[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted(__all__)

"""A network without errors, and all that can be done with it."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, overload

from cnnspec.api.report import Report, device_of, precision_of
from cnnspec.contract.values import Shape
from cnnspec.pipeline import Compiled
from cnnspec.reports.network.asked import Asked
from cnnspec.source.diagnostic import Diagnostic

if TYPE_CHECKING:
    from cnnspec.api.counted import Counted
    from cnnspec.api.deploy import Exported
    from cnnspec.api.explain import Explanation
    from cnnspec.api.field import FieldReport
    from cnnspec.api.formulas import CostFormulas
    from cnnspec.api.grid_shown import Inputs, Sweep
    from cnnspec.api.memory import Memory
    from cnnspec.api.sizes import Sizes
    from cnnspec.api.torch_export import TorchExported
    from cnnspec.contract.training.recipe import Recipe
    from cnnspec.ir.graph import Graph
    from cnnspec.runtime.predict import Prediction

Path = str | os.PathLike[str]


class Model:
    """A network without errors other than of its budgets (`require params <= 12M`): `diagnostics` may hold those, and
    warnings. One that is over its budget has all its numbers, and raises SpecError where it would be put to work."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled = compiled
        assert compiled.built is not None
        self._built = compiled.built

    def __repr__(self) -> str:
        return f"<cnnspec.Model {self.name}: {self.params:,} parameters, {self.macs:,} MACs>"

    def _repr_html_(self) -> str:
        return self.report()._repr_html_()

    @property
    def name(self) -> str:
        return self.graph.name

    @property
    def diagnostics(self) -> list[Diagnostic]:
        return list(self._compiled.diagnostics)

    @property
    def within_budget(self) -> bool:
        """Whether all conditions on the finished model hold; so if there are none."""
        return self._compiled.ok

    @property
    def graph(self) -> Graph:
        """The network's nodes in the order of the text; `graph.index` is a networkx graph."""
        return self._built.graph

    @property
    def shapes(self) -> dict[str, Shape]:
        """The result's shape by node, channels first, without the batch."""
        return {id: shape for id, shape in self._built.shapes.items() if shape is not None}

    @property
    def inputs(self) -> dict[str, Shape]:
        """The shape by the input's name."""
        return {id: self.shapes[id] for id in self.graph.inputs}

    @property
    def outputs(self) -> dict[str, Shape]:
        """The shape by the output's name."""
        return {name: self.shapes[id] for name, id in self.graph.outputs.items()}

    @property
    def recipe(self) -> Recipe | None:
        """What its `train` section says, checked; None without one."""
        return self._built.recipe

    @property
    def params(self) -> int:
        """All trainable numbers, those of auxiliary heads too."""
        return self._compiled.analysis.totals.params

    @property
    def macs(self) -> int:
        """Multiply-adds of what runs at inference, for one sample."""
        return self._compiled.analysis.totals.macs

    def report(
        self,
        levels: int | None = None,
        batch: int | None = None,
        *,
        by: Literal["block", "word"] | None = None,
        sort: str | None = None,
        top: int | None = None,
        device: tuple[float | Fraction, float | Fraction] | None = None,
        precision: str = "fp32",
    ) -> Report:
        """All numbers, as a table, JSON, CSV, Markdown or a page of HTML.

        `levels` folds what is deeper; `batch` is of one sample if it is not given; `by` sums up what is alike; `sort`
        lists the largest first, by one of reports.network.figures.SORTS, and `top` so many of them. `device` is what it
        does in a second, FLOPs and bytes moved, and brings an estimate of the time; `precision` (fp32, fp16, bf16 or
        int8) is what a number of a weight or value takes. ValueError for what does not fit.
        """
        rates = None if device is None else device_of(*device)
        return Report(self._compiled, Asked(levels, batch, by, sort, top, rates, precision_of(precision)))

    def formulas(self) -> CostFormulas:
        """MACs, other operations and activations as polynomials of the input's sizes: `formulas().macs(N=8, H=320)`."""
        from cnnspec.api.formulas import CostFormulas

        return CostFormulas(self._compiled)

    def sweep(self, *, input: Inputs | None = None, batch: int | list[int] | None = None, **parameters: Any) -> Sweep:
        """The numbers of the same text over every combination, as `cnnspec.sweep` has them; what is not asked about
        stays as it is here."""
        from cnnspec.api.grid import MOST
        from cnnspec.api.grid_shown import axes_from, swept

        compiled, axes = self._compiled, axes_from(input, batch, parameters)
        assert compiled.source is not None
        return swept(compiled.source, compiled.options, axes, MOST, compiled.library)

    def memory(
        self,
        *,
        batch: int | None = None,
        optimizer: str | None = None,
        precision: str = "fp32",
        levels: int | None = None,
    ) -> Memory:
        """What inference and training take, in bytes; nothing is run.

        `batch` None: one sample, in training what the train section says. `optimizer` is one of sgd, momentum, adagrad,
        adadelta, rmsprop, adam, adamw; None: the train section's, else adam. `precision`:
        "fp32", "mixed" (training as torch.autocast has it), "fp16" and "bf16" (that, and inference in 16 bits), "int8"
        (inference alone). `levels`: blocks by the first so many parts of their names. ValueError for others.
        """
        from cnnspec.api.memory import Memory

        return Memory(self._compiled, batch, optimizer, precision, levels=levels)

    def explain(self, layer: str | None = None, language: str = "en") -> Explanation:
        """How a layer's numbers come about, by its name (`layer1.0.conv1`) or that of a block; without one, the model.

        ValueError if nothing is called so, or if there are no texts in that language ("en", "zh").
        """
        from cnnspec.api.explain import explain

        return explain(self._compiled, layer, language)

    def field(
        self,
        layer: str | None = None,
        at: Sequence[int] | None = None,
        *,
        channel: int | None = None,
        levels: int | None = None,
        branches: bool = False,
    ) -> FieldReport:
        """The theoretical receptive field of every layer, of one, or of one unit: a row and a column, one number in
        1-D, three in 3-D, of a vector the number of a unit; `levels` and `branches` are for the table of all.
        ValueError if there is no such layer or unit. docs/field.md."""
        from cnnspec.api.field import all_fields, field_of, seen_at

        if layer is None:
            if at is not None or channel is not None:
                raise ValueError("of which layer? field(layer, at)")
            return all_fields(self._compiled, levels, branches)
        asked_of_unit = at is not None or channel is not None
        return seen_at(self._compiled, layer, at, channel) if asked_of_unit else field_of(self._compiled, layer)

    def projective_field(
        self, layer: str, at: Sequence[int] | None = None, *, channel: int | None = None, to: Iterable[str] = ()
    ) -> FieldReport:
        """What a unit of a layer, or a pixel of an input, reaches in the layers `to`, or else in the outputs.
        ValueError if there is no such layer or unit."""
        from cnnspec.api.field import reached_by

        return reached_by(self._compiled, layer, at, channel, to)

    def sizes(self) -> Sizes:
        """The sizes of its inputs that it takes with the same weights: proved, or it says that it is not."""
        from cnnspec.api.sizes import Sizes

        return Sizes(self._compiled)

    def counted(self, convention: str, batch: int = 1) -> Counted:
        """What another tool prints for this network's torch source, and where that parts from `macs`:
        `model.counted("fvcore").value`; printed, the text of `report --why`. ValueError for a name that
        docs/counting.md does not have."""
        from cnnspec.api.counted import Counted

        return Counted(self._compiled, convention, batch)

    @overload
    def export(
        self,
        path: Path,
        *,
        to: Literal["onnx"] = "onnx",
        weights: Path | Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Exported: ...
    @overload
    def export(
        self,
        path: Path,
        *,
        to: Literal["torch"],
        weights: Path | Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> TorchExported: ...
    def export(
        self,
        path: Path,
        *,
        to: Literal["onnx", "torch"] = "onnx",
        weights: Path | Mapping[str, Any] | None = None,
        seed: int | None = None,
    ) -> Exported | TorchExported:
        """Writes ONNX with the weights of a file (or arrays by name), or initialised from a seed; or PyTorch source.

        For torch the path is a folder, which gets `model.py`, `train.py` if the network can be trained by itself, and
        `weights.safetensors` if there are weights or a seed.

        ValueError if there are both, for ONNX also if there is neither (a network without weights needs neither);
        WeightsError, ExportError; SpecError if it is over its budget. What is only to be noted comes as a warning.
        """
        self._refuse_over_budget()
        exported: Exported | TorchExported
        if to == "torch":
            from cnnspec.api.torch_export import export_torch

            exported = export_torch(self._compiled, path, weights, seed)
        elif to == "onnx":
            from cnnspec.api.deploy import export

            exported = export(self._compiled, path, weights, seed)
        else:
            raise ValueError(f"{to!r} is no format; those are 'onnx' and 'torch'")
        _warn(exported.notes)
        return exported

    def torch_source(self) -> str:
        """The network as the text of `model.py`. SpecError if it is over its budget."""
        self._refuse_over_budget()
        from cnnspec.api.torch_export import source

        return source(self._compiled)

    def run(
        self,
        images: Path | Iterable[Path],
        *,
        weights: Path | Mapping[str, Any] | None = None,
        seed: int | None = None,
        top: int = 5,
        device: str = "auto",
    ) -> list[Prediction]:
        """The likeliest classes of each picture; `images` may name files, folders and patterns.

        A picture that cannot be read has an `error` in place of guesses. ValueError as for `export`; WeightsError,
        ExportError, RunError; SpecError if it is over its budget. What is assumed comes as a warning.
        """
        self._refuse_over_budget()
        from cnnspec.api.deploy import opened

        with opened(self._compiled, weights, seed, device) as predictor:
            _warn(predictor.notes)
            return list(predictor.name(images, top))

    def _refuse_over_budget(self) -> None:
        if not self._compiled.ok:
            from cnnspec.api.load import SpecError

            raise SpecError(self._compiled.diagnostics)


def _warn(notes: Iterable[str]) -> None:
    for each in notes:
        warnings.warn(each, stacklevel=3)

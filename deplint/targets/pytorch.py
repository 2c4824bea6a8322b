"""What PyTorch's exporters and the converters of others see of an exported program or of TorchScript."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from deplint.formats.pickled import torch_dtype
from deplint.model import Graph, Op, Shape, Tensor, Unreadable
from deplint.project import File
from deplint.targets import At
from deplint.targets.subject import Subject
from deplint.targets.table import Operand, Row
from deplint.targets.torchscript_run import Run, run
from deplint.targets.torchscript_shapes import Shaped
from deplint.targets.verdict import Reason

COMPLEX = ("complex64", "complex128")

ASSERTIONS = frozenset(
    {"_assert_async", "_assert_scalar", "_assert_tensor_metadata", "sym_constrain_range_for_size", "sym_constrain_range"}
)
"""What only checks, and is left out."""


@dataclass(frozen=True)
class Used:
    """An operator whose result is needed. `key` is its name with the overload (``add.Tensor``); `dtype` that of its first input."""

    graph: Graph
    op: Op
    key: str
    inputs: tuple[Operand, ...] = ()
    args: tuple[Any, ...] = ()
    named: Mapping[str, Any] = field(default_factory=dict)
    """What it is given in TorchScript, as `deplint.targets.torchscript_run` knows it: in order, and by name."""

    @property
    def dtype(self) -> str:
        return self.inputs[0].dtype if self.inputs else ""

    @property
    def given(self) -> int:
        """How many arguments an exported program gives it, at least: a list counts as its parts."""
        return len(self.op.inputs) + len(self.op.attributes) - ("overload" in self.op.attributes)

    @property
    def written(self) -> str:
        """The arguments as TorchScript's code has them; "" for an exported program, and where they are long."""
        return str(self.op.attributes.get("arguments", ""))

    @property
    def constant(self) -> bool:
        """Whether nothing of what TorchScript gives it is computed: the operator is run once, and its result is kept."""
        if self.args:
            return all(map(_plain, self.args))
        return bool(self.written) and not _COMPUTED.search(_TEXT.sub("", self.written))

    def without(self, row: Row) -> str | None:
        """The words for arguments that the row's ``without`` refuses: patterns of TorchScript's code, with values in place of names."""
        patterns = row.more.get("without", {})
        written = self.written
        if patterns and self.args:
            written = ", ".join([*map(_spelled, self.args), *(f"{name}={_spelled(value)}" for name, value in self.named.items())])
        return next((words for pattern, words in patterns.items() if re.search(pattern, written)), None)

    @property
    def imaginary(self) -> bool:
        return any(operand.dtype in COMPLEX for operand in self.inputs)


_TEXT = re.compile(r'"[^"]*"|torch\.device\(""\)')
_COMPUTED = re.compile(r"(?!(?:None|True|False|CONSTANTS|torch|device|dtype|layout|pin_memory|c\d+|inf|nan)\b)\b[A-Za-z_]\w*")


def _plain(value: Any) -> bool:
    """Whether a value depends on no tensor."""
    return all(map(_plain, value)) if isinstance(value, list) else value is None or type(value) in (bool, int, float, str)


def written_whole(used: Used) -> bool:
    """Whether ``copy_`` writes over a whole tensor that was made for it, not over a part of one."""
    return used.op.type == "copy_" and bool(used.args) and isinstance(used.args[0], Shaped) and used.args[0].by in NEW


NEW = ("empty_like", "zeros_like", "ones_like", "new_empty", "new_zeros", "empty", "zeros", "ones")


def _spelled(value: Any) -> str:
    """A value as TorchScript's code has it; what is no number, text or list as a name."""
    if isinstance(value, list):
        return f"[{', '.join(map(_spelled, value))}]"
    if isinstance(value, str):
        return f'"{value}"'
    return str(value) if value is None or isinstance(value, int | float) else "v"


def operators(subject: Subject) -> Sequence[Used]:
    """The operators of an exported program, nested graphs included, each after those it reads."""
    model = subject.model
    assert model is not None
    return [
        Used(graph, op, f"{op.type}.{op.attributes.get('overload', 'default')}" if op.domain in ATEN else op.type, inputs)
        for graph, op in model.graph.walk()
        if op.type not in ASSERTIONS
        for inputs in [tuple(_operand(graph.tensor(name)) for name in op.inputs if name)]
    ]


HELPERS = ("", "_operator", "math", "torch", "builtins")
"""Where functions of exported programs are from that compute with Python's numbers, or only check."""


def stopped(row: Row, used: Used) -> tuple[str, str] | None:
    """What keeps a converter that decomposes and lowers (`tools.support.lowered`) from an operator: the cause, and what it made of it that
    cannot be lowered, or for a limit what it asks; None where nothing is known to."""
    if row.status == "unsupported":
        return "operator", str(row.more["made_of"])
    refused = row.more.get("refuses", {}).get(used.dtype)
    if refused is not None:
        return "dtype", str(refused)
    unmet = next((limit.text for limit in row.limits if limit.met(used.op.attributes, used.inputs) is False), None)
    return None if unmet is None else ("limit", unmet)


ATEN = ("aten", "prims", "quantized", "quantized_decomposed", "torchvision")
"""Libraries of operators that have overloads."""


def scripted(subject: Subject) -> Sequence[Used]:
    """The operators of TorchScript that run whatever the inputs are, as often as they are called: not those in a branch, which may be
    left out, unless it is known to be taken. What they are given is known as far as `deplint.targets.torchscript_run` can tell it."""
    model = subject.model
    assert model is not None
    ran = subject.once(followed)
    given: dict[tuple[str, int], dict[str, Used]] = {}
    graphs = {graph.name: graph for graph in model.graphs}
    for called in ran.calls:
        graph = graphs.get(called.graph)
        if graph is not None and called.index < len(graph.ops):
            op = graph.ops[called.index]
            found = Used(graph, op, op.type, tuple(map(_shaped, called.args)), called.args, called.kwargs)
            given.setdefault((graph.name, called.index), {})[repr(called.args)] = found
    uses: list[Used] = []
    for graph, op in model.ops():
        known = given.get((graph.name, op.index))
        if known:
            uses.extend(known.values())
        elif not (
            op.attributes.get("_branch")
            or op.type.endswith("_prepack")
            or graph.name.endswith(("__setstate__", "__getstate__"))
            or (ran.whole and graph.name not in ran.entered)
        ):
            uses.append(Used(graph, op, op.type))
    return uses


def fed(subject: Subject) -> Sequence[tuple[str, Shape]] | None:
    """Dtypes and shapes of what a module of TorchScript takes: what it was traced with, or the inputs that its extra file ``inputs.json``
    lists, ``[[dtype, sizes], ...]``; None if it does not say."""
    model = subject.model
    assert model is not None
    listed = _listed(model.metadata.get("extra/inputs.json", ""))
    if listed is None and model.inputs and all(tensor.dtype for tensor in model.inputs):
        listed = [(tensor.dtype, tensor.shape) for tensor in model.inputs]
    return listed


def followed(subject: Subject) -> Run:
    """The run of a module of TorchScript, as far as it can be followed."""
    model = subject.model
    assert model is not None
    if model.metadata.get("kind") == "mobile":
        return Run(whole=False)
    try:
        return run(File(subject.path), fed(subject))
    except (Unreadable, OSError):
        return Run(whole=False)


def _listed(text: str) -> list[tuple[str, Shape]] | None:
    try:
        found = json.loads(text) if text else None
        return None if found is None else [(torch_dtype(str(dtype)), tuple(map(int, sizes))) for dtype, sizes in found]
    except (ValueError, TypeError, RecursionError):
        return None


def _shaped(value: Any) -> Operand:
    if not isinstance(value, Shaped):
        return Operand()
    return Operand(value.dtype, value.shape, value.number is not None or None)


def _operand(tensor: Tensor) -> Operand:
    return Operand(tensor.dtype, tensor.shape, tensor.stored is not None)


def projected(used: Used) -> bool:
    """Whether an LSTM has projections: five weights of a layer and direction, three without biases; the last is the projection."""
    match used.args:
        case (Shaped(), list(), list() as weights, bool() as biases, int() as layers, _, _, bool() as both, *_) if layers > 0:
            return len(weights) == layers * (2 if both else 1) * (5 if biases else 3)
    return False


def damaged(subject: Subject, at: At) -> Iterator[Reason]:
    """Why PyTorch does not load the file: its version, or what is missing of it."""
    model = subject.model
    assert model is not None
    if model.format == "torch-export" and model.ir_version is not None:
        if model.ir_version not in (0, SCHEMA):
            words = f"the program was saved with version {model.ir_version} of its schema, and PyTorch reads {SCHEMA}"
            yield at.reason("version", words, subject, remedy="export the model again with this PyTorch")
    elif model.format == "torchscript" and (model.ir_version or 0) > NEWEST:
        words = f"the archive has version {model.ir_version}, and PyTorch reads up to {NEWEST}"
        yield at.reason("version", words, subject, remedy="save the module again with this PyTorch")
    if missing := model.metadata.get("missing"):
        yield at.reason("file", f"the archive lacks {missing}", subject, remedy="save the model again, or copy all of it")
    for tensor in model.graph.weights:
        if tensor.stored is not None and tensor.stored.problem:
            words = f"{tensor.name} cannot be read: {tensor.stored.problem}"
            yield at.reason("file", words, subject, remedy="save the model again, or copy all of it")


NEWEST = 10
"""The highest version of an archive that is read (caffe2/serialize/versions.h, ``kMaxSupportedFileFormatVersion``)."""

SCHEMA = 8
"""The version of the schema of exported programs (torch/_export/serde/schema.py, of PyTorch 2.5 to 2.13)."""

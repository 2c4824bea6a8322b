"""What PyTorch's exporters and the converters of others see of an exported program or of TorchScript."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from deplint.model import Graph, Op, Tensor
from deplint.targets import At
from deplint.targets.subject import Subject
from deplint.targets.table import Operand, Row
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
        """Whether TorchScript's code names nothing that is computed: the operator is run once, and its result is kept."""
        return bool(self.written) and not _COMPUTED.search(_TEXT.sub("", self.written))

    def without(self, row: Row) -> str | None:
        """The words for arguments that the row's ``without`` refuses: patterns of TorchScript's code."""
        return next((words for pattern, words in row.more.get("without", {}).items() if re.search(pattern, self.written)), None)

    @property
    def imaginary(self) -> bool:
        return any(operand.dtype in COMPLEX for operand in self.inputs)


_TEXT = re.compile(r'"[^"]*"|torch\.device\(""\)')
_COMPUTED = re.compile(r"(?!(?:None|True|False|CONSTANTS|torch|device|dtype|layout|pin_memory|c\d+|inf|nan)\b)\b[A-Za-z_]\w*")


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


ATEN = ("aten", "prims", "quantized", "quantized_decomposed", "torchvision")
"""Libraries of operators that have overloads."""


def scripted(subject: Subject) -> Sequence[Used]:
    """The operators of TorchScript that run whatever the inputs are: not those in a branch, which may be left out. Of what they are given
    the inputs of the module are known, where it was traced."""
    model = subject.model
    assert model is not None
    found = []
    for graph, op in model.ops():
        if op.attributes.get("_branch") or op.type.endswith("_prepack") or graph.name.endswith(("__setstate__", "__getstate__")):
            continue
        first = str(op.attributes.get("arguments", "")).split(",")[0]
        inputs = (_operand(graph.tensor(first)),) if graph is model.graph and first in graph.inputs else ()
        found.append(Used(graph, op, op.type, inputs))
    return found


def _operand(tensor: Tensor) -> Operand:
    return Operand(tensor.dtype, tensor.shape, tensor.stored is not None)


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

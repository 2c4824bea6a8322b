"""An ONNX model that the ONNX checker refuses: its operators do not fit each other.

`onnx.checker.check_model(model, full_check=True)` looks at the structure of a model, and infers the dtype and shape of
every tensor from the operators. A matrix edited by hand, a graph cut at the wrong place, a constant folded for another
input size leave operators that cannot work on what they are given. ONNX Runtime infers the same when it loads the
model, and refuses it: ``Node (bad) Op (MatMul) [ShapeInferenceError] Incompatible dimensions for matrix
multiplication``, ``Mismatch between the sum of 'split' (7) and the split dimension of the input (8)``.

The checker runs in a process of its own, with limits of time and memory, and is given the graph without its weights.
It is asked last: faults that other rules name are theirs, and what ONNX Runtime puts up with is told by
`onnx-checker-refuses`, or not at all (a graph without a name, an input without a shape).

Here `MatMul` multiplies a matrix of 1 x 3 by one of 4 x 2.

```hex bad path=net.onnx line=1
08 08 3a 55 0a 11 0a 01 78 0a 01 77 12 01 79 22 06 4d 61 74 4d 75 6c 12 01 67 5a 13 0a 01 78 12 0e 0a 0c 08 01
12 08 0a 02 08 01 0a 02 08 03 5a 13 0a 01 77 12 0e 0a 0c 08 01 12 08 0a 02 08 04 0a 02 08 02 62 13 0a 01 79 12
0e 0a 0c 08 01 12 08 0a 02 08 01 0a 02 08 02 42 04 0a 00 10 11
```

And here by one of 3 x 2.

```hex good path=net.onnx
08 08 3a 55 0a 11 0a 01 78 0a 01 77 12 01 79 22 06 4d 61 74 4d 75 6c 12 01 67 5a 13 0a 01 78 12 0e 0a 0c 08 01
12 08 0a 02 08 01 0a 02 08 03 5a 13 0a 01 77 12 0e 0a 0c 08 01 12 08 0a 02 08 03 0a 02 08 02 62 13 0a 01 79 12
0e 0a 0c 08 01 12 08 0a 02 08 01 0a 02 08 02 42 04 0a 00 10 11
```

A file that does not import the standard's own domain is refused by the checker alone: ONNX Runtime takes the opset that it knows.

```graph good
model onnx ir=8 opset={ai.onnx.contrib: 1}
graph main
  input x float32[1]
  op Identity (x) -> (y)
  output y float32[1]
```

References: each kind of complaint was planted in a model and asked of onnx 1.23 and onnxruntime 1.32
(`tests/seeded.py`, `tests/claims/test_onnx_checker.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deplint import Finding, Model, Place, rule
from deplint.formats.onnx_schemas import called

from . import Scope
from .onnx_dtype_mismatch import onnx_dtype_mismatch
from .onnx_name_defined_twice import onnx_name_defined_twice
from .onnx_not_standard import onnx_not_standard
from .onnx_operator_misused import onnx_operator_misused
from .onnx_subgraph_interface import onnx_subgraph_interface
from .onnx_undefined_tensor import onnx_undefined_tensor
from .quantization_axis_mismatch import quantization_axis_mismatch
from .weight_size_mismatch import weight_size_mismatch

if TYPE_CHECKING:
    from deplint.formats.onnx_inference import Complaint

FIRST = (
    onnx_undefined_tensor, onnx_name_defined_twice, onnx_not_standard, onnx_operator_misused, onnx_dtype_mismatch,
    weight_size_mismatch, onnx_subgraph_interface, quantization_axis_mismatch,
)  # fmt: skip
"""Rules that say better what is wrong, and know that the rest follows from it."""

OTHERS = re.compile(r"No Op registered|is deprecated in domain_version")
"""What `onnx-unknown-operator` decides: runtimes have operators that the checker does not know."""

LENIENT = re.compile(
    r"duplicate keys in metadata_props|one and only one value field|0-element but contains data|initializer name is not unique"
    r"|zero input and zero output|STRING data|not in sorted order|'name' of 'init'|[Oo]pset import for domain"
    r"|with IR version < 3 cannot have opset_import|^Graph must be in single static assignment"
)
NOTED = "Inferred shape and existing shape differ"
"""What ONNX Runtime loads all the same; the second of operators, not of weights that are inputs, too."""


@rule(
    "DPL484",
    severity="error",
    leaves=["S.4.2", "M.4.3"],
    see=["https://onnx.ai/onnx/api/checker.html", "https://onnx.ai/onnx/api/shape_inference.html"],
)
def onnx_not_sound(model: Model) -> Iterator[Finding]:
    for complaint in faults(model):
        yield Finding(
            place(model, complaint),
            f"onnx.checker refuses the model, and with it ONNX Runtime: {complaint.message}",
            help=given(model, complaint),
        )


def said(model: Model) -> list[Complaint]:
    """What the checker says, unless other rules say it. Negative sizes stand for any in old files, which the checker does not know."""
    if model.format != "onnx" or model.source is None:
        return []
    from deplint.formats.onnx_inference import complaints

    found = [c for c in complaints(model.source) if not OTHERS.search(c.message) and not _own_fault(model, c)]
    if not found or any(isinstance(size, int) and size < 0 for tensor in model.inputs for size in tensor.shape or ()):
        return []
    return [] if any(list(first(model)) for first in FIRST) else found


def _own_fault(model: Model, complaint: Complaint) -> bool:
    """It is about a constant in what an operator of the standard is made of (MeanVarianceNormalization of opset 13), not in the model."""
    if complaint.op is None or complaint.op >= len(model.graph.ops):
        return False
    op = model.graph.ops[complaint.op]
    return complaint.message.startswith("Constant: ") and op.type != "Constant" and not op.graphs and called(model, op) is None


def lenient(model: Model, complaint: Complaint) -> bool:
    """ONNX Runtime loads the model all the same; it does not look into functions that nothing calls."""
    if LENIENT.search(complaint.message) or complaint.kind == "uncalled":
        return True
    return (complaint.op is not None and NOTED in complaint.message) or folded(model, complaint)


def folded(model: Model, complaint: Complaint) -> bool:
    """It is about a constant of the main graph, which ONNX Runtime folds without looking at more than its first attribute."""
    op = model.graph.ops[complaint.op] if complaint.op is not None and complaint.op < len(model.graph.ops) else None
    return op is not None and op.type == "Constant" and bool(op.attributes)


def faults(model: Model) -> list[Complaint]:
    """What no runtime puts up with: of the structure the first, since inference then stumbles over it."""
    heard = said(model)
    if any(folded(model, complaint) for complaint in heard):  # what inference says may follow from it
        heard = [complaint for complaint in heard if complaint.kind != "inference"]
    found = [complaint for complaint in heard if not lenient(model, complaint)]
    return [c for c in found if c.kind == found[0].kind]


def place(model: Model, complaint: Complaint) -> Place:
    ops = model.graph.ops
    return model.at(model.graph, ops[complaint.op]) if complaint.op is not None and complaint.op < len(ops) else model.place


def given(model: Model, complaint: Complaint) -> str:
    """What the operator works on."""
    if complaint.op is None or model.source is None:
        return ""
    from deplint.formats.onnx_inference import inferred

    known, scope = inferred(model.source), Scope(model.graph)
    tensors = {
        name: known.get(name) or (scope.tensor(name).dtype, scope.tensor(name).shape) for name in model.graph.ops[complaint.op].inputs
    }
    shown = [f"{name} {dtype}{_sizes(shape)}" for name, (dtype, shape) in tensors.items() if name and shape is not None]
    return f"it is given {', '.join(shown)}" if shown else ""


def _sizes(shape: tuple[int | str | None, ...]) -> str:
    return f"[{','.join('?' if size is None else str(size) for size in shape)}]"

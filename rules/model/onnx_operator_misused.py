"""An ONNX operator with inputs or attributes that it does not have, or without those it needs.

What an operator takes depends on the operator set's version: `axes` of ReduceSum was an attribute before opset 13 and
is an input since; `Resize` and `Upsample`, `Pad`, `Slice`, `Clip`, `Squeeze` and `Split` changed as well. Graphs
edited by hand, or whose opset number was changed without converting them, fail to load: ``Unrecognized attribute:
axes for operator ReduceSum``, ``Node with schema(::Conv:11) has input size 1 not in range [min=2, max=3]``,
``Required attribute 'to' is missing``, ``Mismatched attribute type``.

```graph bad path=net.onnx
model onnx ir=8 opset=13
graph main
  input x float32[1,4]
  op ReduceSum (x) -> (y) axes=[1]  <-
  output y float32[1,1]
```

Inputs and attributes are counted as the schema of that version has them.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Conv (x) -> (a)  <-
  op Cast (a) -> (b)  <-
  op LeakyRelu (b) -> (y) alpha=1  <-
  output y float32[1,4]
```

A `Constant` is not judged: ONNX Runtime folds one of the main graph without looking at more than its first attribute.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  op Constant () -> (c) value_float=1.0 note=1
  op Add (x, c) -> (y)
  output y float32[1,4]
```

An empty name stands for an input that is left out, and any tool may keep notes in attributes that begin with two underscores.

```graph good path=net.onnx
model onnx ir=8 opset=11
graph main
  input x float32[1,4]
  op ReduceSum (x) -> (s) axes=[1]
  op Clip (s, "", "") -> (c)
  op LeakyRelu (c) -> (y) alpha=0.5 __note=1
  output y float32[1,1]
```

References: every operator of every version was asked of onnxruntime 1.32 (`tools/onnx_operators.py`), and of constants
`tests/claims/test_onnx_checker.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deplint import Finding, Model, rule
from deplint.formats.onnx_schemas import Schema, schema
from deplint.model import Op, Ref, Tensor

from . import scopes

KINDS: Mapping[str, tuple[type, ...]] = {
    "INT": (int,), "FLOAT": (float,), "STRING": (str, bytes), "INTS": (int,), "FLOATS": (float,), "STRINGS": (str, bytes),
    "TENSOR": (Tensor,),
}  # fmt: skip
"""Type of an attribute -> Python type of its value, or of the elements of a list."""


@rule(
    "DPL424",
    severity="error",
    leaves=["S.4.2", "S.3.2", "M.4.3"],
    see=["https://onnx.ai/onnx/operators/", "https://github.com/onnx/onnx/blob/main/docs/Changelog.md"],
)
def onnx_operator_misused(model: Model) -> Iterator[Finding]:
    if model.format != "onnx":
        return
    for scope in scopes(model):
        for op in scope.graph.ops:
            known = schema(model, op) if op.type != "Constant" else None
            for wrong in _wrong(op, known) if known is not None else ():
                yield Finding(
                    model.at(scope.graph, op),
                    f"{op.type} of opset {model.opsets[op.domain]} {wrong}: ONNX Runtime refuses the model",
                    help="convert the model with onnx.version_converter instead of changing its opset number, or export it again",
                )


def _wrong(op: Op, known: Schema) -> Iterator[str]:
    fewest, most, fewest_out, most_out = known.counts
    if not fewest <= len(op.inputs) <= most:
        yield f"takes {_range(fewest, most)} inputs and has {len(op.inputs)}"
    if not fewest_out <= len(op.outputs) <= most_out:
        yield f"gives {_range(fewest_out, most_out)} outputs and has {len(op.outputs)}"
    for number, (name, (_, option)) in enumerate(zip(op.inputs, known.inputs, strict=False)):
        if not name and not option:
            yield f"needs its input {number}, which is omitted"
    attributes = known.attributes or {}
    for name, value in op.attributes.items():
        kind = attributes.get(name)
        if kind is None and not name.startswith("__"):
            yield f"has no attribute {name}"
        elif kind is not None and not _is(value, kind):
            yield f"has an attribute {name} of another type than {kind}"
    for name in known.required:
        if name not in op.attributes and name not in op.graphs:
            yield f"needs an attribute {name}"


def _range(fewest: int, most: int) -> str:
    return f"{fewest}" if fewest == most else f"at least {fewest}" if most > 1 << 16 else f"{fewest} to {most}"


def _is(value: Any, kind: str) -> bool:
    """The value may be of that type of attribute."""
    wanted = KINDS.get(kind)
    if wanted is None or value is None or isinstance(value, Ref):
        return True
    if isinstance(value, Tensor):  # a long list or string is given as a tensor, too
        return kind == "TENSOR" or value.data is None
    if isinstance(value, list):
        return kind.endswith("S") and (not value or isinstance(value[0], wanted))
    return not kind.endswith("S") and isinstance(value, wanted)

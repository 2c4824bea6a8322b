"""A model above 2 GiB in one protobuf file.

Protobuf's parsers refuse messages of 2 GiB and more, and with them TensorFlow, ONNX Runtime and every tool:
``Protobuf parsing failed``, ``exceeds maximum protobuf size of 2GB``.

```graph bad path=net.onnx line=1
model onnx ir=10 opset=18 size=2147483648
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```

```graph good path=net.onnx
model onnx ir=10 opset=18 size=2147483647
graph main
  input x float32[1,4]
  op Relu (x) -> (y)
  output y float32[1,4]
```

References: R060 in docs/evidence.md; protobuf's documentation.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

LIMIT = (1 << 31) - 1
"""Bytes a protobuf message may have."""


@rule(
    "DPL447",
    severity="error",
    leaves=["S.4.2"],
    see=["https://protobuf.dev/programming-guides/proto-limits/", "https://stackoverflow.com/questions/47612069"],
)
def protobuf_limit(model: Model) -> Iterator[Finding]:
    if model.format in ("onnx", "savedmodel", "graphdef") and model.size > LIMIT:
        yield Finding(
            model,
            "the file is larger than the 2 GiB that protobuf can parse: it cannot be loaded",
            help="store weights as external data (onnx.save_model(..., save_as_external_data=True)), or as variables of a SavedModel",
        )

"""Inputs or outputs whose names the exporter made up.

Exported without names, PyTorch models get `input.1`, `onnx::Gemm_0` or a number, and Keras 3 models `keras_tensor_17`,
which counts all tensors the process has made. The next export of the same model, from another script or another
version, has other names, and every client, feed and server configuration that used them stops working: ``Required
inputs (['input.1']) are missing from input feed``.

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input input.1 float32[1,4]  <-
  op Relu (input.1) -> ("23")
  output "23" float32[1,4]
```

```graph bad path=net.tflite
model tflite ir=3
signature serving_default (keras_tensor_17=x float32[1,4]) -> (output_0=y float32[1,4])
graph main
  input x float32[1,4]  <-
  op RELU@1 (x) -> (y float32[1,4])
  output y
```

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input input float32[1,4]
  input input_1 float32[1,4]
  op Add (input, input_1) -> (output)
  output output float32[1,4]
```

References: run with PyTorch 2.13 and Keras 3.15 (`tests/claims/test_generated_names.py`,
`tests/claims/test_names_in_models.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

GENERATED = {
    "onnx": re.compile(r"\d+|onnx::\w+_\d+|[a-z_]+\.\d+|keras_tensor(_\d+)?(:0)?"),
    "ort": re.compile(r"\d+|onnx::\w+_\d+|[a-z_]+\.\d+|keras_tensor(_\d+)?(:0)?"),
    "savedmodel": re.compile(r"keras_tensor(_\d+)?"),
    "tflite": re.compile(r"keras_tensor(_\d+)?"),
    "tfjs-graph": re.compile(r"keras_tensor(_\d+)?"),
}
"""Names that exporters number in the order in which they meet tensors."""


@rule("DPL498", severity="info", leaves=["S.2.3", "M.2.4", "B.2.4"], see=["https://docs.pytorch.org/docs/stable/onnx_export.html"])
def generated_names(model: Model) -> Iterator[Finding]:
    pattern = GENERATED.get(model.format)
    if pattern is None:
        return
    named = [(name, tensor) for signature in model.signatures.values() for name, tensor in signature.inputs.items()]
    for name, tensor in named or [(t.name, t) for t in (*model.inputs, *model.outputs)]:
        if pattern.fullmatch(name):
            yield Finding(
                model.at_tensor(tensor),
                f"{name!r} is a name that the exporter made up: the next export may have another, and clients use it",
                help="name them: input_names= and output_names= of torch.onnx.export, keras.Input(name=...)",
            )
            return

"""A weight whose stored bytes are not as many as its shape and dtype need.

Truncated data, a shape edited by hand, a dtype changed without converting the values: ONNX Runtime stops while it
loads the model (``Exception during initialization ... initializer.cc``), the TensorFlow Lite interpreter in
`allocate_tensors` (``required_bytes <= bytes was not true ... invalidly specified in schema``).

```graph bad path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight w float32[4] size=12  <-
  op Add (x, w) -> (y)
  output y float32[1,4]
```

So does the compiler of Core ML with a network's weights (``has incorrect weight matrix size``).

```graph bad path=net.mlmodel
model coreml ir=4 tags=[neuralNetwork]
graph main
  input x float32[4]
  weight l.weights float32[3,4] size=44  <-
  weight l.bias uint4[3] quant(0.5, scheme=linear) size=3
  op innerProduct l (x, l.weights, l.bias) -> (y) inputChannels=4 outputChannels=3
  output y
```

TensorFlow Lite takes more bytes than it needs, and not fewer.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  weight v float32[4] size=64
  weight w float32[4] size=12  <-
  op ADD@1 (x, v) -> (h float32[1,4])
  op ADD@1 (h, w) -> (y float32[1,4])
  output y float32[1,4]
```

OpenVINO says ``Attribute and shape size are inconsistent for Const op!``.

```graph bad path=net.xml
model openvino ir=11
graph main
  input x float32[1,4]
  weight w float32[4,4] size=60 external="net.bin"  <-
  op MatMul@1 mm (x, w) -> (y)
  output y float32[1,4]
```

A weight that nothing reads is never loaded, and one that is in another file may be followed there by others.

```graph good path=net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,4]
  weight unused float32[4] size=12
  weight w float32[4] size=100 external="net.onnx.data"
  weight q int4[3] size=2
  op Add (x, w) -> (h)
  op DequantizeLinear (q, h) -> (y)
  output y float32[1,4]
```

References: asked of onnxruntime 1.32 (`tests/test_seeded_models.py`) and of ai-edge-litert 2.3
(`tests/claims/test_model_rules.py`), of OpenVINO 2023.3 and 2026.4 (`tests/claims/test_openvino.py`);
`NeuralNetworkLayerValidator.cpp` and `QuantizationValidationUtils.cpp` of coremltools.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule


@rule("DPL427", severity="error", leaves=["S.4.2", "M.4.3"], see=["https://github.com/onnx/onnx/blob/main/docs/IR.md#tensors"])
def weight_size_mismatch(model: Model) -> Iterator[Finding]:
    if model.format not in ("onnx", "tflite", "coreml", "openvino"):
        return
    for graph in model.graphs:
        for tensor in graph.weights:
            stored, needed = tensor.stored, tensor.nbytes
            if stored is None or stored.problem or needed is None or tensor.sparse or stored.nbytes == needed:
                continue
            longer = stored.nbytes > needed
            lenient = stored.external or model.format == "tflite" or (model.format == "coreml" and tensor.quant is not None)
            if tensor.name in graph.consumers and not (longer and lenient):
                yield Finding(
                    model.at_tensor(tensor),
                    f"a weight stores {'more' if longer else 'fewer'} bytes than its shape and dtype need: the model cannot be loaded",
                    help="export the model again; where it was edited, change values, shape and dtype together",
                )

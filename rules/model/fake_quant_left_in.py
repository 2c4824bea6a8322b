"""Fake quantization that is still in a deployed model.

Training for quantization inserts operators that round to what int8 could hold, and compute in float. Converting is to
turn them into quantized tensors. Where that did not happen, the deployed model is as large as before and slower: it
computes in float and rounds besides.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op FAKE_QUANT@2 (x) -> (h float32[1,4]) min=-1.0 max=1.0 num_bits=8 narrow_range=false  <-
  op RELU@1 (h) -> (y float32[1,4])
  output y
```

Where the converter knew the range and not what to do with it, it leaves a pair that rounds and goes back.

```graph bad path=net.tflite
model tflite ir=3
graph main
  input x float32[1,4]
  op QUANTIZE@1 (x) -> (q int8[1,4] quant(0.5, 3))
  op DEQUANTIZE@1 (q) -> (h float32[1,4])  <-
  op RELU@1 (h) -> (y float32[1,4])
  output y
```

```graph bad path=frozen.pb
model graphdef
graph main
  input x float32[1,4]
  op FakeQuantWithMinMaxArgs q (x) -> (q float32[1,4])  <-
  op Relu y (q) -> (y)
  output y
```

```graph good path=net.tflite
model tflite ir=3
graph main
  input x int8[1,4] quant(0.5, 3)
  op RELU@2 (x) -> (y int8[1,4] quant(0.5, 3))
  output y
```

In a SavedModel they are what the converter needs to see.

```graph good path=m/saved_model.pb
model savedmodel
signature serving_default (x=x float32[1,4]) -> (y=y float32[1,4])
graph main
  input x float32[1,4]
  op FakeQuantWithMinMaxArgs q (x) -> (q float32[1,4])
  op Relu y (q) -> (y)
  output y
```
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

FAKE = {
    "tflite": ("FAKE_QUANT",),
    "graphdef": ("FakeQuantWithMinMaxArgs", "FakeQuantWithMinMaxVars", "FakeQuantWithMinMaxVarsPerChannel", "QuantizeAndDequantizeV2"),
}


@rule(
    "DPL434",
    severity="warning",
    leaves=["M.2.6"],
    see=["https://www.tensorflow.org/model_optimization/guide/quantization/training_comprehensive_guide"],
)
def fake_quant_left_in(model: Model) -> Iterator[Finding]:
    names = FAKE.get(model.format, ())
    for graph in model.graphs if model.format == "tflite" else ():
        for op in graph.ops:
            maker = graph.producers.get(op.inputs[0]) if op.type == "DEQUANTIZE" and op.inputs else None
            if maker is not None and maker.type == "QUANTIZE" and graph.tensor(maker.inputs[0]).dtype == "float32":
                yield Finding(
                    model.at(graph, op),
                    "a tensor is quantized and turned back into float at once: what follows computes in float and is rounded besides",
                    help="convert with optimizations = [tf.lite.Optimize.DEFAULT], or take the fake quantization out",
                )
    for graph, op in model.ops() if names else ():
        if op.type in names and not op.domain:
            yield Finding(
                model.at(graph, op),
                f"{op.type} is left in the model: it computes in float and rounds besides, quantized in name only",
                help="convert with optimizations = [tf.lite.Optimize.DEFAULT], which turns fake quantization into quantized tensors",
            )

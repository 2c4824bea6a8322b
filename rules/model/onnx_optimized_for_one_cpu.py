"""A model that ONNX Runtime saved after optimizing it for the CPU it ran on.

At its highest level of optimization (`ORT_ENABLE_ALL`, the default) ONNX Runtime rearranges convolutions into blocks as wide as the vector
registers of an x64 CPU, with operators of its own, and writes these where `optimized_model_filepath` is set. It warns: ``The generated
model may contain hardware specific optimizations, and should only be used in the same environment the model was optimized in.``
Elsewhere, on a phone or in a browser, such a model does not load: ``com.microsoft.nchwc:Conv(1) is not a registered function/op``.

```graph bad path=app/net.ort
model ort ir=8
graph main
  input image float32[1,3,8,8]
  weight w float32[8,3,3,3]
  op com.microsoft.nchwc.Conv (image, w) -> (y)  <-
  op com.microsoft.nchwc.ReorderOutput (y) -> (z) channels=8
  output z
```

The same in the ONNX format.

```graph bad path=net.onnx
model onnx ir=8 opset={"": 17, com.microsoft.nchwc: 1}
graph main
  input x float32[1,8,4,4]
  op com.microsoft.nchwc.ReorderInput (x) -> (h)  <-
  op com.microsoft.nchwc.GlobalMaxPool (h) -> (y)
  output y
```

Operators of ONNX Runtime's that every CPU has are no trouble.

```graph good path=app/net.ort
model ort ir=8
graph main
  input x float32[1,8]
  weight w float32[8,4]
  weight b float32[4]
  op com.microsoft.FusedGemm (x, w, b) -> (y) activation=Relu
  output y
```

References: onnxruntime-web 1.20 refuses such a file, and takes the one saved at the level before (`ORT_ENABLE_EXTENDED`); the Android
package refuses it (microsoft/onnxruntime, issue 20247); the conversion script leaves these optimizations out for that reason
(pull request 7126). Probe `tests/claims/test_onnxruntime_optimized.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

DOMAIN = "com.microsoft.nchwc"


@rule(
    "DPL455",
    severity="warning",
    leaves=["M.4.6", "B.3.2", "S.3.2", "M.2.3"],
    see=["https://github.com/microsoft/onnxruntime/issues/20247", "https://github.com/microsoft/onnxruntime/pull/7126"],
)
def onnx_optimized_for_one_cpu(model: Model) -> Iterator[Finding]:
    if model.format not in ("onnx", "ort"):
        return
    for graph, op in model.ops():
        if op.domain == DOMAIN:
            yield Finding(
                model.at(graph, op),
                "ONNX Runtime optimized the model for the x64 CPU it was saved on: on phones and in browsers it is refused "
                f"({DOMAIN}:{op.type}(1) is not a registered function/op), and another CPU may want other blocks",
                help="save it with graph_optimization_level = ORT_ENABLE_EXTENDED, or with onnxruntime.tools.convert_onnx_models_to_ort",
            )
            return

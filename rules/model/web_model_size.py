"""A model of many megabytes in a web page.

Whoever opens the page downloads all of it before the first prediction. Weights in float16 halve it at hardly any
cost, in uint8 they quarter it.

```graph bad path=public/model.json line=1
model tfjs-graph
graph main
  input x float32[1,1024]
  weight w float32[1024,8192] size=33554432
  op MatMul m (x, w) -> (y)
  output y
```

What is quantized already is as small as it gets.

So do models of other runtimes that lie where a web server takes files from.

```graph bad path=public/net.onnx line=1
model onnx ir=8 opset=17
graph main
  input x float32[1,1024]
  weight w float32[1024,8192] size=33554432
  op MatMul m (x, w) -> (y)
  output y
```

```graph good path=server/net.onnx
model onnx ir=8 opset=17
graph main
  input x float32[1,1024]
  weight w float32[1024,8192] size=33554432
  op MatMul m (x, w) -> (y)
  output y
```

```graph good path=public/model.json
model tfjs-graph
graph main
  input x float32[1,1024]
  weight w float32[1024,8192] size=16777216
  op MatMul m (x, w) -> (y)
  output y
```

References: https://stackoverflow.com/questions/58867977
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

from . import megabytes

WEB = ("onnx", "ort", "tflite")
SERVED = re.compile(r"(?:^|/)(?:public|static|www|htdocs|wwwroot)/")
"""Folders that are served as they are."""


@rule(
    "DPL448",
    severity="info",
    leaves=["B.4.6"],
    see=["https://www.tensorflow.org/js/guide/platform_environment", "https://stackoverflow.com/questions/58867977"],
)
def web_model_size(model: Model, *, limit_megabytes: int = 20) -> Iterator[Finding]:
    if not (model.format.startswith("tfjs-") or (model.format in WEB and SERVED.search(model.path))):
        return
    plain = sum(t.nbytes or 0 for t in model.graph.weights if t.stored and t.stored.nbytes == t.nbytes and t.dtype == "float32")
    if plain > limit_megabytes * 1_000_000:
        yield Finding(
            model,
            f"{megabytes(plain)} of float32 weights are downloaded before the first prediction",
            help="convert it to float16 or uint8 (--quantize_float16, --quantize_uint8), and keep it in the browser's storage",
        )

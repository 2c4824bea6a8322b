"""A TensorFlow.js graph model that pools with the channels in front.

TensorFlow.js convolves either way, but its pooling takes no notice of `data_format`: a graph with `NCHW` is pooled over
channels and height instead of height and width. Nothing fails; the results are wrong, or have a shape that fails
further on. PyTorch networks that came through TensorFlow, and graphs made for GPUs, are laid out so.

```graph bad path=model.json
model tfjs-graph
graph main
  input x float32[1,3,8,8]
  op MaxPool pool (x) -> (y) ksize=[1,1,2,2] strides=[1,1,2,2] padding=VALID data_format=NCHW  <-
  output y
```

```graph good path=model.json
model tfjs-graph
graph main
  input x float32[1,8,8,3]
  weight w float32[3,3,3,4]
  op Conv2D conv (x, w) -> (c) strides=[1,1,1,1] padding=SAME data_format=NCHW
  op MaxPool pool (c) -> (y) ksize=[1,2,2,1] strides=[1,2,2,1] padding=VALID data_format=NHWC
  output y
```

References: run with @tensorflow/tfjs 4.22 in Node (`tests/claims/test_tfjs.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, rule

POOLING = ("MaxPool", "AvgPool", "MaxPoolWithArgmax", "MaxPool3D", "AvgPool3D")


@rule("DPL531", severity="error", leaves=["B.6.3", "B.1.2"], see=["https://js.tensorflow.org/api/latest/#maxPool"])
def tfjs_channels_first(model: Model) -> Iterator[Finding]:
    if model.format == "tfjs-graph":
        for graph, op in model.used():
            if op.type in POOLING and str(op.attributes.get("data_format", "")).startswith("NC"):
                yield Finding(
                    model.at(graph, op),
                    f"{op.type} has the channels in front ({op.attributes['data_format']}), which TensorFlow.js does not notice: "
                    "it pools over channels and height",
                    help="convert a model with the channels last",
                )

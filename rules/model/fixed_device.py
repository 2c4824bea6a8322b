"""Operators that are bound to a device.

A graph built under `tf.device("/GPU:0")` keeps that note. Where soft placement is off, it does not run without the
device: ``Cannot assign a device for operation y: node was explicitly assigned to /device:GPU:0 but available devices
are [.../device:CPU:0]``; where it is on, those operators still cannot be moved to a second GPU.

TorchScript that was traced on a GPU has the device in its code, wherever the model made a tensor while it ran: weights
move with `map_location`, these do not (``Expected all tensors to be on the same device``).

```graph bad path=net.pt
model torchscript
graph __torch__.Net.forward
  input x
  op aten.zeros arguments="[2, 3], dtype=6, layout=None, device=torch.device(\\"cuda:0\\"), pin_memory=False"  <-
  op aten.to arguments="x, torch.device(\\"cpu\\"), 6"
```

```hex bad path=frozen.pb line=1
0a 10 0a 01 78 12 0b 50 6c 61 63 65 68 6f 6c 64 65 72 0a 1b 0a 01 79 12 04 52 65 6c 75 1a 01 78
22 0d 2f 64 65 76 69 63 65 3a 47 50 55 3a 30
```

```graph good path=frozen.pb
model graphdef
graph main
  input x float32[1,4]
  op Placeholder x () -> (x)
  op Relu y (x) -> (y)
  output y
```

References: run with TensorFlow 2.21 (`tests/claims/test_model_rules.py`); found in built models (`tests/test_seeded_models.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, rule

DEVICE = re.compile(r"(?i)(?:^|/)(?:device:)?(gpu|tpu):(\d+)")

CODE = re.compile(r"torch\.device\(\"((?:cuda|mps|xpu|hpu)(?::\d+)?)\"")


@rule("DPL443", severity="info", leaves=["S.3.3", "S.4.4"], see=["https://www.tensorflow.org/guide/gpu#manual_device_placement"])
def fixed_device(model: Model) -> Iterator[Finding]:
    for graph, op in model.ops() if model.format == "torchscript" else ():
        device = CODE.search(str(op.attributes.get("arguments", "")))
        if device:
            yield Finding(
                model.at(graph, op),
                f"its code makes tensors on {device[1]}: elsewhere it fails, whatever map_location says",
                help="trace it on the processor, or make tensors with device=x.device in a scripted module",
            )
    if model.format not in ("graphdef", "savedmodel"):
        return
    for graph, op in model.used():
        device = DEVICE.search(op.notes.get("device", "")) if op.notes else None
        if device:
            yield Finding(
                model.at(graph, op),
                f"operators are bound to {device[1].upper()}:{device[2]}: elsewhere they run only with soft placement",
                help="build the graph that is exported outside tf.device(...), or load it with clear_devices=True and save it again",
            )

"""An engine in int8 that trtexec builds without calibration.

``trtexec --int8`` of a model without QuantizeLinear operators needs ranges, from ``--calib``. Without, trtexec sets the same invented
ranges for all tensors so that the time can be measured: the engine runs, and its answers mean nothing.

```sh bad path=build_engine.sh
#!/usr/bin/env bash
ONNX=yolo.onnx
trtexec --onnx=$ONNX --saveEngine=yolo_int8.engine --int8  # <-
```

```python + path=export.py
import torch
import torchvision

net = torchvision.models.resnet18().eval()
torch.onnx.export(net, torch.randn(1, 3, 640, 640), "yolo.onnx", input_names=["images"], output_names=["out"], dynamo=False)
```

With a cache of a calibration, for measuring alone, or of a model that holds its own scales:

```sh good path=build_engine.sh
#!/usr/bin/env bash
trtexec --onnx=yolo.onnx --saveEngine=yolo_int8.engine --int8 --calib=calib.cache
trtexec --onnx=yolo.onnx --int8
trtexec --onnx=yolo.onnx --saveEngine=yolo.engine --fp16
trtexec --onnx=other.onnx --saveEngine=other.engine --int8
```

```python + path=export.py
import torch
import torchvision

net = torchvision.models.resnet18().eval()
torch.onnx.export(net, torch.randn(1, 3, 640, 640), "yolo.onnx", input_names=["images"], output_names=["out"], dynamo=False)
```

References: `setupNetworkAndConfig` and `setTensorDynamicRange` (2 for inputs, 4 for outputs) in `samples/common/sampleEngines.cpp` of
TensorRT, commit 147005f.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.exported import exports
from deplint.code.pipelines import files_with
from deplint.settings.commands import programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script

_QUANTIZES = re.compile(r"pytorch_quantization|modelopt|quantize_|QuantizeLinear|quant_nn|brevitas|nncf|QuantStub|prepare_qat")
"""What code says that puts scales into an ONNX model."""


@rule(
    "DPL985",
    severity="error",
    leaves=["S.2.5", "M.2.6"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/reference/command-line-programs.html",
        "https://github.com/NVIDIA/TensorRT/blob/147005ffe1dc447bec8af9601539a9d464ca77fd/samples/common/sampleEngines.cpp",
    ],
)
def trtexec_int8_uncalibrated(facts: Script | Dockerfile, project: Project) -> Iterator[Finding]:
    for program in programs(facts):
        flags = program.flags if program.name == "trtexec" and program.known else {}
        if "int8" not in flags or "saveEngine" not in flags or {"calib", "best", "dynamicRange"} & set(flags):
            continue
        path = flags["onnx"].text if "onnx" in flags else None
        quantizes = path is None or files_with(project, _QUANTIZES, project.area(program))
        written = [
            export for export in exports(project, project.area(program)) if path and posixpath.basename(path) in _names(export.paths)
        ]
        if written and all(export.call.name == "torch.onnx.export" for export in written) and not quantizes:
            yield Finding(
                program,
                f"{path} is a float model, and no calibration is given: trtexec invents the ranges, and the answers mean nothing",
                help="--calib=calibration.cache, or export the model with QuantizeLinear operators (modelopt)",
            )


def _names(paths: tuple[str, ...]) -> set[str]:
    return {posixpath.basename(path) for path in paths}

"""Shapes for trtexec under a name that the model's inputs do not have.

trtexec looks each input up by name: ``Dynamic dimensions required for input: images, but no shapes were provided. Automatically overriding
shape to: 1x3x224x224``, or ``Cannot find input tensor with name "input" in the network inputs!``. The engine is built for one picture at a
time, or not at all.

```bash bad path=build.sh
python export.py
trtexec --onnx=net.onnx --minShapes=input:1x3x224x224 --optShapes=input:8x3x224x224 --maxShapes=input:16x3x224x224  # <-
```

```python + path=export.py
import torch
from net import Net

axes = {"images": {0: "n"}}
torch.onnx.export(Net().eval(), torch.zeros(1, 3, 224, 224), "net.onnx", input_names=["images"], output_names=["y"], dynamic_axes=axes)
```

```bash good path=build.sh
python export.py
trtexec --onnx=net.onnx --minShapes=images:1x3x224x224 --optShapes=images:8x3x224x224 --maxShapes=images:16x3x224x224
trtexec --onnx=other.onnx --saveEngine=other.plan --shapes=input:1x3x224x224
```

```python + path=export.py
import torch
from net import Net

axes = {"images": {0: "n"}}
torch.onnx.export(Net().eval(), torch.zeros(1, 3, 224, 224), "net.onnx", input_names=["images"], output_names=["y"], dynamic_axes=axes)
```

References: `samples/common/sampleEngines.cpp` of TensorRT 8.6 and 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.exported import exported
from deplint.settings.commands import programs
from deplint.settings.scripts import Script

from ..operators import read

SHAPES = ("minShapes", "optShapes", "maxShapes", "shapes")
NAMED = re.compile(r"([^:,'\"]+):\d+(?:x\d+)*")


@rule(
    "DPL154",
    severity="error",
    leaves=["S.2.5", "S.4.3"],
    see=[
        "https://github.com/NVIDIA/TensorRT/blob/release/8.6/samples/common/sampleEngines.cpp",
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/work-dynamic-shapes.html",
    ],
)
def trtexec_unknown_input(script: Script, project: Project) -> Iterator[Finding]:
    for program in programs(script):
        path = program.flags.get("onnx") if program.name == "trtexec" else None
        if path is None or not path.text:
            continue
        found = project.resolve(path.text, script)
        models = read(project, found, Model) if found is not None else [exported(project, path.text, script)]
        model = models[0] if models else None
        known = [tensor.name for tensor in model.inputs if tensor.stored is None] if model is not None else []
        given = [match[1] for flag in SHAPES if flag in program.flags for match in NAMED.finditer(program.flags[flag].text or "")]
        wrong = next((name for name in given if known and all(known) and name not in known), None)
        if wrong is not None:
            yield Finding(
                program,
                f"shapes are given for {wrong!r}, and the inputs of {path.text} are {', '.join(map(repr, known))}: nobody uses them",
                help=f"--minShapes={known[0]}:..., and so on",
            )

"""ONNX Runtime is asked for an execution provider that the package installed does not have.

Each package of ONNX Runtime is built with some execution providers: `onnxruntime` with the CPU's alone (and Core ML's on macOS),
`onnxruntime-gpu` with CUDA and TensorRT, `onnxruntime-directml` with DirectML. A provider that is not there is left out with a mere
warning, ``UserWarning: Specified provider 'CUDAExecutionProvider' is not in available provider names``, and the model runs on the CPU.

```python bad path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx", providers=["CUDAExecutionProvider", "CPUExecutionProvider"])  # <-
```

```requirements + path=requirements.txt
onnxruntime==1.20.1
```

```python good path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx", providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
```

```requirements + path=requirements.txt
onnxruntime-gpu==1.20.1
```

Both packages hold the same module; the one installed last wins, and only one of them has CUDA.

```python bad path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx", providers=[("CUDAExecutionProvider", {"device_id": 0})])  # <-
```

```requirements + path=requirements.txt
onnxruntime==1.20.1
onnxruntime-gpu==1.20.1
```

A name that no provider has is left out as well.

```python bad path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx", providers=["TensorRTExecutionProvider", "CPUExecutionProvider"])  # <-
```

Code that looks first what there is, and a project that says nothing of the package, are not judged.

```python good path=serve.py
import onnxruntime as ort

wanted = ["CUDAExecutionProvider", "CPUExecutionProvider"]
session = ort.InferenceSession("net.onnx", providers=[name for name in wanted if name in ort.get_available_providers()])
```

```requirements + path=requirements.txt
onnxruntime==1.20.1
```

Nor are requirements that depend on the machine.

```python good path=gpu.py
import onnxruntime as ort

def load(providers=("CPUExecutionProvider",)):
    return ort.InferenceSession("net.onnx", providers=list(providers))

session = ort.InferenceSession("net.onnx", providers=["CUDAExecutionProvider"])
```

```requirements + path=requirements.txt
onnxruntime==1.20.1; sys_platform == "darwin"
onnxruntime-gpu==1.20.1; sys_platform != "darwin"
```

References: run with ONNX Runtime 1.32 (`tests/claims/test_servers.py`).
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.python import PythonFile
from deplint.settings.pins import Pin, Pinned, key

PACKAGES = {
    "CUDAExecutionProvider": ("onnxruntime-gpu", "onnxruntime-training", "ort-nightly-gpu"),
    "TensorrtExecutionProvider": ("onnxruntime-gpu", "onnxruntime-training", "ort-nightly-gpu"),
    "DmlExecutionProvider": ("onnxruntime-directml",),
    "OpenVINOExecutionProvider": ("onnxruntime-openvino",),
    "MIGraphXExecutionProvider": ("onnxruntime-migraphx", "onnxruntime-rocm"),
    "ROCMExecutionProvider": ("onnxruntime-rocm",),
    "QNNExecutionProvider": ("onnxruntime-qnn",),
}
"""Provider -> the packages on the index that have it."""

OTHERS = "CPU Dnnl Nnapi Js CoreML ArmNN ACL Rknpu WebNN WebGpu Xnnpack CANN Azure VitisAI Tvm SNPE VSINPU NvTensorRTRTX"
KNOWN = {*PACKAGES, *(f"{name}ExecutionProvider" for name in OTHERS.split())}

CPU = ("onnxruntime", "ort-nightly")


@rule(
    "DPL568",
    severity="warning",
    leaves=["S.3.3"],
    see=["https://onnxruntime.ai/docs/execution-providers/", "https://onnxruntime.ai/docs/install/#python-installs"],
)
def execution_provider_missing(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "get_available_providers" in file.text:
        return
    for call in file.calls("onnxruntime.InferenceSession"):
        for value in call.argument("providers", 2).items or ():
            name = _name(value)
            fault = _fault(name, file, project) if name is not None and not call.guarded else None
            if fault:
                yield Finding(call, f"{fault[0]}, with no more than a warning", help=fault[1])
                break


def _name(value: Value) -> str | None:
    """The provider's name: alone, or with its options."""
    if value.text is not None:
        return value.text
    items = value.items if value.certain else None
    return items[0].text if items else None


def _fault(name: str, file: PythonFile, project: Project) -> tuple[str, str] | None:
    if name not in KNOWN:
        near = difflib.get_close_matches(name, KNOWN, 1, 0.85) or [known for known in KNOWN if known.lower() == name.lower()]
        return (f"there is no execution provider {name}: the model runs on the CPU", f"{near[0]} is meant") if near else None
    having = PACKAGES.get(name, ())
    pins = packages(file, project) if having else []
    names = {pin.name for pin in pins}
    if not names & set(CPU) or any(pin.marker or pin.group or pin.ecosystem != "pypi" for pin in pins):
        return None
    if names <= set(CPU):
        return f"{name} is not in the package onnxruntime ({pins[0].place.path}): the model runs on the CPU", f"require {having[0]} instead"
    both = names & set(having)
    if both and not any(pin.place.path.endswith(".ipynb") for pin in pins):  # cells install in an order somebody chose
        other = sorted(both)[0]
        return (
            f"onnxruntime and {other} are both installed, and the one that came last decides whether there is {name}",
            f"require {other} alone",
        )
    return None


def packages(file: PythonFile, project: Project) -> list[Pin]:
    """Every statement around the file about a package of ONNX Runtime."""
    wanted, inside = key("onnxruntime"), project.area(file)
    near = [facts for facts in project.all(Pinned) if Path(os.path.abspath(facts.path)).is_relative_to(inside)]
    return [pin for facts in near for pin in facts.pins if pin.key == wanted or pin.name.startswith("onnxruntime-")]

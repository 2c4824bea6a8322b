"""A session of ONNX Runtime that is not told its providers, in a release that insists.

From 1.9 to 1.16.0 a build with more than one execution provider refuses: ``ValueError: This ORT build has ['TensorrtExecutionProvider',
'CUDAExecutionProvider', 'CPUExecutionProvider'] enabled. Since ORT 1.9, you are required to explicitly set the providers parameter``. So
it is with `onnxruntime-gpu`, `onnxruntime-directml` and `onnxruntime-openvino`; in 1.16.0 also of `onnxruntime`, which has Azure's provider
beside the CPU's.

```python bad path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")  # <-
```

```requirements + path=requirements.txt
onnxruntime-gpu==1.15.1
```

```python good path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx", providers=["CUDAExecutionProvider", "CPUExecutionProvider"])
```

```requirements + path=requirements.txt
onnxruntime-gpu==1.15.1
```

```python bad path=pkg/detector.py
from onnxruntime import InferenceSession, SessionOptions

class Detector:
    def __init__(self, path):
        options = SessionOptions()
        self.session = InferenceSession(path, sess_options=options)  # <-
```

```requirements + path=requirements.txt
onnxruntime==1.16.0
```

Other releases take what there is, and a package for the CPU has one provider.

```python good path=serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")
```

```requirements + path=requirements.txt
onnxruntime-gpu==1.18.0
```

```python good path=cpu/serve.py
import onnxruntime as ort

session = ort.InferenceSession("net.onnx")
session = ort.InferenceSession("net.onnx", **options)
```

```requirements + path=cpu/requirements.txt
onnxruntime==1.15.1
```

References: `onnxruntime_inference_collection.py` of the wheels 1.8.1 (does not insist), 1.15.1, 1.16.0 (do), 1.16.1 to 1.30 (do not).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.pins import Pin
from deplint.settings.ranges import Range, between

from .execution_provider_missing import packages

SEVERAL = {
    "onnxruntime-gpu": between("1.9", "1.16.1"),
    "onnxruntime-directml": between("1.9", "1.16.1"),
    "onnxruntime-openvino": between("1.9", "1.16.1"),
    "onnxruntime": between("1.16.0", "1.16.1"),
}
"""Package -> the releases in which it has several providers and wants to be told."""


@rule(
    "DPL950",
    severity="error",
    leaves=["S.3.2"],
    see=[
        "https://github.com/microsoft/onnxruntime/blob/v1.15.1/onnxruntime/python/onnxruntime_inference_collection.py",
        "https://github.com/microsoft/onnxruntime/issues/17631",
        "https://github.com/hzi-bifo/RiboDetector/issues/42",
    ],
)
def session_without_providers(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [c for c in file.calls("onnxruntime.InferenceSession") if c.argument("providers", 2).missing and not c.guarded and not c.open]
    pins = packages(file, project) if calls else []
    judged = [(pin, SEVERAL.get(pin.name)) for pin in pins]
    if not judged or any(pin.marker or releases is None or not _within(pin, releases) for pin, releases in judged):
        return
    for call in calls:
        yield Finding(
            call,
            f"{pins[0].name} {pins[0].specifier} has more than one execution provider and wants to be told which: ValueError, you are "
            "required to explicitly set the providers parameter",
            help='providers=["CUDAExecutionProvider", "CPUExecutionProvider"]',
        )


def _within(pin: Pin, releases: Range) -> bool:
    return pin.range is not None and bool(pin.range.tightness) and pin.range <= releases

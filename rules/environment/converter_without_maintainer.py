"""A converter that nobody maintains.

Converters follow the frameworks on both of their ends; one without releases stays at the operators, formats and Python of its
last day. The table names those whose repositories are archived or that said so themselves, with the day of their last release and with what
took their place.

```text bad path=requirements.txt line=1
keras2onnx==1.7.0
tensorflow==2.15.0
```

Without a version as well:

```text bad path=requirements.txt line=2
torch==2.5.0
onnx-tf
```

```text good path=requirements.txt
tf2onnx==1.16.1
coremltools==8.0
```

References: last releases on PyPI, 2026-11-23; the repositories' own notices.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.pins import Requirements, canonical

ENDED = {
    "keras2onnx": ("2020-06-08", "tf2onnx"),
    "onnx-tf": ("2022-03-17", "onnx2tf, or litert-torch from PyTorch"),
    "onnx-coreml": ("2020-05-01", "coremltools.convert of the PyTorch model"),
    "tfcoreml": ("2020-07-01", "coremltools.convert"),
    "mmdnn": ("2020-07-24", "the converters of the two frameworks"),
    "pytorch2keras": ("2020-05-14", "torch.export, and litert-torch"),
    "winmltools": ("2020-02-28", "tf2onnx, skl2onnx and onnxmltools"),
    "openvino2tensorflow": ("2022-09-08", "onnx2tf"),
    "openvino-dev": ("2024-12-19", "openvino.convert_model, and nncf"),
    "tflite-runtime": ("2023-10-03", "ai-edge-litert"),
    "tflite-model-maker": ("2024-01-23", "mediapipe-model-maker"),
    "kfserving": ("2021-09-04", "kserve"),
    "torch-model-archiver": ("2024-09-30", "the model format of the server that replaces TorchServe"),
}
"""By package: the day of the last release, and what took its place."""


@rule(
    "DPL597",
    severity="info",
    leaves=["M.2.1", "S.3.2", "B.2.1"],
    see=[
        "https://github.com/onnx/keras-onnx",
        "https://github.com/onnx/onnx-tensorflow",
        "https://github.com/onnx/onnx-coreml",
        "https://github.com/kserve/kserve",
    ],
)
def converter_without_maintainer(requirements: Requirements) -> Iterator[Finding]:
    for pin in requirements.packages:
        if pin.ecosystem in ("pypi", "conda") and not pin.locked and (ended := ENDED.get(canonical(pin.name))):
            yield Finding(pin, f"{pin.name} has had no release since {ended[0]}, and is not maintained", help=f"use {ended[1]}")

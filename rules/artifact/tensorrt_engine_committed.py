"""A TensorRT engine among the files of a project that pins no TensorRT.

An engine is compiled for one version of TensorRT and one model of GPU; NVIDIA's documentation says of both that it is not
portable. Another version refuses it (``The engine plan file is not compatible with this version of TensorRT``), another GPU
warns or fails. Keep the ONNX model, and build the engine where it runs; or pin what it was built with.

```graph bad path=models/net.engine line=1
model tensorrt producer=tensorrt version="10.3.0.26"
metadata task=detect
```

```graph good path=models/net.engine
model tensorrt producer=tensorrt version="10.3.0.26"
```

```text good path=requirements.txt
tensorrt==10.3.0
```

```graph good path=models/net.plan
model tensorrt producer=tensorrt version="8.6.1.6"
```

```dockerfile good path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:23.10-py3
COPY models /models
```

References: documentation of TensorRT on engines, of Triton on `cc_model_filenames`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.settings.dockerfile import Dockerfile

PACKAGES = ("tensorrt", "tensorrt-cu11", "tensorrt-cu12", "tensorrt-cu13", "tensorrt-lean", "tensorrt-dispatch", "nvidia-tensorrt")


@rule(
    "DPL470",
    severity="warning",
    leaves=["S.2.5"],
    see=[
        "https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html",
        "https://docs.nvidia.com/deeplearning/triton-inference-server/user-guide/docs/user_guide/model_configuration.html",
    ],
)
def tensorrt_engine_committed(model: Model, project: Project) -> Iterator[Finding]:
    if model.format != "tensorrt" or any(project.versions.all(package, model) for package in PACKAGES):
        return
    images = [stage.image for file in project.all(Dockerfile) for stage in file.stages if stage.image]
    if any(image.registry in ("nvcr.io", None) for image in images):
        return
    made = f" ({model.producer_version})" if model.producer_version else ""
    yield Finding(
        model,
        f"an engine runs with the version of TensorRT{made} and on the model of GPU it was built for, and nothing here pins either",
        help="ship the ONNX model and build the engine on the machine that runs it, or pin tensorrt and the base image beside it",
    )

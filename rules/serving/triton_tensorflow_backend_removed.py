"""A TensorFlow model for a release of Triton that cannot run TensorFlow.

The images of Triton had a TensorFlow backend until 25.02; from 25.03 on there is none, and nothing in the server's build makes one. A
model with ``platform: "tensorflow_savedmodel"`` is then not loaded: ``unable to find backend library for backend 'tensorflow'``.

```pbtxt bad path=models/fruit/config.pbtxt
platform: "tensorflow_savedmodel"  # <-
max_batch_size: 8
```

```dockerfile + path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:25.06-py3
COPY models /models
```

```pbtxt good path=models/fruit/config.pbtxt
platform: "tensorflow_savedmodel"
max_batch_size: 8
```

```dockerfile + path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:24.12-py3
COPY models /models
```

Without an image nobody knows the release.

```pbtxt good path=models/fruit/config.pbtxt
platform: "tensorflow_savedmodel"
max_batch_size: 8
```

Somebody may have brought the backend.

```pbtxt good path=models/fruit/config.pbtxt
backend: "tensorflow"
```

```dockerfile + path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:25.06-py3
COPY --from=nvcr.io/nvidia/tritonserver:25.02-py3 /opt/tritonserver/backends/tensorflow /opt/tritonserver/backends/tensorflow
```

References: `build.py` of triton-inference-server/server has the backend at tag v2.55.0 (25.02) and not at v2.56.0 (25.03).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.pins import Pin
from deplint.settings.ranges import between
from deplint.settings.triton import TritonConfig


@rule(
    "DPL523",
    severity="error",
    leaves=["S.4.4", "S.3.2"],
    see=[
        "https://github.com/triton-inference-server/server/blob/v2.56.0/build.py",
        "https://github.com/triton-inference-server/server/commit/fd19783fa",
    ],
)
def triton_tensorflow_backend_removed(config: TritonConfig, project: Project) -> Iterator[Finding]:
    if not config.platform.startswith("tensorflow_") and config.backend != "tensorflow":
        return
    pins, without = list(_releases(project)), between("25.03", None)
    if not pins or without is None or not all(pin.range is not None and pin.range <= without for pin in pins):
        return
    if any(
        "tensorflow" in (copied.target or "") for docker in project.all(Dockerfile) for stage in docker.stages for copied in stage.copies
    ):
        return
    at = config.at("platform") if config.platform else config.at("backend")
    yield Finding(
        at,
        f"Triton has no TensorFlow backend since 25.03, and {pins[0].place.path} runs {pins[0].written}: the model is not loaded",
        help="convert the model to ONNX, serve it with TensorFlow Serving, or stay with release 25.02",
    )


def _releases(project: Project) -> Iterator[Pin]:
    """The releases of Triton that the project runs."""
    for deployment in project.all(Deployment):
        for container in deployment.containers:
            yield from (pin for pin in (container.image.pins if container.image else ()) if pin.name == "tritonserver")

"""A model server of whatever release is the latest.

``tensorflow/serving:latest``, or no tag at all, is another server tomorrow than today, and on another machine than here. What the model
was exported for and what serves it drift apart: operators, signatures, flags, CUDA.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving  # <-
    volumes: ["./fruit:/models/model"]
  torch:
    image: pytorch/torchserve:latest-cpu  # <-
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
  digest:
    image: tensorflow/serving@sha256:7b4ee3ab5b1d2c26dfb8a5a0b2c1ba1c8d9a5d4c2f0b8a6d3e1f5a7b9c0d2e4f
  variable:
    image: tensorflow/serving:${TAG}
```

```dockerfile bad
FROM tensorflow/serving:latest  # <-
COPY models /models
```

A later stage of a build that only borrows, and what a script starts by hand, are not judged.

```bash good path=run.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/model" tensorflow/serving
```

References: "Best practices" of Docker, "Pin base image versions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Deployment

SERVERS = (
    *("tensorflow/serving", "pytorch/torchserve", "nvcr.io/nvidia/tritonserver", "openvino/model_server", "vllm/vllm-openai"),
    *("seldonio/mlserver", "ghcr.io/huggingface/text-generation-inference", "ghcr.io/mlflow/mlflow"),
)


@rule(
    "DPL566",
    severity="info",
    leaves=["S.7", "S.3.2"],
    see=["https://docs.docker.com/build/building/best-practices/#pin-base-image-versions"],
)
def model_server_not_pinned(deployment: Deployment) -> Iterator[Finding]:
    for container in deployment.containers if deployment.kind != "script" else ():
        image = container.image
        if image is None or image.repository not in SERVERS or image.tag is None or image.digest or image.digest is None:
            continue
        if re.fullmatch(r"(latest|nightly)?(-.*)?", image.tag) and image.place.path == deployment.path:
            yield Finding(
                image,
                f"{image.written} is whatever release is the latest when it is pulled: the server changes under the model",
                help="name the release, as in tensorflow/serving:2.19.0",
            )

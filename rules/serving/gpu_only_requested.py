"""A GPU that Kubernetes is asked for under `requests` alone.

GPUs are not shared, so that Kubernetes wants to know the limit: ``Limit must be set for non overcommitable resources``, ``must be equal to
nvidia.com/gpu limit``, and the manifest is refused. With a limit, the request may be left out.

```yaml bad path=triton.yaml
apiVersion: v1
kind: Pod
metadata: {name: triton}
spec:
  containers:
    - name: triton
      image: nvcr.io/nvidia/tritonserver:23.10-py3
      resources:
        requests:
          nvidia.com/gpu: 1  # <-
        limits:
          memory: 16Gi
```

Two numbers that differ are refused as well.

```yaml bad path=triton.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: triton}
spec:
  template:
    spec:
      containers:
        - name: triton
          image: nvcr.io/nvidia/tritonserver:23.10-py3
          resources:
            requests: {nvidia.com/gpu: 1}  # <-
            limits: {nvidia.com/gpu: 2}
```

```yaml good path=triton.yaml
apiVersion: v1
kind: Pod
metadata: {name: triton}
spec:
  containers:
    - name: one
      image: nvcr.io/nvidia/tritonserver:23.10-py3
      resources:
        requests: {cpu: 4}
        limits: {nvidia.com/gpu: 1}
    - name: two
      image: nvcr.io/nvidia/tritonserver:23.10-py3
      resources:
        requests: {nvidia.com/gpu: "1"}
        limits: {nvidia.com/gpu: 1}
```

References: "Schedule GPUs" in the documentation of Kubernetes; the messages are those of the API server's validation.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Deployment

GPUS = ("nvidia.com/gpu", "amd.com/gpu")
PODS = ((), ("spec",), ("spec", "template", "spec"), ("spec", "jobTemplate", "spec", "template", "spec"), ("spec", "predictor"))
"""Where the containers of a manifest stand."""


@rule(
    "DPL969",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/",
        "https://github.com/kubernetes/website/blob/0008cd2/content/en/docs/tasks/manage-gpus/scheduling-gpus.md",
    ],
)
def gpu_only_requested(deployment: Deployment) -> Iterator[Finding]:
    for document in deployment.documents if deployment.kind == "kubernetes" else ():
        for container in (one for path in PODS for one in document.list(*path, "containers")):
            for name in GPUS:
                asked, limit = (container.get("resources", kind, name) for kind in ("requests", "limits"))
                if asked is None or not asked.text or (limit is not None and (not limit.text or limit.text == asked.text)):
                    continue
                yield Finding(
                    asked.place,
                    f"{name} is requested"
                    + (" and has no limit" if limit is None else f" {asked.text} times and limited to {limit.text}")
                    + ": Kubernetes refuses the manifest, for GPUs both have to be equal",
                    help=f"limits: {name}: {asked.text}",
                )

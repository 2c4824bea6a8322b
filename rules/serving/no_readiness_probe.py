"""A model server in Kubernetes that gets requests before its model is loaded.

Without a readiness probe a pod counts as ready when its container has started. A model server then has still to read its model, for
seconds or minutes, and what a Service sends it meanwhile is refused: at each start, each scaling, each update.

```yaml bad path=serving.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    metadata: {labels: {app: fruit}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0  # <-
          ports: [{containerPort: 8501}]
---
apiVersion: v1
kind: Service
metadata: {name: fruit}
spec:
  selector: {app: fruit}
  ports: [{port: 8501}]
```

```yaml good path=serving.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    metadata: {labels: {app: fruit}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          ports: [{containerPort: 8501}]
          readinessProbe: {httpGet: {path: /v1/models/model, port: 8501}}
---
apiVersion: v1
kind: Service
metadata: {name: fruit}
spec:
  selector: {app: fruit}
  ports: [{port: 8501}]
```

References: "Configure Liveness, Readiness and Startup Probes" in the documentation of Kubernetes; TensorFlow Serving opens its ports
once its models are loaded (`ServerCore::Create`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment, together

READY = {
    "tensorflow/serving": "/v1/models/NAME at the REST port",
    "nvcr.io/nvidia/tritonserver": "/v2/health/ready at port 8000",
    "pytorch/torchserve": "/ping at port 8080",
}


@rule(
    "DPL564",
    severity="info",
    leaves=["S.5.4"],
    see=["https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/"],
)
def no_readiness_probe(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if not any((container.image.repository if container.image else None) in READY for container in deployment.containers):
        return
    services = [service for other in together(deployment, project) for service in other.services]
    sent = {id(container) for service in services for container in deployment.behind(service)}
    for container in deployment.containers:
        ready = READY.get((container.image.repository if container.image else None) or "")
        if ready and container.image and id(container) in sent and not any(probe.kind == "readiness" for probe in container.probes):
            yield Finding(
                container.image,
                "there is no readiness probe: the Service sends requests while the server still loads its model",
                help=f"readinessProbe: ask {ready}",
            )

"""A probe that asks a model server for what it does not answer.

Model servers say at addresses of their own whether they are ready: TensorFlow Serving at ``/v1/models/NAME`` of the REST port, Triton
at ``/v2/health/ready`` of port 8000, TorchServe at ``/ping`` of port 8080. Anywhere else they answer 400 or 404, or on the gRPC port
not at all. Kubernetes then never sends the pod a request (readiness), or starts it again and again (liveness).

```yaml bad path=serving.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          env: [{name: MODEL_NAME, value: fruit}]
          ports: [{containerPort: 8500, name: grpc}, {containerPort: 8501, name: rest}]
          readinessProbe:
            httpGet:
              path: /healthz  # <-
              port: 8501
          livenessProbe:
            httpGet:
              path: /v1/models/model  # <- the model is called fruit
              port: rest
          startupProbe:
            httpGet:
              path: /v1/models/fruit  # <- that is the gRPC port
              port: grpc
        - name: started
          image: tensorflow/serving:2.19.0
          command: [/usr/bin/tensorflow_model_server]
          args: [--port=9000, --rest_api_port=9001, --model_name=cars, --model_base_path=gs://bucket/cars]
          readinessProbe: {httpGet: {path: /v1/models/car, port: 9001}}  # <-
        - name: triton
          image: nvcr.io/nvidia/tritonserver:24.05-py3
          args: ["tritonserver", "--model-repository=/models"]
          readinessProbe: {httpGet: {path: /v2/health/readyz, port: 8000}}  # <-
```

```yaml good path=serving.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          env: [{name: MODEL_NAME, value: fruit}]
          ports: [{containerPort: 8500, name: grpc}, {containerPort: 8501, name: rest}]
          readinessProbe: {httpGet: {path: /v1/models/fruit, port: rest}}
          livenessProbe: {tcpSocket: {port: grpc}}
          startupProbe: {httpGet: {path: /v1/models/fruit/versions/1/metadata, port: 8501}}
        - name: triton
          image: nvcr.io/nvidia/tritonserver:24.05-py3
          args: ["tritonserver", "--model-repository=/models"]
          readinessProbe: {httpGet: {path: /v2/health/ready, port: 8000}}
          livenessProbe: {httpGet: {path: /v2/health/live, port: 8000}}
        - name: torchserve
          image: pytorch/torchserve:0.12.0-cpu
          readinessProbe: {httpGet: {path: /ping, port: 8080}}
        - name: moved
          image: nvcr.io/nvidia/tritonserver:24.05-py3
          args: ["tritonserver", "--model-repository=/models", "--http-port=9000"]
          readinessProbe: {httpGet: {path: /v2/health/ready, port: 9000}}
        - name: own
          image: example.org/server:1
          readinessProbe: {httpGet: {path: /healthz, port: 8501}}
```

References: `http_rest_api_handler.cc` of TensorFlow Serving; `src/http_server.cc` of Triton; "Health check API" of TorchServe.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Container, Deployment, Probe
from deplint.settings.serving import GRPC, REST, Server, run_by

SERVERS = {
    "nvcr.io/nvidia/tritonserver": (
        "Triton",
        8000,
        r"/v2/?|/v2/health/(ready|live)|/v2/models/.+",
        "/v2/health/ready",
        ("http-port", "allow-http"),
    ),
    "pytorch/torchserve": ("TorchServe", 8080, r"/ping|/models.*|/api-description.*|/v2/health/(ready|live)|/", "/ping", ()),
}
"""Image -> the server in it, its port for HTTP, what it answers with GET there, what to ask, flags that change that."""

_TFS = r"/v1/models/([^/:]+)(/versions/\d+|/labels/\w+)?(/metadata)?|/monitoring/.*"


@rule(
    "DPL563",
    severity="error",
    leaves=["S.5.4"],
    see=[
        "https://www.tensorflow.org/tfx/serving/api_rest#model_status_api",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/protocol/README.md",
        "https://github.com/pytorch/serve/blob/master/docs/inference_api.md#health-check-api",
    ],
)
def probe_of_model_server(deployment: Deployment, project: Project) -> Iterator[Finding]:
    asked = [container for container in deployment.containers if any(probe.type == "http" for probe in container.probes)]
    if not asked:
        return
    tensorflow = {id(server.container): server for server in run_by(deployment, project)}
    for container in asked:
        for probe in container.probes:
            if probe.type == "http":
                server = tensorflow.get(id(container))
                fault = _tensorflow(server, probe) if server is not None else _other(container, probe)
                if fault:
                    yield Finding(probe, f"the {probe.kind} probe fails: {fault[0]}", help=fault[1])


def _port(probe: Probe, container: Container) -> int | None:
    if isinstance(probe.port, str):
        return next((port.container for port in container.ports if port.name == probe.port), None)
    return probe.port


def _tensorflow(server: Server, probe: Probe) -> tuple[str, str] | None:
    port, rest, grpc = _port(probe, server.container), server.flags.get("rest_api_port"), server.flags.get("port")
    entry, args = server.command
    started = entry is not None and [posixpath.basename(word.text or "") for word in entry] == ["tensorflow_model_server"]
    known = server.plain or (started and not server.unknown & {"entrypoint", "args"} and all(word.text is not None for word in args))
    if not known or any(word is not None and word.number is None for word in (rest, grpc)):
        return None
    http, other = (rest.number if rest else 0 if started else REST), (grpc.number if grpc else GRPC)
    names = [served.name for served in server.models or ()]
    right = f"/v1/models/{names[0] if len(names) == 1 else 'NAME'}"
    if port == other:
        return f"port {port} of TensorFlow Serving speaks gRPC", f"ask {right} at port {http}"
    match = re.fullmatch(_TFS, probe.path)
    if port != http or (match and (match[1] is None or not names or match[1] in names)):
        return None
    if match:
        return f'TensorFlow Serving has no model "{match[1]}"', f"ask {right}"
    return f"TensorFlow Serving does not answer at {probe.path or '/'}", f"ask {right}"


def _other(container: Container, probe: Probe) -> tuple[str, str] | None:
    name, port, answers, right, moves = SERVERS.get((container.image.repository if container.image else None) or "", ("", 0, "", "", ()))
    if not name or any(flag in container.flags for flag in moves) or _port(probe, container) != port:
        return None
    return None if re.fullmatch(answers, probe.path or "/") else (f"{name} does not answer at {probe.path or '/'}", f"ask {right}")

"""An image made for GPUs, or code that wants one, is run without one.

A container sees no GPU unless it is given one: `--gpus` of `docker run`, `deploy.resources.reservations.devices` (or `gpus`) of
compose, a limit ``nvidia.com/gpu`` in Kubernetes. Without, TensorFlow and PyTorch say ``failed call to cuInit``, ``Found no NVIDIA
driver on your system``, and compute on the CPU, from an image of several gigabytes.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0-gpu  # <-
    volumes: ["./fruit:/models/model"]
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0-gpu
    volumes: ["./fruit:/models/model"]
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}
  older:
    image: tensorflow/serving:2.4.0-gpu
    runtime: nvidia
  variable:
    image: tensorflow/serving:2.19.0-gpu
    environment: [NVIDIA_VISIBLE_DEVICES=all]
  cpu:
    image: tensorflow/serving:2.19.0
```

```bash bad path=run.sh
docker run -p 8080:8080 pytorch/torchserve:0.12.0-gpu  # <-
docker run --gpus all -p 8080:8080 pytorch/torchserve:0.12.0-gpu
docker run $GPU -p 8080:8080 pytorch/torchserve:0.12.0-gpu
```

```yaml bad path=deploy.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  selector: {matchLabels: {app: fruit}}
  template:
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0-gpu  # <-
          resources: {limits: {cpu: 2}}
```

Code that goes to the GPU without a look whether there is one does not even start.

```yaml bad path=compose.yaml
services:
  stt:  # <-
    build: .
    ports: ["9001:9001"]
```

```dockerfile + path=Dockerfile
FROM pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime
COPY stt ./stt
CMD ["uvicorn", "stt.app:app", "--host", "0.0.0.0", "--port", "9001"]
```

```python + path=stt/app.py
from fastapi import FastAPI
from .engine import make_engine

app = FastAPI()
engine = make_engine()
```

```python + path=stt/engine.py
import torch
from transformers import pipeline

def make_engine():
    return pipeline("automatic-speech-recognition", model="openai/whisper-medium", device=torch.device("cuda:0"))
```

```yaml good path=compose.yaml
services:
  stt:
    build: .
    gpus: all
  other:
    build: other
```

```dockerfile + path=Dockerfile
FROM pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime
CMD ["python", "main.py"]
```

```python + path=main.py
import torch

model = torch.jit.load("net.pt").cuda()
```

```dockerfile + path=other/Dockerfile
FROM pytorch/pytorch:2.3.1-cuda12.1-cudnn8-runtime
CMD ["python", "serve.py"]
```

```python + path=other/serve.py
import torch

device = "cuda" if torch.cuda.is_available() else "cpu"
model = torch.jit.load("net.pt").to(device)

def benchmark():
    return torch.zeros(3).cuda()
```

Triton's one image is for both. A file of several that are put together may leave the GPU to another.

```yaml good path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.05-py3
  serving:
    image: tensorflow/serving:2.19.0-gpu
```

```yaml + path=docker-compose.gpu.yml
services:
  serving:
    deploy: {resources: {reservations: {devices: [{driver: nvidia, count: 1, capabilities: [gpu]}]}}}
```

References: the documentation of Docker, compose and Kubernetes on GPUs.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.devices import started_on_gpu
from deplint.code.facts import Call
from deplint.settings.containers import Container, Deployment
from deplint.settings.listening import started_modules
from deplint.settings.serving import mentioned
from deplint.settings.yamltree import Node

IMAGES = {
    "tensorflow/serving": r"(.*-|^)gpu$",
    "tensorflow/tensorflow": r"(.*-|^)gpu(-.*)?$",
    "pytorch/torchserve": r"(.*-|^)gpu$",
    "pytorch/pytorch": r".*cuda.*-runtime",
    "ghcr.io/huggingface/text-generation-inference": r"(?!.*(intel|rocm|xpu|neuron|gaudi|cpu|llamacpp)).*",
    "vllm/vllm-openai": r".*",
}
"""Image -> the tags that are for NVIDIA's GPUs."""

ASKED = re.compile(r"NVIDIA_VISIBLE_DEVICES|CUDA_VISIBLE_DEVICES|NVIDIA_DRIVER_CAPABILITIES")


@rule(
    "DPL565",
    severity="warning",
    leaves=["S.3.3"],
    see=[
        "https://docs.docker.com/compose/how-tos/gpu-support/",
        "https://kubernetes.io/docs/tasks/manage-gpus/scheduling-gpus/",
        "https://stackoverflow.com/q/51522247",
    ],
)
def gpu_not_asked_for(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if deployment.kind == "dockerfile":
        return
    for container in deployment.containers:
        if container.gpu is not False or "image" in container.partial:
            continue
        image = container.image
        tags = IMAGES.get((image.repository if image else None) or "")
        made = image is not None and tags is not None and image.tag is not None and re.match(tags, image.tag or "latest")
        call = _demanded(container, deployment, project) if not made else None
        if not (made or call) or _otherwise(container, deployment, project):
            continue
        how = {"kubernetes": "resources: limits: nvidia.com/gpu: 1", "script": "docker run --gpus all"}
        if call is None:
            message = f"{image} is made for GPUs, and the container is given none: it computes on the CPU, or does not start"
        else:
            where = f"{call.place.path}{_line(call)}"
            message = f"{where} goes to the GPU when it starts, and the container is given none: RuntimeError, Found no NVIDIA driver"
        yield Finding(
            image or container.place,
            message,
            help=how.get(deployment.kind, "deploy.resources.reservations.devices: [{driver: nvidia, count: all, capabilities: [gpu]}]"),
        )


def _line(call: Call) -> str:
    return f":{call.place.span.line}" if call.place.span is not None else ""


def _demanded(container: Container, deployment: Deployment, project: Project) -> Call | None:
    """What the container starts with that raises where there is no GPU."""
    for main, script in started_modules(container, deployment, project):
        call = started_on_gpu(main, script)
        if call is not None and not mentioned(project, r"default-runtime"):
            return call
    return None


def _otherwise(container: Container, deployment: Deployment, project: Project) -> bool:
    """A GPU may come in another way: by variables that NVIDIA's runtime reads, as a device, from another file."""
    if any(ASKED.match(name) for name in container.env) or "env" in container.partial:
        return True
    if any("nvidia" in (mount.source or "") for mount in container.mounts):
        return True
    trees = list(deployment.documents)
    if any(_devices(tree) for tree in trees):
        return True
    if deployment.kind == "kubernetes":
        whole = all(
            tree.get("spec", "selector") is not None for tree in trees if tree.string("kind") in ("Deployment", "StatefulSet", "DaemonSet")
        )
        return not whole or any("kserve" in (tree.string("apiVersion") or "") for tree in trees)
    folder = posixpath.dirname(deployment.path)
    others = [
        d for d in project.all(Deployment) if d.kind == "compose" and d.path != deployment.path and posixpath.dirname(d.path) == folder
    ]
    return any(other.name == container.name and other.gpu is not False for d in others for other in d.containers)


def _devices(tree: Node) -> bool:
    """Devices of the host, or a class of runtime, are named somewhere."""
    return any(node.get("devices") is not None or node.get("runtimeClassName") is not None for node in tree.walk() if node.kind == "map")

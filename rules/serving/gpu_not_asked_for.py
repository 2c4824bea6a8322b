"""An image made for GPUs is run without one.

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
from deplint.settings.containers import Container, Deployment
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
        image = container.image
        tags = IMAGES.get((image.repository if image else None) or "")
        if image is None or tags is None or image.tag is None or not re.match(tags, image.tag or "latest"):
            continue
        if container.gpu is False and "image" not in container.partial and not _otherwise(container, deployment, project):
            how = {"kubernetes": "resources: limits: nvidia.com/gpu: 1", "script": "docker run --gpus all"}
            yield Finding(
                image,
                f"{image.written} is made for GPUs, and the container is given none: it computes on the CPU, or does not start",
                help=how.get(deployment.kind, "deploy.resources.reservations.devices: [{driver: nvidia, count: all, capabilities: [gpu]}]"),
            )


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

"""A model server that is started without a model.

The stock images of TensorFlow Serving and Triton hold a server and no model. Where nothing is mounted, nothing copied in and no address
given, the server finds nothing: ``Could not find base path /models/model for servable model``; ``failed to stat file /models``.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0  # <-
    environment: [MODEL_NAME=fruit]
    ports: ["8501:8501"]
  triton:
    image: nvcr.io/nvidia/tritonserver:24.05-py3  # <-
    command: tritonserver --model-repository=/models
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
    volumes: ["./fruit:/models/fruit"]
  bucket:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit, "MODEL_BASE_PATH=s3://bucket/models"]
  own:
    build: serving
  triton:
    image: nvcr.io/nvidia/tritonserver:24.05-py3
    command: tritonserver --model-repository=s3://bucket/models
  shell:
    image: nvcr.io/nvidia/tritonserver:24.05-py3
    command: bash -c "./fetch.sh && tritonserver --model-repository=/models"
  files:
    image: tensorflow/serving:2.19.0
    env_file: .env
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
          image: tensorflow/serving:2.19.0  # <-
          args: ["--model_name=fruit", "--model_base_path=/models/fruit"]
          ports: [{containerPort: 8501}]
```

In a script as well, unless something is copied into the container later.

```bash bad path=run.sh
docker run --name=tf_serving -it tensorflow/serving  # <-
```

```bash good path=run.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving
docker run $OPTIONS tensorflow/serving
```

as the documentation does:

```bash good path=run.sh
docker run -d --name serving_base tensorflow/serving
docker cp models/fruit serving_base:/models/fruit
docker commit --change "ENV MODEL_NAME fruit" serving_base fruit-serving
```

Somebody may put it there while the pod starts.

```yaml good path=deploy.yaml
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
          args: ["--model_name=fruit", "--model_base_path=/models/fruit"]
          volumeMounts: [{name: models, mountPath: /models}]
      volumes: [{name: models, emptyDir: {}}]
```

A patch says but a part of what is run, and so does one of several compose files.

```yaml good path=overlay/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: fruit}
spec:
  template:
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          args: ["--model_name=fruit", "--model_base_path=/models/fruit"]
```

```yaml + path=docker-compose.gpu.yml
services:
  serving: {image: "tensorflow/serving:2.19.0-gpu"}
```

```yaml + path=docker-compose.yml
services:
  serving: {image: "tensorflow/serving:2.19.0", volumes: ["./fruit:/models/model"]}
```

References: `tools/docker/Dockerfile` of TensorFlow Serving; Triton's guide on model repositories.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.commands import programs
from deplint.settings.containers import Container, Deployment
from deplint.settings.serving import mentioned
from deplint.settings.yamltree import Node

TRITON = "nvcr.io/nvidia/tritonserver"
UNKNOWN = frozenset(("image", "args", "entrypoint", "env", "mounts"))


@rule(
    "DPL516",
    severity="error",
    leaves=["S.1.1", "S.3.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/tools/docker/Dockerfile",
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/model_repository.md",
    ],
)
def server_without_model(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if deployment.kind not in ("compose", "kubernetes", "script") or not all(_whole(tree) for tree in deployment.documents):
        return
    # A script may copy the model into the container it has started, as the documentation of TensorFlow Serving does.
    if deployment.kind == "script" and mentioned(project, r"\b(?:docker|podman|container)\s+(?:container\s+)?(?:cp|commit|exec)\b"):
        return
    for container in deployment.containers:
        if container.image is None or container.build or container.mounts or container.partial & UNKNOWN:
            continue
        if deployment.kind == "compose" and _elsewhere(container, deployment, project):
            continue
        path = _looks_in(container, deployment)
        if path is not None:
            yield Finding(
                container.image,
                f"the server looks for models in {path}, and the stock image holds none: nothing is mounted there",
                help="mount the folder of the models, give a bucket's address, or build an image that holds them",
            )


def _whole(tree: Node) -> bool:
    """No custom resource, whose operator adds containers and mounts, and no patch of a workload, which would lack its selector."""
    kind = tree.string("kind") or ""
    workload = kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    standard = "kserve" not in (tree.string("apiVersion") or "") and not kind.startswith(
        ("Seldon", "Inference", "Serving", "ClusterServing")
    )
    return standard and (not workload or tree.get("spec", "selector") is not None)


def _elsewhere(container: Container, deployment: Deployment, project: Project) -> bool:
    """Another compose file of the folder says something of the service too."""
    folder = posixpath.dirname(deployment.path)
    others = [d for d in project.all(Deployment) if d.kind == "compose" and d.path != deployment.path]
    return any(posixpath.dirname(d.path) == folder and any(c.name == container.name for c in d.containers) for d in others)


def _looks_in(container: Container, deployment: Deployment) -> str | None:
    """The folder in the image where the server looks for models; None if that is not known, or it looks elsewhere."""
    found = list(programs(Deployment(deployment.path, deployment.kind, [container])))
    if len(found) != 1 or not found[0].known:
        return None
    repository = container.image.repository if container.image else None
    flags = found[0].flags
    if repository == "tensorflow/serving" and found[0].stock and "model_config_file" not in flags:
        name, base = (container.env[key].text if key in container.env else default for key, default in _DEFAULTS)
        flag = flags.get("model_base_path")
        path = flag.text if flag is not None else f"{base}/{name}" if base is not None and name is not None else None
    elif repository == TRITON and found[0].name == "tritonserver":
        flag = flags.get("model-repository") or flags.get("model-store")
        path = flag.text if flag is not None else None
    else:
        return None
    return path if path is not None and path.startswith("/") else None


_DEFAULTS = (("MODEL_NAME", "model"), ("MODEL_BASE_PATH", "/models"))

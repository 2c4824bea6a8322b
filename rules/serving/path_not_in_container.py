"""A model's path that lies outside of all that the container has.

What is in a container is what its image holds and what is mounted. `MODEL_PATH`, or a path in the code, that names a folder to which
nothing is copied and nothing mounted finds nothing, whatever lies in the repository: ``NO_SUCHFILE : Load model from /models/net.onnx
failed``, ``FileNotFoundError``.

```yaml bad path=docker-compose.yml
services:
  api:
    build: .
    environment:
      MODEL_PATH: /models/net.onnx  # <-
    volumes:
      - ./weights:/app/weights:ro
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
WORKDIR /app
RUN pip install onnxruntime fastapi uvicorn
COPY main.py ./
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

```python + path=main.py
import os
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
```

```yaml good path=docker-compose.yml
services:
  api:
    build: .
    environment:
      MODEL_PATH: /models/net.onnx
    volumes:
      - ./weights:/models:ro
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
WORKDIR /app
RUN pip install onnxruntime fastapi uvicorn
COPY main.py ./
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

```python + path=main.py
import os
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
```

A path that the code itself says is no different.

```yaml bad path=deploy.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: scorer}
spec:
  selector: {matchLabels: {app: scorer}}
  template:
    metadata: {labels: {app: scorer}}
    spec:
      containers:
        - name: scorer
          image: registry.local/scorer:1.2  # <-
          volumeMounts: [{name: weights, mountPath: /mnt/weights}]
      volumes: [{name: weights, persistentVolumeClaim: {claimName: weights}}]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
WORKDIR /app
RUN pip install --no-cache-dir torch flask gunicorn
COPY serve.py .
CMD ["gunicorn", "-b", "0.0.0.0:8000", "serve:app"]
```

```python + path=serve.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("/weights/net.pt")
```

An image whose build may bring the file, or code that may fetch it, is not looked into.

```yaml good path=docker-compose.yml
services:
  api:
    build: .
    environment: {MODEL_PATH: /models/net.onnx}
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
WORKDIR /app
RUN pip install onnxruntime flask && python -c "import urllib.request as r; r.urlretrieve('https://x/net.onnx', '/models/net.onnx')"
COPY main.py ./
CMD ["python", "main.py"]
```

```python + path=main.py
import os
import onnxruntime

session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
```

References: https://docs.docker.com/engine/storage/bind-mounts/; https://docs.docker.com/reference/dockerfile/#copy
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping

from deplint import Finding, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.library import OPENS_FILE
from deplint.code.python import PythonFile
from deplint.settings.containers import Container, Deployment
from deplint.settings.copied import BRINGS
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.listening import made_from, started_modules
from deplint.settings.released import runs
from deplint.settings.serving import below, mentioned

FETCHES = re.compile(
    r"download|boto3|urlretrieve|gdown|requests\.get|storage|wget|hub\.|snapshot|exists\(|isfile|\.is_file|symlink|copytree|load_dotenv|torch\.save"
)
DEFAULTED = re.compile(r"(?:environ\.get|getenv)\(\s*[\"'](\w+)[\"']\s*,\s*[\"']([^\"']+)[\"']\s*\)")
STOCK = re.compile(r"(?:python|ubuntu|debian|pytorch/pytorch|nvidia/cuda|tensorflow/tensorflow|nvcr\.io/nvidia/cuda)(?:[:@].*)?")
RUNS = re.compile(r"\bpython3?\s|curl|\bmkdir\b")
SYSTEM = ("/usr", "/opt", "/tmp", "/etc", "/var", "/root", "/home", "/dev", "/proc")


@rule(
    "DPL918",
    severity="error",
    leaves=["S.3.3", "S.4.4"],
    see=["https://docs.docker.com/engine/storage/bind-mounts/", "https://docs.docker.com/reference/dockerfile/#copy"],
)
def path_not_in_container(deployment: Deployment, project: Project) -> Iterator[Finding]:
    containers = deployment.containers if deployment.kind in ("compose", "kubernetes", "script") else []
    for container in containers:
        file = made_from(container, deployment, project)
        if file is None or not _known(container, file, deployment, project):
            continue
        for main, _ in started_modules(container, deployment, project):
            # What is found beside the code (`__file__`) is a path of this machine.
            loaded = (one for one in _loaded(main, container, file) if not below(one[0], project.root.as_posix()))
            found = next((one for one in loaded if not _there(one[0], container, file)), None)
            if found is not None and not mentioned(
                project, rf"[:\s]{re.escape(posixpath.dirname(found[0]))}/?(?::r[ow])?[\"'\s]*$", deployment.path
            ):
                path, name, call = found
                mounts = ", ".join(sorted(mount.target or "" for mount in container.mounts)) or "nothing"
                yield Finding(
                    container.env[name].place if name in container.env else container.image or container.place,
                    f"{call.place.path} loads {path}, to which nothing is copied or mounted (mounted: {mounts}): it is not found",
                    help=f"mount the folder at {posixpath.dirname(path)}, or name the path where it is mounted",
                )
                break


def _known(container: Container, file: Dockerfile, deployment: Deployment, project: Project) -> bool:
    """All that the container has is written out: a stock image, copies and mounts."""
    stages = file.final.line
    root = file.final.root
    if container.partial & {"mounts", "env"} or any(mount.target is None for mount in container.mounts) or root is None:
        return False
    if not STOCK.fullmatch(str(root)) or BRINGS.search(runs(file.final)) or RUNS.search(runs(file.final)):
        return False
    if any(copy.target is None or copy.from_stage for stage in stages for copy in stage.copies) or file.final.all(
        "VOLUME", "ONBUILD", "ADD"
    ):
        return False
    if any(tree.get("configs") is not None or tree.get("secrets") is not None for tree in deployment.documents):
        return False
    others = [d for d in project.all(Deployment) if d.kind == "compose" and d is not deployment and deployment.kind == "compose"]
    return not any(other.name == container.name for d in others for other in d.containers)


def _there(path: str, container: Container, file: Dockerfile) -> bool:
    """May something be at a path? All below a folder that is copied to or mounted."""
    copied = [copy.target or "/" for stage in file.final.line for copy in stage.copies]
    return any(below(path, target) for target in (*copied, *(mount.target or "/" for mount in container.mounts), *SYSTEM))


def _loaded(main: PythonFile, container: Container, file: Dockerfile) -> Iterator[tuple[str, str, Call]]:
    """The absolute paths that a module certainly loads, each with the variable that says so (empty if the code does) and the call."""
    env = {**{name: word for stage in file.final.line for name, word in stage.env.items()}, **container.env}
    for pattern, where in OPENS_FILE.items():
        for call in main.calls(pattern):
            name, path = _said(call.argument(*where), {name: word.text for name, word in env.items()})
            quiet = call.guarded or not call.certain or FETCHES.search(call.file.text) or FETCHES.search(main.text)
            if path and path.startswith("/") and not quiet:
                yield posixpath.normpath(path), name, call


def _said(value: Value, env: Mapping[str, str | None]) -> tuple[str, str | None]:
    """The variable of the environment that a path is made of (empty if none), and the path."""
    operation = value.operation
    if operation is not None and operation[0] == "[]" and operation[1].name == "os.environ":
        return operation[2].text or "", env.get(operation[2].text or "")
    usual = value.python(default=True)
    if value.certain or not isinstance(usual, str):
        return "", value.text
    for name, default in DEFAULTED.findall(value.file.text):
        if usual == default or usual.startswith(default.rstrip("/") + "/"):
            folder = env.get(name, default)
            return name, folder.rstrip("/") + usual[len(default.rstrip("/")) :] if folder is not None else None
    return "", None

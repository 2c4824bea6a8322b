"""A service that looks for another container at `localhost`.

In a container `localhost` is the container itself. What compose runs beside it is reached by the name of its service, at the port inside:
``requests.exceptions.ConnectionError: HTTPConnectionPool(host='localhost', port=8501): ... Connection refused``, ``failed to connect to all
addresses``.

```python bad path=web/app.py
import requests
from fastapi import FastAPI

app = FastAPI()

@app.post("/predict")
def predict(body: dict):
    return requests.post("http://localhost:8501/v1/models/fruit:predict", json={"instances": body["rows"]}).json()  # <-
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.13.0
    environment: [MODEL_NAME=fruit]
    ports: ["8501:8501"]
  web:
    build: web
    ports: ["80:8000"]
```

```dockerfile + path=web/Dockerfile
FROM python:3.11-slim
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
```

The address may be given from outside, the network may be the host's, and a client that is run on the host is right.

```python good path=web/app.py
import os
import requests
from fastapi import FastAPI

app = FastAPI()
SERVING = os.environ.get("SERVING", "http://localhost:8501")

@app.post("/predict")
def predict(body: dict):
    requests.get("http://localhost:8000/health")
    requests.get("http://serving:8501/v1/models/fruit")
    return requests.post(SERVING + "/v1/models/fruit:predict", json={"instances": body["rows"]}).json()
```

```python + path=client.py
import requests

print(requests.post("http://localhost:8501/v1/models/fruit:predict", json={"instances": [[1.0]]}).json())
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.13.0
    environment: [MODEL_NAME=fruit]
    ports: ["8501:8501"]
  web:
    build: web
    ports: ["80:8000"]
```

```dockerfile + path=web/Dockerfile
FROM python:3.11-slim
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
```

References: https://docs.docker.com/compose/how-tos/networking/
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.handlers import handler_of
from deplint.code.python import PythonFile
from deplint.settings.containers import Container, Deployment
from deplint.settings.listening import ports

CALLS = {
    "requests.{get,post,put}": ("url", 0),
    "requests.Session().{get,post}": ("url", 0),
    "httpx.{get,post,Client().post,Client().get,AsyncClient().post,AsyncClient().get}": ("url", 0),
    "grpc.{insecure_channel,aio.insecure_channel}": ("target", 0),
    "tritonclient.{http,grpc}{,.aio}.InferenceServerClient": ("url", 0),
}
"""Calls that reach for an address, with its argument."""

LOCAL = re.compile(r"(?:\w+://)?(?:localhost|127\.0\.0\.1):(\d+)(?!\d)")
KNOWN = {"tensorflow/serving": (8500, 8501), "nvcr.io/nvidia/tritonserver": (8000, 8001, 8002), "pytorch/torchserve": (8080, 8081)}
"""The ports that images listen on by themselves."""


@rule(
    "DPL688",
    severity="error",
    leaves=["S.5.4", "S.3.3"],
    see=["https://docs.docker.com/compose/how-tos/networking/", "https://stackoverflow.com/q/24319662"],
)
def localhost_of_other_container(file: PythonFile, project: Project) -> Iterator[Finding]:
    for pattern, where in CALLS.items():
        for call in file.calls(pattern):
            # Code that serves requests runs in the container; a script beside it may be run anywhere.
            if call.guarded or call.file is not file or not (handler_of(call) or re.search(r"\b(FastAPI|Flask|Quart)\(", file.text)):
                continue
            address = call.argument(*where).fixed
            match = LOCAL.match(address[0]) if address and address[0] else None
            other = _elsewhere(file, int(match[1]), project) if match is not None else ""
            if match is not None and other:
                yield Finding(
                    call,
                    f"localhost is this container itself, and port {match[1]} is that of the service {other}: connection refused",
                    help=f"ask the host {other}, best by a variable of the environment",
                )


def _elsewhere(file: PythonFile, port: int, project: Project) -> str:
    """The name of the service of a compose file that has the port, where the only container that holds the code has it not."""
    found: set[str] = set()
    for deployment in project.all(Deployment):
        if deployment.kind != "compose":
            continue
        here = Path(os.path.abspath(deployment.path)).parent
        built = {id(c): Path(os.path.normpath(here / c.build)).parent for c in deployment.containers if c.build}
        running = [c for c in deployment.containers if id(c) in built and file.file.path.is_relative_to(built[id(c)])]
        if not running:
            continue
        own = ports(running[0], deployment, project) if len(running) == 1 else None
        if own is None or port in own.ports or running[0].network or running[0].partial & {"network", "ports"}:
            return ""
        found |= {c.name for c in deployment.containers if c is not running[0] and port in _ports(c)}
    return found.pop() if len(found) == 1 else ""


def _ports(container: Container) -> set[int | None]:
    image = (container.image.repository if container.image is not None else None) or ""
    return {p.container for p in container.ports} | {p.host for p in container.ports} | set(KNOWN.get(image, ()))

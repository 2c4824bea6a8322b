"""A request to a path, or with a method, that the project's own service does not answer.

Flask and FastAPI answer ``404 Not Found`` for a path that no function has, and ``405 Method Not Allowed`` where a function has it for
another method: a route of Flask's is for GET alone unless it says `methods`.

```python bad path=ui.py
import requests
import streamlit

API = "http://localhost:8000"

def ask(picture):
    requests.get(f"{API}/health")
    requests.post(f"{API}/rows", json=[1.0])  # <- GET alone
    return requests.post(f"{API}/api/predict", files={"file": picture}).json()  # <-
```

```python + path=main.py
import onnxruntime
from fastapi import FastAPI, UploadFile

app = FastAPI()
session = onnxruntime.InferenceSession("net.onnx")

@app.get("/health")
def health():
    return {"ok": True}

@app.get("/rows")
def rows():
    return []

@app.post("/predict")
async def predict(file: UploadFile):
    return {"label": run(await file.read())}
```

Two examples that each have a README are two programs.

```python good path=chat/ask.py
import requests

requests.post("http://localhost:8000/api/predict", json={"text": "a"})
```

```text + path=chat/README.md
Chat with a server of your own.
```

```python + path=classify/main.py
import onnxruntime
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()

class Rows(BaseModel):
    rows: list[float]

@app.post("/predict")
def predict(rows: Rows):
    return {"label": 1}
```

```text + path=classify/README.md
Classify rows.
```

Other services, prefixes and proxies may answer.

```python good path=ui.py
import requests

requests.post("http://localhost:8000/v1/predict", json={})
requests.post("http://localhost:8000/other", json={})
requests.post("https://example.com/api/predict", json={})
```

```python + path=main.py
import onnxruntime
from fastapi import APIRouter, FastAPI

app = FastAPI()
router = APIRouter()

@router.post("/predict")
def predict(rows: list[float]):
    return {"label": run(rows)}

app.include_router(router, prefix="/v1")
```

A probe that gets 404 keeps the container from ever being ready, or has it restarted again and again.

```yaml bad path=k8s.yaml
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
        image: registry.example.com/scorer:1.0
        ports: [{containerPort: 8000}]
        readinessProbe:
          httpGet: {path: /health, port: 8000}  # <-
        livenessProbe:
          httpGet: {path: /healthz, port: 8000}
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
session = onnxruntime.InferenceSession("net.onnx")

@app.get("/healthz")
def health():
    return {"ok": True}
```

References: checked with Flask 3.1 and FastAPI 0.165 (`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asks, path_of
from deplint.code.services import GIVEN, routes, together, whole
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.listening import of_image, ports

ALIKE = 0.75
"""How alike two paths are of which one may be meant for the other."""


@rule(
    "DPL136",
    severity="error",
    leaves=["S.5.2", "S.5.4"],
    see=[
        "https://flask.palletsprojects.com/en/stable/quickstart/#http-methods",
        "https://fastapi.tiangolo.com/tutorial/first-steps/#define-a-path-operation-decorator",
        "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
    ],
)
def route_not_there(facts: PythonFile | Deployment, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Deployment):
        yield from _probes(facts, project)
        return
    for call, url, method in asks(facts):
        path = path_of(url)
        service = whole(project) if path is not None and not call.guarded and call.file is facts else None
        if service is None or path is None or service is facts or not together(project, facts, service):
            continue
        there = [route for route in routes(project) if route.path == path]
        if there and not any(method in route.methods for route in there):
            known = ", ".join(sorted({m for route in there for m in route.methods}))
            yield Finding(
                url,
                f"{service.path} answers at {path} to {known} alone: {method} is refused, 405 Method Not Allowed",
                help="name the method where the route is declared, or ask with the one it has",
            )
        elif not there and path not in GIVEN and (meant := _meant(path, method, project)):
            yield Finding(url, f"{service.path} has no {path}: 404 Not Found", help=f"it answers at {meant}")


def _meant(path: str, method: str, project: Project) -> str:
    """The path that is as good as certainly meant: the same below another folder, or nearly the same; empty if there is none."""
    known = [route.path for route in routes(project) if method in route.methods]
    last = path.rpartition("/")[2]
    same = [other for other in known if last and other.rpartition("/")[2] == last]
    return (same or difflib.get_close_matches(path, known, 1, ALIKE) or [""])[0]


def _probes(deployment: Deployment, project: Project) -> Iterator[Finding]:
    asked = [(c, p) for c in deployment.containers for p in c.probes if p.type == "http" and isinstance(p.port, int)]
    service = whole(project) if asked else None
    for container, probe in asked if service is not None else ():
        path = "/" + probe.path.partition("?")[0].strip("/")
        there = any(route.path == path and "GET" in route.methods for route in routes(project))
        if not there and path not in GIVEN and probe.port in _listens(container, deployment, project) and service is not None:
            known = ", ".join(sorted({route.path for route in routes(project) if "GET" in route.methods})) or "no path at all"
            yield Finding(
                probe.place,
                f"the {probe.kind} probe asks for {path}, and {service.path} answers GET at {known}: 404, so the container is never well",
                help="ask for a path that the service has",
            )


def _listens(container: Container, deployment: Deployment, project: Project) -> frozenset[int]:
    """The ports of a container that certainly runs the project's own image."""
    if container.build:
        found = ports(container, deployment, project)
        return found.ports if found is not None else frozenset()
    files = list(project.all(Dockerfile))
    image = next((d for d in project.all(Deployment) if len(files) == 1 and d.kind == "dockerfile" and d.path == files[0].path), None)
    alone = sum(len(d.containers) for d in project.all(Deployment) if d.kind == deployment.kind) == 1
    found = of_image(image, project) if image is not None and alone and container.entrypoint is None and not container.args else None
    return found.ports if found is not None else frozenset()

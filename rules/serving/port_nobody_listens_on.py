"""A port that leads to a container, or a probe, where nothing listens.

The server listens on one port (`--port`, `--bind`, `app.run(port=...)`, else its default: 8000 for uvicorn and gunicorn, 5000 for Flask),
and what is written beside it names another: ``curl: (56) Recv failure: Connection reset by peer`` for a published port, ``Readiness probe
failed: connect: connection refused`` for a probe, after which Kubernetes sends no requests or starts the pod again and again.

```yaml bad path=docker-compose.yml
services:
  api:
    build: .
    ports:
      - "80:5000"  # <- uvicorn listens on 8000
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

A script that is started counts as well.

```yaml bad path=docker-compose.yml
services:
  api:
    build: .
    ports: ["8080:8080"]  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY app.py .
CMD ["python", "app.py"]
```

```python + path=app.py
import onnxruntime
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
```

So does the image that a script builds and runs.

```sh bad path=run.sh
docker build -t classifier .
docker run --rm -p 8080:8080 classifier # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

A probe, and a Service:

```yaml bad path=deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: toxic}
spec:
  selector: {matchLabels: {app: toxic}}
  template:
    metadata: {labels: {app: toxic}}
    spec:
      containers:
        - name: toxic
          image: registry.local/toxic:1.4.0
          ports: [{containerPort: 8080}]
          readinessProbe:
            httpGet: {path: /healthz, port: 8000}  # <-
---
apiVersion: v1
kind: Service
metadata: {name: toxic}
spec:
  selector: {app: toxic}
  ports:
    - port: 80
      targetPort: 5000  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
CMD ["gunicorn", "-b", "0.0.0.0:8080", "main:app"]
```

Knative, and with it Cloud Run and KServe, sends the requests to the port that is named, else to 8080.

```yaml bad path=service.yaml
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: classify}
spec:
  template:
    spec:
      containers:
        - image: registry.local/team/classify:1
          ports: [{containerPort: 8080}]  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["python", "main.py"]
```

```python + path=main.py
import onnxruntime
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
```

The image's own check:

```dockerfile bad
FROM python:3.11-slim
HEALTHCHECK CMD curl -f http://localhost:5000/health || exit 1 # <-
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8080"]
```

What decides elsewhere is not known: a variable, another server in front, a port that the code opens.

```yaml good path=docker-compose.yml
services:
  api:
    build: .
    ports: ["80:8000", "9100:9100"]
  moved:
    build: .
    command: uvicorn main:app --host 0.0.0.0 --port 5000
    ports: ["81:5000"]
  told:
    build: .
    environment: {PORT: 9000}
    ports: ["82:9000"]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
HEALTHCHECK CMD curl -f http://localhost:8000/health || exit 1
CMD ["gunicorn", "--bind=0.0.0.0:8000", "main:app"]
```

```python + path=main.py
import onnxruntime
from prometheus_client import start_http_server

start_http_server(9100)
```

In Kubernetes as well:

```yaml good path=deployment.yaml
apiVersion: v1
kind: Pod
metadata: {name: toxic, labels: {app: toxic}}
spec:
  containers:
    - name: toxic
      image: registry.local/toxic:1.4.0
      ports: [{containerPort: 8080}, {containerPort: 9000}]
      livenessProbe: {tcpSocket: {port: 9000}}
      readinessProbe: {httpGet: {path: /healthz, port: 8080}}
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
CMD exec gunicorn --bind :$PORT main:app
```

References: https://docs.docker.com/engine/network/port-publishing/; https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/;
the servers' own documents for their defaults.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Place, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.containers import Container, Deployment, together
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.listening import Listening, image_of, made_from, of_image, ports
from deplint.settings.serving import mentioned

KNATIVE = ("serving.knative.dev/", "serving.kserve.io/")
CHECKED = re.compile(r"(?:localhost|127\.0\.0\.1|0\.0\.0\.0):(\d+)")


@rule(
    "DPL674",
    severity="error",
    leaves=["S.3.3", "S.5.4"],
    see=[
        "https://docs.docker.com/engine/network/port-publishing/",
        "https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        "https://stackoverflow.com/q/39525820",
    ],
)
def port_nobody_listens_on(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if deployment.kind == "dockerfile":
        yield from _own_check(deployment, project)
        return
    for container in deployment.containers:
        if deployment.kind == "kubernetes":
            yield from _in_kubernetes(container, deployment, project)
        elif deployment.kind in ("compose", "script") and container.network != "host":
            listening = ports(container, deployment, project)
            for port in container.ports if listening is not None else ():
                if port.published and port.container is not None:
                    yield from _finding(port.container, port.place, "the port that is published", listening, project)


def _finding(port: int, place: Place, what: str, listening: Listening | None, project: Project) -> Iterator[Finding]:
    """That nothing listens on a port, unless code of the project names it."""
    if listening is None or port in listening.ports or _in_code(project, port):
        return
    known = ", ".join(map(str, sorted(listening.ports)))
    yield Finding(
        place,
        f"{what} leads to {port}, where nothing listens: {listening.program} listens on {known} ({listening.place.path})",
        help=f"name port {known} here, or let the server listen on {port}",
    )


@lru_cache(maxsize=64)
def _in_code(project: Project, port: int) -> bool:
    return any(re.search(rf"\b{port}\b", file.text) for file in project.all(PythonFile))


def _in_kubernetes(container: Container, deployment: Deployment, project: Project) -> Iterator[Finding]:
    """A probe and a Service that name another port than the container does, where the image that listens there is the project's own."""
    if any((tree.string("apiVersion") or "").startswith(KNATIVE) for tree in deployment.documents):
        yield from _in_knative(container, deployment, project)
        return
    named = {port.container for port in container.ports}
    alone = [other for other in deployment.containers if other.labels == container.labels] == [container]
    listening = _image(container, deployment, project) if alone else None
    if listening is None or not named or None in named or not listening.ports <= named:
        return
    for probe in container.probes:
        if probe.type in ("http", "tcp") and isinstance(probe.port, int) and probe.port not in named:
            yield from _finding(probe.port, probe.place, f"the {probe.kind} probe", listening, project)
    for manifest in together(deployment, project):
        for service in manifest.services if manifest.path == deployment.path else ():
            if service.selector and service.selector.items() <= container.labels.items():
                for port in service.ports:
                    if isinstance(port.target, int) and port.target not in named:
                        yield from _finding(port.target, port.place, f"the Service {service.name}", listening, project)


def _in_knative(container: Container, deployment: Deployment, project: Project) -> Iterator[Finding]:
    """Knative, and so Cloud Run and KServe, sends requests to the one port that is named, else to 8080, and tells it as `PORT`."""
    listening = _image(container, deployment, project) if len(deployment.containers) == 1 and len(container.ports) < 2 else None
    port = container.ports[0] if container.ports else None
    number = port.container if port is not None else 8080
    if listening is not None and number is not None and number not in listening.ports:
        yield from _finding(number, port.place if port is not None else container.place, "Knative", listening, project)


def _image(container: Container, deployment: Deployment, project: Project) -> Listening | None:
    """What the container listens on: by its own command, or as the one Dockerfile of the project says, for an image that is not a public
    one and that is not told another port."""
    if container.entrypoint is not None or container.args:
        return ports(container, deployment, project)
    file = made_from(container, deployment, project)
    told = any(re.search("PORT|BIND|ADDR", variable) for variable in container.env) or "env" in container.partial
    if told or file is None or mentioned(project, r"(?m)^\s*COPY .*\.conf|supervisord"):
        return None
    image = image_of(file, project)
    return of_image(image, project) if image is not None else None


def _own_check(deployment: Deployment, project: Project) -> Iterator[Finding]:
    """HEALTHCHECK of a Dockerfile."""
    file = next((f for f in project.all(Dockerfile) if f.path == deployment.path), None)
    checks = [i for i in file.final.all("HEALTHCHECK") if i.place.path == deployment.path] if file is not None else []
    match = CHECKED.search(" ".join(word.written for word in checks[-1].words)) if checks else None
    if match is not None:
        yield from _finding(int(match[1]), checks[-1].place, "the health check", of_image(deployment, project), project)

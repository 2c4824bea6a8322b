"""REST sent to TensorFlow Serving's gRPC port, or gRPC to its REST port.

The image listens on 8500 for gRPC and on 8501 for REST. A request to the other one gets no answer that helps: ``Connection aborted``,
``BadStatusLine``, ``failed to connect to all addresses``.

```python bad
import requests

URL = "http://localhost:8500/v1/models/labels:predict"  # <-
requests.post(URL, json={"instances": [[1.0]]})
```

```python bad
import grpc
from tensorflow_serving.apis import prediction_service_pb2_grpc

channel = grpc.insecure_channel("localhost:8501")  # <-
stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
```

```python good
import grpc
import requests
from tensorflow_serving.apis import prediction_service_pb2_grpc

requests.post("http://localhost:8501/v1/models/labels:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:9500/v1/models/labels:predict", json={"instances": [[1.0]]})
stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
```

Where the project itself moves the ports, the numbers say nothing.

```python good path=client.py
import requests

requests.post("http://localhost:8500/v1/models/labels:predict", json={"instances": [[1.0]]})
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    ports: ["8500:8501"]
```

A port that is not published cannot be reached from outside the container.

```python bad path=client.py
import requests

requests.post("http://localhost:8501/v1/models/model:predict", json={"instances": [[1.0]]})  # <-
```

```bash + path=run.sh
docker run -p 8500:8500 -v /srv/labels:/models/model tensorflow/serving:2.19.0
```

A Service in Kubernetes leads to a port that the server listens on.

```yaml bad path=serving.yaml
apiVersion: v1
kind: Service
metadata: {name: labels}
spec:
  selector: {app: labels}
  ports:
    - port: 80
      targetPort: 8051  # <-
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: labels}
spec:
  selector: {matchLabels: {app: labels}}
  template:
    metadata: {labels: {app: labels}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          ports: [{containerPort: 8501}]
```

```yaml good path=serving.yaml
apiVersion: v1
kind: Service
metadata: {name: labels}
spec:
  selector: {app: labels}
  ports:
    - {name: grpc, port: 9000, targetPort: 8500}
    - {name: rest, port: 80, targetPort: rest}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: labels}
spec:
  selector: {matchLabels: {app: labels}}
  template:
    metadata: {labels: {app: labels}}
    spec:
      containers:
        - name: serving
          image: tensorflow/serving:2.19.0
          ports: [{containerPort: 8501, name: rest}]
```

The address may come by a variable of the environment.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.14.1
    command: ["--model_name=price", "--model_base_path=/models/price"]
  web:
    build: .
    environment:
      SERVING_URL: "http://serving:8500/v1/models/price:predict"  # <-
      SERVING_PORT: "8500"  # <-
      GRPC_PORT: "8500"
      GRPC_TARGET: "serving:8500"
```

```python + path=web.py
import os
import grpc
import requests
from tensorflow_serving.apis import prediction_service_pb2_grpc

URL = os.environ["SERVING_URL"]
PORT = int(os.environ.get("SERVING_PORT", 8501))
GRPC = os.environ["GRPC_PORT"]

def ask(rows):
    requests.post(f"http://serving:{PORT}/v1/models/price:predict", json={"instances": rows})
    return prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel(f"serving:{GRPC}"))
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.14.1
    command: ["--model_name=price", "--rest_api_port=8500", "--port=8600"]
  web:
    build: .
    environment:
      - SERVING_URL=http://serving:8500/v1/models/price:predict
      - OTHER_URL=http://elsewhere:8500/api
```

References: `tensorflow_serving/tools/docker/Dockerfile` of TensorFlow Serving.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.requests import channels, rest, written
from deplint.settings.containers import Deployment
from deplint.settings.serving import GRPC, REST, Server, kserve, mentioned, run_by, servers
from deplint.settings.variables import told

LOCAL = ("localhost", "127.0.0.1", "0.0.0.0", "[::1]")
ADDRESS = re.compile(rf"https?://(?P<host>[\w.-]+):{GRPC}(?P<path>/.*)?", re.S)
SPEAKS = {GRPC: "gRPC", REST: "REST"}


@rule(
    "DPL506",
    severity="error",
    leaves=["S.3.3", "S.5.2"],
    see=["https://github.com/tensorflow/serving/blob/master/tensorflow_serving/g3doc/docker.md", "https://stackoverflow.com/q/57776149"],
)
def tfs_port_protocol_mixup(facts: PythonFile | Deployment, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Deployment):
        yield from _services(facts, project)
        yield from _variables(facts, project)
        return
    for request in rest(facts):
        if request.port in SPEAKS and not kserve(project):
            place = written(request.url, f":{request.port}")
            yield from _asked(facts, project, place, request.host or "", request.port or 0, REST)
    for target in channels(facts):
        for address in target.texts[:1]:
            host, _, port = address.rpartition(":")
            if port.isdigit() and int(port) in SPEAKS:
                yield from _asked(facts, project, written(target, f":{port}"), host, int(port), GRPC)


def _asked(file: PythonFile, project: Project, place: Place, host: str, port: int, wanted: int) -> Iterator[Finding]:
    if port != wanted:
        if not _moved(project, port, wanted, file):
            yield Finding(
                place,
                f"TensorFlow Serving speaks {SPEAKS[port]} on port {port}, and {SPEAKS[wanted]} is asked for here",
                help=f"{SPEAKS[wanted]} is on port {wanted}",
            )
        return
    inside = project.area(file)
    run = [server for server in servers(project) if server.deployment.kind != "dockerfile" and server.path.is_relative_to(inside)]
    closed = [server for server in run if _publishes(server) and port not in _publishes(server)]
    if host in LOCAL and run and len(closed) == len(run) and not mentioned(project, rf"\b{port}:\d|port-forward|[Ll] {port}:", file.path):
        there = ", ".join(map(str, sorted(_publishes(closed[0]))))
        yield Finding(
            place,
            f"port {port} of TensorFlow Serving is not published: {closed[0].deployment.path} publishes {there} only",
            help=f"publish it: -p {port}:{port}",
        )


def _variables(deployment: Deployment, project: Project) -> Iterator[Finding]:
    """Addresses that the environment tells a client: one with a scheme is for REST."""
    found = [variable for variable in told(deployment, project) if str(GRPC) in (variable.word.text or "")]
    if not found or not servers(project) or kserve(project) or _moved(project, GRPC, REST, deployment):
        return
    hosts = {server.container.name for server in servers(project)} | {
        service.name for d in project.all(Deployment) for service in d.services if any(run_by(d, project)) for _ in d.behind(service)[:1]
    }
    for variable in found:
        match = ADDRESS.fullmatch(variable.word.text or "")
        asked = match is not None and (match["host"].partition(".")[0] in hosts or "/v1/models" in (match["path"] or ""))
        if asked or (variable.word.text == str(GRPC) and _in_address(variable.name, project)):
            yield Finding(
                variable.word.place,
                f"TensorFlow Serving speaks gRPC on port {GRPC}, and {variable.name} is the address of REST requests",
                help=f"REST is on port {REST}",
            )


def _in_address(name: str, project: Project) -> bool:
    """The port that code reads from a variable of the environment is that of addresses of REST, and of nothing else."""
    read = re.compile(rf"(\w+)\s*(?::\s*\w+\s*)?=\s*(?:int\(|str\()?os\.(?:environ\.get\(|environ\[|getenv\()[\"']{name}[\"']")
    for file in files_with(project, read):
        named = "|".join({match[1] for match in read.finditer(file.text)})
        if re.search(rf"[\"']https?://[^\"'\n]*\{{(?:\w+\.)?(?:{named})\}}", file.text) and "/v1/models" in file.text:
            return True
    return False


def _moved(project: Project, port: int, wanted: int, near: PythonFile | Deployment) -> bool:
    """The project leads `port` to what is asked for there."""
    flag = "rest_api_port" if wanted == REST else "port"
    for server in servers(project):
        given = server.flags.get(flag)
        if any(p.host == port and p.container in (wanted, None) for p in server.container.ports) or (
            given and given.text in (str(port), None)
        ):
            return True
    led = (p for deployment in project.all(Deployment) for service in deployment.services for p in service.ports)
    return any(p.port == port and p.target != port for p in led) or mentioned(
        project, rf"\b{port}:{wanted}\b|--{flag}[= ]+{port}\b", near.path, project.area(near)
    )


def _publishes(server: Server) -> set[int]:
    """The ports of the host that certainly are all that lead to the server; empty if nobody can tell."""
    ports = [port for port in server.container.ports if port.published]
    known = {port.host for port in ports if port.host is not None}
    certain = server.deployment.kind in ("compose", "script") and server.container.network == "" and "ports" not in server.unknown
    return known if certain and len(known) == len(ports) else set()


def _services(deployment: Deployment, project: Project) -> Iterator[Finding]:
    run = {id(server.container): server for server in run_by(deployment, project)} if deployment.services else {}
    for service in deployment.services:
        behind = [run.get(id(container)) for container in deployment.behind(service)]
        listening = [_listens(server) if server is not None else None for server in behind]
        for port in service.ports if behind and None not in listening else ():
            names = {p.name for server in behind if server is not None for p in server.container.ports if p.name}
            numbers = {number for numbers in listening for number in numbers or ()}
            if port.target is not None and port.target not in (names | numbers):
                yield Finding(
                    port,
                    f"the Service leads to port {port.target}, and TensorFlow Serving listens on {' and '.join(map(str, sorted(numbers)))}",
                    help=f"targetPort is {REST} for REST, {GRPC} for gRPC",
                )


def _listens(server: Server) -> set[int] | None:
    """The ports the server listens on; None if they are not known."""
    if not server.plain:
        return None
    given = [server.flags.get("port"), server.flags.get("rest_api_port")]
    ports = [word.number if word else default for word, default in zip(given, (GRPC, REST), strict=True)]
    return {port for port in ports if port} if None not in ports else None

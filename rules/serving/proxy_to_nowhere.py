"""nginx in a container that hands requests on to where nothing listens.

In a container `localhost` is the container itself, other services go by their names, and by the port they listen on, not by the one that is
published. ``connect() failed (111: Connection refused) while connecting to upstream``, ``502 Bad Gateway``; an unknown name keeps nginx
from starting: ``host not found in upstream``.

```yaml bad path=docker-compose.yml
services:
  web:
    image: nginx:1.27
    volumes: ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
    ports: ["80:80"]
  serving:
    image: tensorflow/serving:2.19.0
    ports: ["8501:8501"]
```

```nginx + path=nginx.conf
server {
    listen 80;
    location /v1/ {
        proxy_pass http://localhost:8501; # <-
    }
}
```

A port that is published, and a name that is none:

```nginx bad path=nginx/default.conf
upstream api { server api:9000; }
server {
    listen 80;
    location / {
        proxy_pass http://api; # <-
    }
    location /models/ {
        proxy_pass http://modelserver:8501; # <-
    }
}
```

```dockerfile + path=nginx/Dockerfile
FROM nginx:1.27
COPY default.conf /etc/nginx/conf.d/default.conf
```

```yaml + path=docker-compose.yml
services:
  web:
    build: ./nginx
    ports: ["80:80"]
  api:
    build: ./api
    ports: ["9000:8000"]
  serving:
    image: tensorflow/serving:2.19.0
```

```dockerfile + path=api/Dockerfile
FROM python:3.11-slim
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

Names and ports as they are, the network of the host, an alias, a port that nginx itself listens on:

```nginx good path=nginx.conf
upstream api { server api:8000; }
server { listen 80; location / { proxy_pass http://api; } location /tfs/ { proxy_pass http://models:8501/; } }
server { listen 8081; location / { return 200; } }
server { listen 82; location / { proxy_pass http://127.0.0.1:8081; } location /x/ { proxy_pass http://${HOST}:80; } }
```

```yaml + path=docker-compose.yml
services:
  web:
    image: nginx:1.27
    volumes: ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
  api:
    build: ./api
  serving:
    image: tensorflow/serving:2.19.0
    networks: {inner: {aliases: [models]}}
networks: {inner: {}}
```

```dockerfile + path=api/Dockerfile
FROM python:3.11-slim
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

With the host's network:

```nginx good path=nginx.conf
server { listen 80; location / { proxy_pass http://localhost:8501; } }
```

```yaml + path=docker-compose.yml
services:
  web:
    image: nginx:1.27
    network_mode: host
    volumes: ["./nginx.conf:/etc/nginx/conf.d/default.conf:ro"]
  serving:
    image: tensorflow/serving:2.19.0
    ports: ["8501:8501"]
```

References: https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass; https://docs.docker.com/compose/how-tos/networking/
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.apps.proxies import named, running
from deplint.code.python import PythonFile
from deplint.settings.containers import Container, Deployment
from deplint.settings.listening import ports
from deplint.settings.nginx import NginxConfig, Proxied, proxied
from deplint.settings.serving import GRPC, REST, run_by

_HERE = ("localhost", "127.0.0.1", "0.0.0.0")
Runner = tuple[Container, Deployment]


@rule(
    "DPL662",
    severity="error",
    leaves=["S.3.3", "S.5.4"],
    see=[
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
        "https://docs.docker.com/compose/how-tos/networking/",
        "https://stackoverflow.com/q/42720618",
    ],
)
def proxy_to_nowhere(config: NginxConfig, project: Project) -> Iterator[Finding]:
    runners = list(running(config, project))
    if not runners or any(container.network for container, _ in runners):
        return
    listens = {
        int(port[1]) for c in project.all(NginxConfig) for d in c.all("listen") if (port := re.search(r"(\d+)$", (d.texts or [""])[0]))
    }
    seen = set()
    for each in proxied(config):
        found = [why for runner in runners if (why := _wrong(each, runner, listens, project))]
        if len(found) == len(runners) and each.directive not in seen:
            seen.add(each.directive)
            yield Finding(each.directive, found[0][0], help=found[0][1])


def _wrong(each: Proxied, runner: Runner, listens: set[int], project: Project) -> tuple[str, str] | None:
    """Why nothing answers at an address that a container's nginx hands requests on to."""
    container, deployment = runner
    if each.host in _HERE:
        if each.port in listens:
            return None
        what = f"in the container {container.name} ({deployment.path}), {each.host} is that container, and only nginx runs there"
        return f"{what}: 502 Bad Gateway", "write the name of the service, and the port it listens on"
    other = named(deployment, each.host, project)
    if other is None:
        return _unknown(each, deployment)
    if other[0].network:
        return None
    known = _listening(other, project)
    if not known or each.port in known or _in_code(each.port, project):
        return None
    words = ", ".join(map(str, sorted(known)))
    return (
        f"nothing listens on port {each.port} of {each.host}, which listens on {words}: 502 Bad Gateway",
        f"write {each.host}:{min(known)}",
    )


def _unknown(each: Proxied, deployment: Deployment) -> tuple[str, str] | None:
    """That a name is that of no service, as far as the compose file can tell."""
    if "." in each.host or "_" in each.host or not any(d.get("services") for d in deployment.documents):
        return None
    text = " ".join(n.text or "" for d in deployment.documents for n in d.walk()) + " ".join(
        k for d in deployment.documents for k in d.entries
    )
    partial = any(d.get(key) for d in deployment.documents for key in ("include", "x-services"))
    extended = any(s.get(k) for d in deployment.documents for s in d.map("services").values() for k in ("extends", "extra_hosts", "links"))
    external = any(n.get("external") for d in deployment.documents for n in d.map("networks").values())
    if partial or extended or external or re.search(rf"\b{re.escape(each.host)}\b", text):
        return None
    return (
        f"{deployment.path} has no service called {each.host}: host not found in upstream, and nginx does not start",
        "write the name of a service",
    )


def _listening(other: Runner, project: Project) -> frozenset[int]:
    """The ports that a container listens on; none where that is not known."""
    container, deployment = other
    for server in run_by(deployment, project):
        if server.container is container:
            moved = {"port", "rest_api_port"} & server.flags.keys()
            return frozenset({GRPC, REST}) if server.plain and not moved else frozenset()
    found = ports(container, deployment, project)
    return found.ports if found is not None else frozenset()


def _in_code(port: int | None, project: Project) -> bool:
    return any(re.search(rf"\b{port}\b", file.text) for file in project.all(PythonFile))

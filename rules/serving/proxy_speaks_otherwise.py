"""nginx that speaks another protocol than the model server behind it, or asks for unknown paths.

`proxy_pass` speaks HTTP/1, `grpc_pass` gRPC, and that needs clients who reach nginx with HTTP/2. TensorFlow Serving listens on 8500 for
gRPC and on 8501 for REST, Triton on 8001 and 8000: ``upstream sent no valid HTTP/1.0 header``, ``502 Bad Gateway``. And what nginx hands on
is the path as it came, unless the address of `proxy_pass` ends in a path, which then replaces that of the location: TensorFlow Serving
answers below /v1 only, ``Malformed request: POST /tfs/v1/models/labels:predict``.

```nginx bad path=nginx/default.conf
server {
    listen 80;
    location /v1/ {
        proxy_pass http://serving:8500; # <-
    }
    location /tfs/ {
        proxy_pass http://serving:8501; # <-
    }
    location /v1/models/ {
        proxy_pass http://serving:8501/; # <-
    }
    location /tensorflow.serving.PredictionService {
        grpc_pass grpc://serving:8501; # <-
    }
    location /predict {
        proxy_pass http://serving:8501/models/labels:predict; # <-
    }
}
```

```yaml + path=docker-compose.yml
services:
  web: {image: "nginx:1.27"}
  serving: {image: "tensorflow/serving:2.19.0"}
```

Clients of gRPC cannot reach it:

```nginx bad path=nginx.conf
http {
    server {
        listen 8443;
        location / {
            grpc_pass grpc://triton:8001; # <-
        }
    }
}
```

```yaml + path=docker-compose.yml
services:
  web: {image: "nginx:1.27"}
  triton: {image: "nvcr.io/nvidia/tritonserver:24.05-py3"}
```

As it should be:

```nginx good path=nginx/default.conf
upstream rest { server serving:8501; }
server {
    listen 80;
    listen 8443 http2;
    location /v1/ { proxy_pass http://serving:8501; }
    location /tfs/ { proxy_pass http://serving:8501/; }
    location /tfs/v1/ { proxy_pass http://rest/v1/; }
    location /labels { proxy_pass http://serving:8501/v1/models/labels:predict; }
    location /moved/ { rewrite ^/moved/(.*)$ /v1/$1 break; proxy_pass http://serving:8501; }
    location /tensorflow.serving.PredictionService { grpc_pass grpc://serving:8500; }
    location /monitoring/ { proxy_pass http://serving:8501; }
    location / { proxy_pass http://serving:8501; }
}
```

```yaml + path=docker-compose.yml
services:
  web: {image: "nginx:1.27"}
  serving: {image: "tensorflow/serving:2.19.0"}
```

Ports that were moved, and servers that are no model servers:

```nginx good path=nginx/default.conf
server {
    location /a/ { proxy_pass http://serving:8500; }
    location /b/ { proxy_pass http://dashboard:8501; }
}
```

```yaml + path=docker-compose.yml
services:
  web: {image: "nginx:1.27"}
  serving: {image: "tensorflow/serving:2.19.0", command: ["--rest_api_port=8500", "--port=9000"]}
  dashboard: {build: streamlit}
```

References: https://nginx.org/en/docs/http/ngx_http_grpc_module.html; https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass;
`tensorflow_serving/model_servers/http_rest_api_handler.cc` of TensorFlow Serving 2.19.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.apps.proxies import around, named
from deplint.settings.containers import Deployment
from deplint.settings.nginx import Directive, NginxConfig, Proxied, modifier, proxied
from deplint.settings.serving import run_by

PORTS = {"TensorFlow Serving": (8500, 8501), "Triton": (8001, 8000)}
"""Model server -> its port for gRPC, its port for REST."""

PATHS = {"TensorFlow Serving": ("/v1/", "/monitoring/"), "Triton": ("/v2/", "/metrics")}
"""Model server -> what its paths over REST begin with."""


@rule(
    "DPL663",
    severity="error",
    leaves=["S.3.3", "S.5.2"],
    see=[
        "https://nginx.org/en/docs/http/ngx_http_grpc_module.html",
        "https://nginx.org/en/docs/http/ngx_http_proxy_module.html#proxy_pass",
        "https://github.com/tensorflow/serving/blob/2.19.1/tensorflow_serving/model_servers/http_rest_api_handler.cc",
    ],
)
def proxy_speaks_otherwise(config: NginxConfig, project: Project) -> Iterator[Finding]:
    seen = set()
    for each in proxied(config):
        server = _server(each.host, config, project)
        if not server or each.directive in seen:
            continue
        grpc, rest = PORTS[server]
        found = None
        if each.scheme.startswith("http") and each.port == grpc:
            found = f"port {grpc} of {server} speaks gRPC, and proxy_pass HTTP/1: 502 Bad Gateway", f"{each.host}:{rest}, or grpc_pass"
        elif each.scheme.startswith("grpc") and each.port == rest:
            found = f"port {rest} of {server} speaks REST, and grpc_pass gRPC: 502 Bad Gateway", f"grpc://{each.host}:{grpc}"
        elif each.scheme.startswith("grpc") and not _http2(each.directive, config):
            found = "clients of gRPC speak HTTP/2, which this server is not told to: they are answered 400 or not at all", "http2 on;"
        elif each.port == rest and each.scheme.startswith("http"):
            found = _path(each, server)
        if found is not None:
            seen.add(each.directive)
            yield Finding(each.directive, found[0], help=found[1])


def _server(host: str, config: NginxConfig, project: Project) -> str:
    """What model server a name leads to, where it listens on its own ports."""
    folder = around(project, config)
    for deployment in project.all(Deployment):
        beside = deployment.kind == "compose" and Path(os.path.abspath(deployment.path)).is_relative_to(folder)
        found = named(deployment, host, project) if beside else None
        if found is None:
            continue
        container, where = found
        for server in run_by(where, project):
            if server.container is container:
                return "TensorFlow Serving" if server.plain and not {"port", "rest_api_port"} & server.flags.keys() else ""
        name = (container.image.name if container.image is not None else None) or ""
        if name.endswith("/tritonserver") and not re.search(r"port", " ".join(word.written for word in container.args)):
            return "Triton" if "args" not in container.partial else ""
        return ""
    return ""


def _http2(directive: Directive, config: NginxConfig) -> bool:
    """Whether the server that a directive is in may speak HTTP/2; also where its ports are set elsewhere."""
    server = next((each for each in directive.around if each.name == "server"), None)
    if server is None or any(each.name == "include" and not each.texts[0].endswith("mime.types") for each in server.body if each.texts):
        return True
    listens = server.all("listen")
    ports = {re.sub(r".*:", "", each.texts[0]) for each in listens if each.texts}
    shared = [each for each in config.all("listen") if each.texts and re.sub(r".*:", "", each.texts[0]) in ports]
    turned_on = any(each.texts == ["on"] for each in config.all("http2"))
    return turned_on or not listens or any({"http2", "quic"} & set(each.texts) or "$" in each.texts[0] for each in shared)


def _path(each: Proxied, server: str) -> tuple[str, str] | None:
    """That no request that comes this way asks for a path that the server answers."""
    kind, prefix = modifier(each.location)
    if each.location.name != "location" or kind not in ("", "^~") or any(d.name in ("rewrite", "if", "set") for d in each.location.walk()):
        return None
    outer = each.location.above
    if outer is not None and any(d.name in ("rewrite", "if") for d in outer.body):
        return None
    goes = prefix if each.uri is None else each.uri
    known = PATHS[server]
    if each.uri == "/" and any(prefix.startswith(path.rstrip("/")) for path in known):
        return (
            f"the / after the port replaces {prefix}: {server} is asked for paths without it, and answers below {known[0]} only",
            f"leave it out: proxy_pass {each.scheme}://{each.host}:{each.port};",
        )
    if any(goes.startswith(path.rstrip("/")) or path.startswith(goes) for path in known):
        return None
    return (
        f"{server} is asked for paths that begin with {goes}, and answers below {known[0]} only: Malformed request",
        f"proxy_pass {each.scheme}://{each.host}:{each.port}/; replaces {prefix} by /" if each.uri is None else f"a path below {known[0]}",
    )

"""An address that Triton's client cannot use.

The clients take ``host:port`` and no scheme: the one for HTTP raises ``InferenceServerException: url should not include the scheme``, gRPC
finds no such host. HTTP is spoken at port 8000 and gRPC at 8001, unless the server is told otherwise.

```python bad
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient

first = httpclient.InferenceServerClient(url="http://triton:8000")  # <-
second = grpcclient.InferenceServerClient("http://triton:8001")  # <-
third = httpclient.InferenceServerClient(url="localhost:8001")  # <- that is gRPC
fourth = grpcclient.InferenceServerClient("localhost:8000")  # <-
```

```python good
import os
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient

first = httpclient.InferenceServerClient(url="triton:8000")
second = grpcclient.InferenceServerClient("localhost:8001")
third = httpclient.InferenceServerClient(os.environ["TRITON"])
fourth = httpclient.InferenceServerClient(url="triton.example.org", ssl=True)
```

Ports may be moved.

```yaml good path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:23.10-py3
    ports: ["8001:8000"]
```

```python + path=client.py
import tritonclient.http as httpclient

client = httpclient.InferenceServerClient(url="localhost:8001")
```

References: `tritonclient/http/_client.py` of triton-inference-server/client; executed with tritonclient 2.72.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.containers import Deployment
from deplint.settings.serving import mentioned

CLIENT = "{tritonclient.{http,grpc}{,.aio},tritonhttpclient,tritongrpcclient}.InferenceServerClient"
PORTS = {"http": 8000, "grpc": 8001}
WORDS = {"http": "HTTP", "grpc": "gRPC"}


@rule(
    "DPL684",
    severity="error",
    leaves=["S.5.2", "S.5.4"],
    see=["https://github.com/triton-inference-server/client/blob/main/src/python/library/tritonclient/http/_client.py"],
)
def triton_client_address(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(CLIENT):
        kind = "http" if "http" in call.name else "grpc"
        url = call.argument("url", 0).text
        if not url or call.guarded:
            continue
        if match := re.match(r"(https?|grpc)://", url):
            why = "it raises, url should not include the scheme" if kind == "http" else "there is no such host"
            yield Finding(call, f"the address {url} begins with a scheme: {why}", help=f"url={url[match.end() :].rstrip('/')!r}")
            continue
        port = re.fullmatch(r"[\w.-]+:(\d+)", url)
        other = "grpc" if kind == "http" else "http"
        if port is not None and int(port[1]) == PORTS[other] and not _moved(project, int(port[1])):
            yield Finding(
                call,
                f"port {port[1]} of Triton speaks {WORDS[other]}, and this client {WORDS[kind]}",
                help=f"port {PORTS[kind]}, or the other client",
            )


def _moved(project: Project, port: int) -> bool:
    """Something in the project leads this port to another one, or sets a port of the server."""
    ports = (p for d in project.all(Deployment) for c in d.containers for p in c.ports)
    moved = any(p.host == port and p.container != port for p in ports)
    return moved or mentioned(project, rf"--(http|grpc)[-_]port|{port}:80(?!{str(port)[2:]})")

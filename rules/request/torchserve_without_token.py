"""Requests without a token to a TorchServe that asks for one.

Since 0.11.1 TorchServe makes tokens when it starts, writes them to `key_file.json` and refuses requests without: ``Token Authorization failed.
Token either incorrect, expired, or not provided correctly``, status 400. A client written for an older release sends none.

```python bad path=client.py
import requests

with open("apple.jpg", "rb") as picture:
    print(requests.post("http://localhost:8080/predictions/fruit", data=picture).json())  # <-
    print(requests.post("http://localhost:8080/predictions/fruit", data=picture, headers={"Authorization": f"Bearer {token()}"}).json())
```

```yaml + path=docker-compose.yml
services:
  ts:
    image: pytorch/torchserve:0.12.0-cpu
    command: ["torchserve", "--start", "--model-store", "/models", "--models", "fruit=fruit.mar"]
    ports: ["8080:8080"]
```

It may be switched off, by the command, by ``config.properties``, or for older images it is no matter.

```python good path=client.py
import requests

requests.post("http://localhost:8080/predictions/fruit", data=open("apple.jpg", "rb"))
```

```yaml + path=docker-compose.yml
services:
  ts:
    image: pytorch/torchserve:0.12.0-cpu
    command: ["torchserve", "--start", "--model-store", "/models", "--models", "fruit=fruit.mar", "--disable-token-auth"]
    ports: ["8080:8080"]
```

References: "TorchServe token authorization API", and the release notes of 0.11.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asks
from deplint.settings.commands import programs
from deplint.settings.containers import Container, Deployment
from deplint.settings.serving import mentioned

ADDRESS = re.compile(r"/predictions/[^/]+(?:/[\d.]+)?$")
OFF = r"disable[-_]token[-_]auth|DISABLE_TOKEN_AUTHORIZATION"
NEW = re.compile(r"(?:v)?0\.(?:11\.[1-9]|1[2-9]\.)")


@rule(
    "DPL877",
    severity="error",
    leaves=["S.5.4", "S.5.2"],
    see=[
        "https://github.com/pytorch/serve/blob/v0.12.0/docs/token_authorization_api.md",
        "https://github.com/pytorch/serve/releases/tag/v0.11.1",
    ],
)
def torchserve_without_token(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call, url, method in asks(file):
        address = "".join("\0" if piece is None else piece for piece in url.pieces)
        if method != "POST" or not ADDRESS.search(address) or call.guarded or call.open or call.name.startswith("aiohttp"):
            continue
        sent = call.argument("headers")
        plain = sent.missing or (sent.exact and all(key.text and key.text.lower() != "authorization" for key, _ in sent.entries or ()))
        session = "ession()" in call.name or "Client()" in call.name
        if plain and not session and call.argument("auth").missing and _asks(project):
            yield Finding(
                call,
                "TorchServe asks for a token since 0.11.1, and this request has none: Token Authorization failed, 400",
                help='headers={"Authorization": "Bearer ..."} with the token of key_file.json, or start it with --disable-token-auth',
            )


def _asks(project: Project) -> bool:
    """Some TorchServe of the project is started by a command of its own that leaves tokens on, and nothing in the project turns them off."""
    containers = [c for d in project.all(Deployment) for c in d.containers if d.kind != "script" and _new(c)]
    started = [p for d in project.all(Deployment) for p in programs(d) if p.name == "torchserve" and p.container in containers and p.known]
    return bool(started) and len(started) == len(containers) and not mentioned(project, OFF)


def _new(container: Container) -> bool:
    image = container.image
    return image is not None and image.repository == "pytorch/torchserve" and NEW.match(image.tag or "") is not None

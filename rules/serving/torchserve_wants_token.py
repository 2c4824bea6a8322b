"""A client without a token, of a TorchServe that wants one.

Since 0.11.1 TorchServe makes keys when it starts, writes them to `key_file.json`, and answers a request that brings none with status 400:
``Token Authorization failed. Token either incorrect, expired, or not provided correctly``. Here no settings switch that off, and nothing
sends a token.

```python bad path=client.py
import requests

answer = requests.post("http://localhost:8080/predictions/digits", data=open("3.png", "rb").read())  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.10-slim
RUN pip install torchserve==0.11.1
COPY config.properties model-store /srv/
CMD ["torchserve", "--start", "--foreground", "--model-store", "/srv/model-store", "--ts-config", "/srv/config.properties"]
```

```ini + path=config.properties
inference_address=http://0.0.0.0:8080
```

```python good path=client.py
import requests

answer = requests.post("http://localhost:8080/predictions/digits", data=open("3.png", "rb").read())
```

```dockerfile + path=Dockerfile
FROM python:3.10-slim
RUN pip install torchserve==0.11.1
COPY config.properties model-store /srv/
CMD ["torchserve", "--start", "--foreground", "--model-store", "/srv/model-store", "--ts-config", "/srv/config.properties"]
```

```ini + path=config.properties
inference_address=http://0.0.0.0:8080
disable_token_authorization=true
```

Older servers want none, and where no version is said nothing is known.

```python good path=client.py
import requests

answer = requests.post("http://localhost:8080/predictions/digits", data=open("3.png", "rb").read())
```

```dockerfile + path=Dockerfile
FROM pytorch/torchserve:0.9.0-cpu
CMD ["torchserve", "--start", "--foreground", "--model-store", "/srv/model-store"]
```

References: docs/token_authorization_api.md of TorchServe; its wheels: the setting is in `ConfigManager` since 0.11.1, not in 0.11.0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.commands import started
from deplint.settings.containers import Deployment
from deplint.settings.ranges import between
from deplint.settings.serving import mentioned

POSTS = "{requests,httpx}.{post,Session().post,Client().post}"
SINCE = "0.11.1"
NEWER = between(SINCE, None)
TOKEN = r"(?i)token[-_]auth|key_file\.json|disable_token|authorization"


@rule(
    "DPL882",
    severity="error",
    leaves=["S.3.3", "S.5.2"],
    see=[
        "https://github.com/pytorch/serve/blob/master/docs/token_authorization_api.md",
        "https://github.com/facebookresearch/AnimatedDrawings/issues/295",
    ],
)
def torchserve_wants_token(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = [
        call
        for call in file.calls(POSTS)
        if re.search(r":8080/predictions/", call.argument("url", 0).text or "") and call.argument("headers").missing
    ]
    if not calls or not _served(project) or mentioned(project, TOKEN):
        return
    for call in calls[:1]:
        yield Finding(
            call,
            "TorchServe 0.11.1 and later wants a token with each request, and nothing here sends one: status 400, Token Authorization "
            "failed",
            help="set disable_token_authorization=true in config.properties where nobody else reaches the server, "
            "or send Authorization: Bearer with the inference key of key_file.json",
        )


def _served(project: Project) -> bool:
    """The project starts a TorchServe whose version is certainly one that wants tokens."""
    for deployment in project.all(Deployment):
        for program in started(deployment, project):
            image = program.container.image if program.container is not None else None
            stated = [pin.range for pin in (image.pins if image is not None else ()) if pin.name == "torchserve"]
            newer = stated[0] <= NEWER if stated and stated[0] and NEWER else project.versions.allows("torchserve", deployment, SINCE)
            if program.name == "torchserve" and newer:
                return True
    return False

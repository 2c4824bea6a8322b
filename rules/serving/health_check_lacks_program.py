"""A health check that runs a program which the image does not have.

``curl`` is not in Python's slim images, nor in Debian's, Ubuntu's and TensorFlow Serving's. The check fails each time (``exec: "curl":
executable file not found in $PATH``): the container is unhealthy for ever, and whoever waits for it (``condition: service_healthy``) never
starts.

```yaml bad path=docker-compose.yml
services:
  model:
    build: .
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install fastapi uvicorn torch
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]
```

```yaml good path=docker-compose.yml
services:
  model:
    build: .
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/health"]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN apt-get update && apt-get install -y curl
RUN pip install fastapi uvicorn torch
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]
```

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.15.0
    healthcheck:
      test: curl --fail http://localhost:8501/v1/models/net || exit 1  # <-
```

```dockerfile bad path=Dockerfile
FROM python:3.12-slim-bookworm
COPY app.py .
HEALTHCHECK --interval=30s CMD wget -qO- http://localhost:8000/health || exit 1  # <-
CMD ["python", "app.py"]
```

Python itself is there, the whole image has curl, and of other images nobody knows.

```dockerfile good path=a/Dockerfile
FROM python:3.12-slim
HEALTHCHECK CMD python -c "import urllib.request; urllib.request.urlopen('http://localhost:8000/health')"
```

```dockerfile good path=b/Dockerfile
FROM python:3.12
HEALTHCHECK CMD curl -f http://localhost:8000/health
```

```dockerfile good path=c/Dockerfile
FROM nvcr.io/nvidia/tritonserver:24.01-py3
HEALTHCHECK CMD curl -f http://localhost:8000/v2/health/ready
```

```dockerfile good path=d/Dockerfile
FROM python:3.12-slim
COPY --from=tools /usr/bin/curl /usr/bin/curl
HEALTHCHECK CMD curl -f http://localhost:8000/health
```

```dockerfile good path=e/Dockerfile
FROM python:3.12-slim
COPY packages.txt .
RUN apt-get update && xargs -a packages.txt apt-get install -y
HEALTHCHECK CMD curl -f http://localhost:8000/health
```

References: the Dockerfiles of python (slim: of what it installs, `wget` among it, only ca-certificates, netbase and tzdata stay; alpine:
ca-certificates and tzdata), node (slim: curl and wget are purged again) and TensorFlow Serving (Ubuntu and ca-certificates).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Place, Project, rule
from deplint.settings import shell
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.images import Image
from deplint.settings.listening import dockerfile
from deplint.settings.released import runs
from deplint.settings.text import Word
from deplint.settings.yamltree import Node

LACKING = (
    (re.compile(r"python|node"), re.compile(r"(.*-)?slim(-.*)?"), ("curl", "wget")),
    (re.compile(r"python"), re.compile(r".*alpine.*"), ("curl",)),
    (re.compile(r"debian|ubuntu"), re.compile(r".*"), ("curl", "wget")),
    (re.compile(r"tensorflow/serving"), re.compile(r"(?!.*devel).*"), ("curl", "wget")),
)
"""The name and the tag of images, and the programs that these do not have."""

OTHERWISE = re.compile(r"conda|mamba|apk |yum |dnf |dpkg|\.deb\b|xargs|apt\.txt|packages\.txt|\.sh\b|\$[({\w]|ansible|uvx?\b|nix")
"""Commands that may bring anything."""


@rule(
    "DPL960",
    severity="error",
    leaves=["S.3.3", "S.3.1"],
    see=[
        "https://docs.docker.com/reference/dockerfile/#healthcheck",
        "https://github.com/docker-library/python/blob/01ba658/3.12/slim-bookworm/Dockerfile",
        "https://github.com/docker-library/python/blob/1dc072b/3.12/alpine3.21/Dockerfile",
        "https://github.com/nodejs/docker-node/blob/009449f/20/bookworm-slim/Dockerfile",
        "https://github.com/tensorflow/serving/blob/01f29cb/tensorflow_serving/tools/docker/Dockerfile",
    ],
)
def health_check_lacks_program(facts: Deployment | Dockerfile, project: Project) -> Iterator[Finding]:
    for place, commands, stage, image in _checks(facts, project):
        for words in commands:
            name = (words[0].text or "") if words else ""
            if name in ("curl", "wget") and not _brings(stage, name) and _lacks(image, name):
                yield Finding(
                    place,
                    f"the health check runs {name}, which {image} does not have: the container is unhealthy for ever",
                    help=f"install {name} in the image, or ask with python -c and urllib.request",
                )
                break


def _checks(facts: Deployment | Dockerfile, project: Project) -> Iterator[tuple[Place, list[list[Word]], Stage | None, Image | None]]:
    """Each health check: its place and commands, the stage of the Dockerfile that its image is built by, and what that is built on."""
    if isinstance(facts, Dockerfile):
        for one in facts.final.all("HEALTHCHECK"):
            yield one.place, one.commands, facts.final, facts.final.root
        return
    services = {name: node for tree in facts.documents if facts.kind == "compose" for name, node in tree.map("services").items()}
    for container in facts.containers:
        test = services[container.name].get("healthcheck", "test") if container.name in services else None
        built = dockerfile(container, facts, project)
        if test is not None and (built is not None or container.build == ""):
            stage = built.final if built is not None else None
            yield test.place, _tested(test), stage, stage.root if stage is not None else container.image


def _tested(test: Node) -> list[list[Word]]:
    if test.kind == "scalar":
        return [command.words for command in shell.split(test.text or "", test.place)]
    words = [item.word for item in test.items]
    if words and words[0].text == "CMD-SHELL":
        return [command.words for command in shell.split(" ".join(word.text or "" for word in words[1:]), test.place)]
    return [words[1:]]


def _brings(stage: Stage | None, name: str) -> bool:
    """The stage may have the program, whatever its base has."""
    if stage is None:
        return False
    installed = any(pin.name == name for pin in stage.installed)
    copied = any(copy.from_stage for part in stage.line for copy in part.copies)
    return installed or copied or OTHERWISE.search(runs(stage)) is not None or name in runs(stage)


def _lacks(image: Image | None, name: str) -> bool:
    if image is None or not image.name or image.registry not in ("", "docker.io") or not image.tag:
        return False
    return any(names.fullmatch(image.name) and tags.fullmatch(image.tag) and name in lacking for names, tags, lacking in LACKING)

"""A command that Kubernetes or Docker takes for the name of one program.

`command` and `args` in Kubernetes, and CMD, ENTRYPOINT and `command` as a list in Docker, are a list of words. A whole line in one word is
looked for as a program of that name, blanks and all: ``exec: "python serve.py": executable file not found in $PATH``, ``no such file or
directory``; the container never starts.

```yaml bad path=serving.yaml
apiVersion: v1
kind: Pod
metadata: {name: ranker}
spec:
  containers:
    - name: serving
      image: tensorflow/serving:2.14.1
      command:
        - "/usr/bin/tensorflow_model_server --port=8500 --model_name=ranker"  # <-
```

```yaml good path=serving.yaml
apiVersion: v1
kind: Pod
metadata: {name: ranker}
spec:
  containers:
    - name: serving
      image: tensorflow/serving:2.14.1
      command: ["/usr/bin/tensorflow_model_server"]
      args: ["--port=8500", "--model_name=ranker"]
    - name: other
      image: python:3.12
      command: ["/bin/sh", "-c", "python serve.py --port 80"]
    - name: third
      image: python:3.12
      command: ["sh", "-c"]
      args: ["python serve.py --port 80"]
```

```dockerfile bad
FROM python:3.12-slim
COPY serve.py .
CMD ["python serve.py"]  # <-
```

```dockerfile bad
FROM python:3.12-slim
COPY serve.py .
ENTRYPOINT ["uvicorn serve:app --host 0.0.0.0"]  # <-
```

```dockerfile good
FROM python:3.12-slim
COPY serve.py .
ENTRYPOINT ["./run server"]
CMD ["a b"]
```

```yaml bad path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.01-py3
    command: ["tritonserver --model-repository=/models"]  # <-
  text:
    image: nvcr.io/nvidia/tritonserver:24.01-py3
    command: tritonserver --model-repository=/models
```

References: "Define a Command and Arguments for a Container" in Kubernetes' documentation, "CMD" in Docker's; the Dockerfile of python (no
entry point) and Triton's `docker/cpu_only/nvidia_entrypoint.sh` (``exec "$@"``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.settings.containers import Container, Deployment
from deplint.settings.text import Word

LINE = re.compile(
    r"(?:\S*/)?(?:python3?|gunicorn|uvicorn|tensorflow_model_server|tritonserver|torchserve|mlserver|vllm|flask|celery|bentoml|serve|ray|hypercorn"
    r"|bash|sh|java|node)[ \t]+\S[\s\S]*"
)
"""A program that serves, and words after it."""


@rule(
    "DPL961",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://kubernetes.io/docs/tasks/inject-data-application/define-command-argument-container/",
        "https://docs.docker.com/reference/dockerfile/#cmd",
        "https://github.com/docker-library/python/blob/01ba658/3.12/slim-bookworm/Dockerfile",
    ],
)
def command_in_one_word(deployment: Deployment) -> Iterator[Finding]:
    for container in deployment.containers:
        word = _first(container, deployment)
        if word is not None and word.place.path == deployment.path and LINE.fullmatch(word.text or ""):
            name, *rest = (word.text or "").split()
            shown = ", ".join(f'"{part}"' for part in (name, *rest[:2]))
            yield Finding(
                word.place,
                f"the whole command is one word, taken for the name of a program: {name} is not started, executable file not found",
                help=f"one word each: [{shown}{', ...' if len(rest) > 2 else ''}]",
            )


def _first(container: Container, deployment: Deployment) -> Word | None:
    """What is taken for the program, where that is certain: what follows the image's own entry point may be handed to a shell."""
    if container.entrypoint:
        return container.entrypoint[0]
    own = container.image is not None and (container.image.name or "") in ("python", "nvidia/tritonserver")
    return container.args[0] if container.entrypoint is None and container.args and own else None

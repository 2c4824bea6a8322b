"""A variable of the environment that the service reads and that nothing sets.

``os.environ["MODEL_PATH"]`` raises ``KeyError: 'MODEL_PATH'`` where it is not set. A container has the variables of its image and those
that compose lists under `environment` and `env_file`; the shell's own, and those in `.env`, are for compose's file alone.

```yaml bad path=docker-compose.yml
services:
  api:  # <-
    build: .
    environment:
      MODEL_DIR: /models/net.onnx
    ports: ["8000:8000"]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=app.py
import os
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
```

```yaml good path=docker-compose.yml
services:
  api:
    build: .
    environment: {MODEL_PATH: /models/net.onnx}
  other:
    build: .
    env_file: .env
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
ENV LABELS=labels.txt
COPY app.py .
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=app.py
import os
import onnxruntime
from fastapi import FastAPI

os.environ["OMP_NUM_THREADS"] = "1"
app = FastAPI()
session = onnxruntime.InferenceSession(os.environ["MODEL_PATH"])
labels = open(os.environ["LABELS"]).read()
threads = os.environ["OMP_NUM_THREADS"]
home = os.environ["HOME"]
batch = int(os.environ.get("BATCH", 8))
if "DEBUG" in os.environ:
    print(os.environ["DEBUG"])

@app.get("/key")
def key():
    return os.environ["KEY"]
```

References: https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.commands import started
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.listening import dockerfile
from deplint.settings.released import runs

ALWAYS = frozenset(("PATH", "HOME", "HOSTNAME", "PWD", "LANG", "SHLVL", "PYTHON_VERSION", "GPG_KEY"))
"""What every container, or every image for Python, has."""
OTHERWISE = re.compile(r"load_dotenv|environs|dotenv|environ\.setdefault|environ\.update|putenv")


@rule(
    "DPL690",
    severity="error",
    leaves=["S.3.3"],
    see=["https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/", "https://stackoverflow.com/q/46917831"],
)
def variable_not_set(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for container in deployment.containers if deployment.kind == "compose" else ():
        file = dockerfile(container, deployment, project)
        others = _others(container, deployment, project)
        if (
            file is None
            or container.partial
            or any(other.partial for other in others)
            or container.entrypoint is not None
            or container.args
        ):
            continue
        main = _main(file, project)
        if main is None or OTHERWISE.search(main.text):
            continue
        known = {
            *ALWAYS,
            *container.env,
            *(name for stage in file.final.line for name in stage.env),
            *(name for other in others for name in other.env),
        }
        lacking = next((name for name in _read(main) if name not in known), None)
        if lacking is not None and lacking not in runs(file.final):
            yield Finding(
                container.place,
                f"{main.path} reads the variable {lacking}, which neither this service nor its image sets: KeyError when it starts",
                help=f"set {lacking} under environment" + (f"; it sets {', '.join(sorted(container.env))}" if container.env else ""),
            )


def _main(file: Dockerfile, project: Project) -> PythonFile | None:
    """The module that the image starts, found beside its Dockerfile."""
    image = next((d for d in project.all(Deployment) if d.kind == "dockerfile" and d.path == file.path), None)
    scripts = [program.script for program in started(image, project)] if image is not None else []
    main = project.file(Path(os.path.abspath(file.path)).parent / scripts[0]) if len(scripts) == 1 and scripts[0] else None
    return next(iter(project.facts(main, PythonFile)), None) if main is not None else None


def _others(container: Container, deployment: Deployment, project: Project) -> list[Container]:
    """The service of the same name in other compose files, which may be put on top of this one."""
    files = [d for d in project.all(Deployment) if d.kind == "compose" and d is not deployment]
    return [other for file in files for other in file.containers if other.name == container.name]


def _read(main: PythonFile) -> Iterator[str]:
    """The variables that the module certainly reads when it is imported, by subscript, and does not set itself."""
    written = set(re.findall(r"environ\[[\"'](\w+)[\"']\]\s*=[^=]", main.text)) | set(
        re.findall(r"[\"'](\w+)[\"'] (?:not )?in os\.environ", main.text)
    )
    for statement in main.shape.tree.body:
        if not isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)):
            continue
        for node in ast.walk(statement):
            match node:
                case ast.Lambda() | ast.IfExp() | ast.BoolOp():
                    break
                case ast.Subscript(value=ast.Attribute(value=ast.Name(id="os"), attr="environ"), slice=ast.Constant(value=str(name))):
                    if name not in written:
                        yield name

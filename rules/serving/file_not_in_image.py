"""A module or a model that the service needs, and that the Dockerfile does not copy.

What is beside the Dockerfile is not in the image unless COPY brings it, and not what `.dockerignore` leaves out: ``ModuleNotFoundError: No
module named 'preprocess'``, ``FileNotFoundError: 'weights/model.pt'`` when the container starts.

```dockerfile bad
FROM python:3.10-slim
WORKDIR /app
COPY requirements.txt app.py model.pt ./ # <-
RUN pip install -r requirements.txt
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
```

```python + path=app.py
import torch
from flask import Flask
from preprocess import prepare

app = Flask(__name__)
net = torch.jit.load("model.pt")
```

```python + path=preprocess.py
def prepare(x):
    return x
```

```text + path=requirements.txt
flask
```

```hex + path=model.pt
00
```

What `.dockerignore` names is not copied.

```dockerfile bad
FROM python:3.10-slim
WORKDIR /app
COPY . . # <-
CMD ["python", "app.py"]
```

```python + path=app.py
import onnxruntime

session = onnxruntime.InferenceSession("weights/net.onnx")
```

```text + path=.dockerignore
# models are large
weights/
```

Folders bring what is in them, mounts bring more, and so may other commands.

```dockerfile good
FROM python:3.10-slim
WORKDIR /srv
COPY app/ app/
COPY weights/net.onnx weights/
CMD ["uvicorn", "app.main:app", "--host", "0.0.0.0"]
```

```python + path=app/main.py
import onnxruntime
from fastapi import FastAPI
from app.prepare import prepare

app = FastAPI()
session = onnxruntime.InferenceSession("weights/net.onnx")
other = onnxruntime.InferenceSession("/models/net.onnx")
```

```python + path=app/prepare.py
def prepare(x):
    return x
```

```hex + path=weights/net.onnx
00
```

```dockerfile good
FROM python:3.10-slim
WORKDIR /app
COPY app.py .
RUN git clone https://github.com/example/preprocess
CMD ["python", "app.py"]
```

```python + path=app.py
import preprocess
```

```python + path=preprocess/__init__.py
X = 1
```

A pattern brings what it means.

```dockerfile bad
FROM python:3.10-slim
WORKDIR /app
COPY requirements.txt *.pt ./
COPY app*.py ./ # <-
CMD ["python", "app.py"]
```

```python + path=app.py
import torch
from preprocess import prepare

net = torch.jit.load("model.pt")
```

```python + path=preprocess.py
def prepare(x):
    return x
```

```hex + path=model.pt
00
```

A mount:

```dockerfile good
FROM python:3.10-slim
WORKDIR /app
COPY app.py .
CMD ["python", "app.py"]
```

```yaml + path=docker-compose.yml
services:
  api:
    build: .
    volumes: ["./weights:/app/weights"]
```

```python + path=app.py
import onnxruntime

session = onnxruntime.InferenceSession("weights/net.onnx")
```

```hex + path=weights/net.onnx
00
```

A bento holds what `include` names.

```yaml bad path=bentofile.yaml
service: "service:Tagger"
include:
  - "service.py"  # <-
  - "models/*"
```

```python + path=service.py
import bentoml
from imaging.prepare import to_tensor

@bentoml.service
class Tagger:
    @bentoml.api
    def tag(self, path: str) -> int:
        return to_tensor(path)
```

```python + path=imaging/prepare.py
import numpy as np

def to_tensor(path):
    return np.load(path)
```

```yaml good path=bentofile.yaml
service: "service:Tagger"
include:
  - "*.py"
```

```python + path=service.py
import bentoml
from imaging.prepare import to_tensor

@bentoml.service
class Tagger:
    pass
```

```python + path=imaging/prepare.py
import numpy as np

def to_tensor(path):
    return np.load(path)
```

References: https://docs.docker.com/build/concepts/context/#dockerignore-files
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.library import OPENS_FILE
from deplint.code.python import PythonFile
from deplint.settings.commands import started
from deplint.settings.containers import Deployment
from deplint.settings.copied import Copied, copied
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.functions import Bento

FETCHES = re.compile(r"download|boto3|urlretrieve|gdown|requests\.get|storage|wget|hub\.|snapshot|os\.path\.exists|isfile|\.exists\(")
DEEPEST = 4


@rule(
    "DPL687",
    severity="error",
    leaves=["S.3.3", "S.4.4"],
    see=["https://docs.docker.com/build/concepts/context/#dockerignore-files", "https://docs.docker.com/reference/dockerfile/#copy"],
)
def file_not_in_image(deployment: Deployment | Bento, project: Project) -> Iterator[Finding]:
    if isinstance(deployment, Bento):
        yield from _bento(deployment, project)
        return
    file = next((f for f in project.all(Dockerfile) if f.path == deployment.path), None) if deployment.kind == "dockerfile" else None
    image = copied(file, project) if file is not None else None
    if file is None or image is None:
        return
    for program in started(deployment, project):
        main = project.file(image.context / program.script) if program.script else None
        if main is None or not image.holds(main.path):
            continue
        modules = project.facts(main, PythonFile)
        for lacking, by in _lacking(modules[0], image) if modules else ():
            yield Finding(
                image.place,
                f"{by} needs {lacking}, which COPY does not bring into the image: it is not found when the container starts",
                help=f"COPY {lacking} too" if not image.ignored(lacking) else f"take it out of .dockerignore: {lacking}",
            )
            return


def _bento(facts: Bento, project: Project) -> Iterator[Finding]:
    """Modules that BentoML's service imports, and that no pattern of ``include`` takes along."""
    if facts.include is None:
        return
    from pathspec import GitIgnoreSpec

    taken = GitIgnoreSpec.from_lines(facts.include)
    folder = Path(os.path.abspath(facts.path)).parent
    main = project.file(folder / (facts.service.partition(":")[0].replace(".", "/") + ".py"))
    modules = project.facts(main, PythonFile) if main is not None else []
    for module in (one for each in modules for one in _imported(each)):
        path = module.file.path
        if path.is_relative_to(folder) and not taken.match_file(path.relative_to(folder).as_posix()) and module.text.strip():
            yield Finding(
                facts.listed,
                f"{modules[0].path} imports {module.path}, which no pattern of include takes along: ModuleNotFoundError in the container",
                help=f"include: - {path.relative_to(folder).as_posix()}",
            )
            return


def _lacking(main: PythonFile, image: Copied) -> Iterator[tuple[str, str]]:
    """What the started module needs and the image does not hold, with who needs it."""
    pending, seen = [(main, 0)], {main.file.path}
    while pending:
        module, depth = pending.pop(0)
        for file in _imported(module):
            if not file.file.path.is_relative_to(image.context) or file.file.path in seen:
                continue
            seen.add(file.file.path)
            if not image.holds(file.file.path):
                yield file.file.path.relative_to(image.context).as_posix(), module.path
            elif depth < DEEPEST:
                pending.append((file, depth + 1))
    if FETCHES.search(main.text):
        return
    for pattern, where in OPENS_FILE.items():
        for call in main.calls(pattern):
            text = call.argument(*where).text
            path = Path(os.path.normpath(image.context / text)) if text and not text.startswith(("/", "~")) and "://" not in text else None
            if path is None or call.guarded or call.file is not main or not path.is_relative_to(image.context):
                continue
            below = path.relative_to(image.context).as_posix()
            if not image.holds(path) and (path.exists() or (image.ignored(below) and not image.mounted)):
                yield below, main.path


def _imported(module: PythonFile) -> Iterator[PythonFile]:
    for statement in module.shape.tree.body:
        names = []
        if isinstance(statement, ast.Import):
            names = [(alias.name, 0) for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom):
            base = statement.module or ""
            names = [(base, statement.level)] if base else [(alias.name, statement.level) for alias in statement.names]
        for name, level in names:
            found = module.import_of(name, level)
            if found is not None:
                yield found

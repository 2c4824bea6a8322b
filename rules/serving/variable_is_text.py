"""A variable of the environment that is used as a number or as true or false, and is text.

What `os.environ` gives is a string. Of the default beside it, ``os.environ.get("THREADS", 4)``, only the default is a number; as soon as
somebody sets the variable, it is ``"2"``: ``TypeError: (): incompatible function arguments``. Any text but the empty one counts as true,
``"false"`` and ``"0"`` as well.

```yaml bad path=docker-compose.yml
services:
  api:
    build: .
    environment:
      USE_GPU: "false"  # <-
      ORT_THREADS: 2  # <-
      DEBUG: "0"
      BATCH: "8"
    ports: ["8000:8000"]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
import os
import onnxruntime as ort
import torch
from fastapi import FastAPI

DEVICE = "cuda" if os.environ.get("USE_GPU") else "cpu"
THREADS = os.environ.get("ORT_THREADS", 4)
DEBUG = os.environ.get("DEBUG", "0") == "1"
BATCH = int(os.environ.get("BATCH", 4))
options = ort.SessionOptions()
options.intra_op_num_threads = THREADS
app = FastAPI()
model = torch.jit.load("net.pt", map_location=DEVICE)
```

```yaml good path=docker-compose.yml
services:
  api:
    build: .
    environment:
      USE_GPU: "true"
      QUIET: ""
      NAME: "4"
    ports: ["8000:8000"]
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
import os
import torch

DEVICE = "cuda" if os.environ.get("USE_GPU") else "cpu"
QUIET = bool(os.getenv("QUIET", False))
NAME = os.environ.get("NAME", 4)
print(NAME)
model = torch.jit.load("net.pt", map_location=DEVICE)
```

References: `os.environ` in Python's documentation; checked with onnxruntime 1.32 (`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.code.handlers import parents
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.settings.containers import Deployment
from deplint.settings.variables import told

READS = re.compile(r"\bos\.(?:environ|getenv)\b")
FALSE = re.compile(r"false|no|off|0", re.I)
NUMBER = re.compile(r"-?\d+(\.\d+)?")
NUMERIC = frozenset(
    {"intra_op_num_threads", "inter_op_num_threads", "batch_size", "num_workers", "num_threads", "range", "set_num_threads"}
)
"""Attributes, arguments and functions that take numbers alone."""


@rule(
    "DPL152",
    severity="error",
    leaves=["S.3.3"],
    see=["https://docs.python.org/3/library/os.html#os.environ", "https://12factor.net/config"],
)
def variable_is_text(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for variable in told(deployment, project):
        text = variable.word.text or ""
        wrong = FALSE.fullmatch(text) is not None
        if not wrong and not NUMBER.fullmatch(text):
            continue
        asked = [file for file in _reading(project) if f'"{variable.name}"' in file.text or f"'{variable.name}'" in file.text]
        uses = [(file, use) for file in asked for use in _uses(file, variable.name)]
        if wrong and any(use == "truth" for _, use in uses):
            file = next(file for file, use in uses if use == "truth")
            yield Finding(
                variable.word.place,
                f'{variable.name} is the text "{text}", and {file.path} asks whether it is true: any text is',
                help=f'compare it: os.environ.get("{variable.name}", "").lower() == "true"; or leave it empty here',
            )
        elif any(use == "number" for _, use in uses) and NUMBER.fullmatch(text):
            file = next(file for file, use in uses if use == "number")
            yield Finding(
                variable.word.place,
                f'{variable.name} is the text "{text}" where it is set, and {file.path} uses it as a number: TypeError',
                help=f'int(os.environ.get("{variable.name}", ...))',
            )


@lru_cache(maxsize=2)
def _reading(project: Project) -> tuple[PythonFile, ...]:
    """The files that read the environment."""
    return tuple(files_with(project, READS))


def _uses(file: PythonFile, name: str) -> Iterator[str]:
    """``truth`` where the text itself is asked whether it is true, ``number`` where it is certainly used as one."""
    above = parents(file.shape.tree)
    for node in list(above):
        match node:
            case ast.Call(func=ast.Attribute(attr="get" | "getenv"), args=[ast.Constant(value=str(key)), *_]) if key == name:
                yield from _use(node, above, file)
            case ast.Subscript(value=ast.Attribute(attr="environ"), slice=ast.Constant(value=str(key))) if key == name:
                yield from _use(node, above, file)


def _use(node: ast.expr, above: object, file: PythonFile, followed: bool = False) -> Iterator[str]:
    assert hasattr(above, "get")
    if isinstance(node, ast.Call) and "environ" not in ast.unparse(node.func) and "getenv" not in ast.unparse(node.func):
        return
    outer = above.get(node)
    match outer:
        case ast.Call(func=ast.Name(id="bool")) | ast.UnaryOp(op=ast.Not()):
            yield "truth"
        case ast.If(test=test) | ast.IfExp(test=test) | ast.While(test=test) if test is node:
            yield "truth"
        case ast.Call(func=ast.Name(id=of) | ast.Attribute(attr=of)) if of in NUMERIC:
            yield "number"
        case ast.keyword(arg=of) if of in NUMERIC:
            yield "number"
        case ast.Assign(targets=[ast.Attribute(attr=of)]) if of in NUMERIC:
            yield "number"
        case ast.Assign(targets=[ast.Name(id=variable)]) if not followed:
            names = [n for n in file.shape.nodes if isinstance(n, ast.Name) and n.id == variable]
            if sum(isinstance(n.ctx, ast.Store) for n in names) == 1:
                for use in names:
                    if isinstance(use.ctx, ast.Load):
                        yield from _use(use, above, file, followed=True)

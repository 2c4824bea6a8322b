"""gunicorn loads the program once and forks, and the program has put its model on the GPU.

A process that has used CUDA cannot be forked: the child gets ``RuntimeError: Cannot re-initialize CUDA in forked subprocess. To use
CUDA with multiprocessing, you must use the 'spawn' start method``. With `--preload` gunicorn imports the program, with what it does
while it is imported, before it forks its workers, and each of them fails at the first request.

```dockerfile bad
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY app.py .
CMD ["gunicorn", "--preload", "-w", "4", "-b", "0.0.0.0:8000", "app:app"]  # <-
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)
device = "cuda" if torch.cuda.is_available() else "cpu"
model = torch.jit.load("net.pt").to(device)
```

```dockerfile good
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY app.py .
CMD ["gunicorn", "-w", "4", "-b", "0.0.0.0:8000", "app:app"]
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("net.pt").cuda()
```

Loaded later, or on the CPU, it is each worker's own.

```dockerfile good
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY app.py .
CMD ["gunicorn", "--preload", "-w", "4", "-b", "0.0.0.0:8000", "app:app"]
```

```python + path=app.py
import functools
import torch
from flask import Flask

app = Flask(__name__)
labels = torch.jit.load("labels.pt").to("cpu")

@functools.lru_cache
def model():
    return torch.jit.load("net.pt").to("cuda")
```

gunicorn's settings file says so too.

```dockerfile bad
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY . .
CMD gunicorn -c gunicorn.conf.py serve.app:app  # <-
```

```python + path=gunicorn.conf.py
workers = 4
preload_app = True
```

```python + path=serve/app.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("net.pt", map_location="cuda:0")
```

What the program calls while it is imported counts, in other modules too.

```dockerfile bad
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY . .
CMD ["gunicorn", "--preload", "-w", "4", "wsgi:app"]  # <-
```

```python + path=wsgi.py
from flask import Flask
from engine import Engine

app = Flask(__name__)
engine = Engine("net.pt")
```

```python + path=engine.py
import torch

class Engine:
    def __init__(self, path):
        self.net = torch.jit.load(path).to("cuda")
```

```dockerfile good
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY . .
CMD ["gunicorn", "--preload", "-w", "4", "wsgi:app"]
```

```python + path=wsgi.py
from flask import Flask
from engine import Engine

app = Flask(__name__)

def engine():
    return Engine("net.pt")

@app.post("/")
def answer():
    return engine().answer()

if __name__ == "__main__":
    engine()
```

```python + path=engine.py
import torch

class Engine:
    def __init__(self, path):
        self.net = torch.jit.load(path).to("cuda")
```

A module that the program imports may do it, in a class that it makes one of there.

```dockerfile bad
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY . .
CMD ["gunicorn", "-c", "gunicorn.conf.py", "embedder.main:app"]  # <-
```

```python + path=gunicorn.conf.py
preload_app = True
```

```python + path=embedder/main.py
from fastapi import FastAPI
from embedder.model import embedder

app = FastAPI()

@app.post("/embed")
def embed(text: str):
    return embedder.encode(text)
```

```python + path=embedder/model.py
import torch
from transformers import AutoModel
from embedder.settings import settings

class Embedder:
    def __init__(self, name, device):
        self.device = torch.device(device)
        self.model = AutoModel.from_pretrained(name).to(self.device)

    def encode(self, text):
        return self.model(text)

embedder = Embedder(settings.name, settings.device)
```

```python + path=embedder/settings.py
from pydantic_settings import BaseSettings

class Settings(BaseSettings):
    name: str = "BAAI/bge-base-en-v1.5"
    device: str = "cuda:0"

settings = Settings()
```

```dockerfile good
FROM pytorch/pytorch:2.6.0-cuda12.4-cudnn9-runtime
COPY . .
CMD ["gunicorn", "--preload", "main:app"]
```

```python + path=main.py
from functools import lru_cache
from fastapi import FastAPI
from model import Embedder

app = FastAPI()

@lru_cache
def embedder():
    from worker import pool
    return pool or Embedder("cuda:0")
```

```python + path=worker.py
from model import Embedder

pool = Embedder("cuda:0")
```

```python + path=model.py
import torch

class Embedder:
    def __init__(self, device):
        self.net = torch.jit.load("net.pt").to(device)

cpu = Embedder("cpu")
```

References: `_lazy_init` in `torch/cuda/__init__.py` of PyTorch; `preload_app` in the settings of gunicorn.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.devices import at_import, gpu_calls, imported
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment

MOVES = ("**.cuda", "**.to", "torch.load", "torch.jit.load")


@rule(
    "DPL561",
    severity="error",
    leaves=["S.1.1"],
    see=[
        "https://docs.pytorch.org/docs/stable/notes/multiprocessing.html#cuda-in-multiprocessing",
        "https://docs.gunicorn.org/en/stable/settings.html#preload-app",
        "https://stackoverflow.com/q/58514321",
    ],
)
def preload_then_cuda(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for program in started(deployment, project):
        if program.name == "gunicorn" and _preloads(program, deployment, project):
            app = next((word.text for word in program.arguments if word.text and ":" in word.text and word.text[0].isalpha()), None)
            file = project.resolve(app.partition(":")[0].replace(".", "/") + ".py", deployment) if app else None
            for facts in project.facts(file, PythonFile) if file else ():
                modules = imported(facts)
                moved = next((call for module in modules for call in _moved(module)), None)
                if moved is not None:
                    line = moved.place.span.line if moved.place.span else 1
                    yield Finding(
                        program,
                        f"gunicorn loads {moved.place.path} before it forks, and that uses CUDA (line {line}): "
                        "Cannot re-initialize CUDA in forked subprocess",
                        help="drop --preload, or load the model in post_fork or at the first request",
                    )


def _preloads(program: Program, deployment: Deployment, project: Project) -> bool:
    words = [word.text or "" for word in program.arguments]
    if "--preload" in words or "--preload-app" in words:
        return True
    named = next((words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-c", "--config")), None)
    named = named or next((word.partition("=")[2] for word in words if word.startswith("--config=")), "gunicorn.conf.py")
    file = project.resolve(named.removeprefix("file:"), deployment)
    found = project.facts(file, PythonFile) if file else []
    return any(
        isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == "preload_app" for target in node.targets)
        and isinstance(node.value, ast.Constant)
        and node.value.value is True
        for facts in found
        for node in facts.shape.tree.body
    )


def _moved(file: PythonFile) -> Iterator[Call]:
    """What is put on a GPU while the module is imported, by the functions too that it calls then."""
    yield from (call for call in gpu_calls(file) if at_import(call, file))
    for call in file.calls(*MOVES):
        given = [*call.arguments, *call.keywords.values()]
        moved = (call.name.endswith(".cuda") and call.name.startswith("torch")) or any(map(_cuda, given))
        if moved and call.certain and not call.guarded and at_import(call, file):
            yield call


def _cuda(value: Value) -> bool:
    made = value.origin
    if made is not None and made.name == "torch.device":
        return _cuda(made.argument("type", 0))
    return any(text.startswith("cuda") for text in value.texts)

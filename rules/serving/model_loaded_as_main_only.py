"""A model that is only loaded when the script is run, behind a server that imports it.

gunicorn and uvicorn import the module and never run what stands below ``if __name__ == "__main__":``. A model that is loaded there is
still None, or no name at all, when the first request comes: ``AttributeError: 'NoneType' object has no attribute 'predict'``,
``NameError: name 'model' is not defined``. With ``python app.py`` all goes well.

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
COPY app.py model.joblib ./
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]  # <-
```

```python + path=app.py
import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)
model = None

def load_model():
    global model
    model = joblib.load("model.joblib")

@app.route("/predict", methods=["POST"])
def predict():
    return jsonify({"predictions": model.predict(request.get_json()["rows"]).tolist()})

if __name__ == "__main__":
    load_model()
    app.run(host="0.0.0.0", port=5000)
```

A name that is made there is none at all for who imports.

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
COPY main.py net.onnx ./
CMD uvicorn main:app --host 0.0.0.0 --port 8000  # <-
```

```python + path=main.py
import onnxruntime
import uvicorn
from fastapi import FastAPI

app = FastAPI()

@app.post("/predict")
def predict(rows: list[list[float]]):
    return session.run(None, {"x": rows})[0].tolist()

if __name__ == "__main__":
    session = onnxruntime.InferenceSession("net.onnx")
    uvicorn.run(app)
```

A model that is loaded elsewhere too, or when it is first asked for, is fine.

```dockerfile good path=Dockerfile
FROM python:3.11-slim
COPY app.py model.joblib ./
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "app:app"]
```

```python + path=app.py
import joblib
from flask import Flask, jsonify, request

app = Flask(__name__)
model = None
other = None

def load_model():
    global model
    model = joblib.load("model.joblib")

def load_other():
    global other
    other = joblib.load("other.joblib")

load_other()

@app.route("/predict", methods=["POST"])
def predict():
    if model is None:
        load_model()
    return jsonify({"predictions": model.predict(request.get_json()["rows"]).tolist(), "other": other.predict([[1]]).tolist()})

if __name__ == "__main__":
    load_model()
    load_other()
    app.run(host="0.0.0.0", port=5000)
```

References: what `import` and ``__main__`` mean in Python's documentation; `gunicorn.util.import_app`.
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.handlers import VERBS
from deplint.code.python import PythonFile
from deplint.code.shape import declarations, walk, words_in
from deplint.settings.commands import started
from deplint.settings.containers import Deployment

SERVERS = frozenset({"gunicorn", "uvicorn", "hypercorn"})
STARTS = re.compile(r"lifespan|on_event|before_first_request|before_request|post_fork|app_context|add_event_handler")
"""Other ways to load a model when the server starts."""
FunctionDef = ast.FunctionDef | ast.AsyncFunctionDef


@rule(
    "DPL149",
    severity="error",
    leaves=["S.3.3", "S.4.7"],
    see=["https://docs.python.org/3/library/__main__.html", "https://github.com/benoitc/gunicorn/blob/23.0.0/gunicorn/util.py"],
)
def model_loaded_as_main_only(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for program in started(deployment, project):
        if program.name not in SERVERS or not program.script or program.place.path != deployment.path:
            continue
        beside = Path(os.path.abspath(deployment.path)).parent
        found = [f for f in project.files if f.path.is_relative_to(beside) and f.path.as_posix().endswith("/" + program.script)]
        module = next(iter(project.facts(found[0], PythonFile)), None) if len(found) == 1 else None
        name = _late(module) if module is not None else ""
        if name and module is not None:
            yield Finding(
                program.place,
                f"{module.path} sets {name} only when it is run itself, and {program.name} imports it: its handlers find no {name}",
                help=f"set {name} when the module is imported, or when the server starts (lifespan, post_fork)",
            )


def _late(module: PythonFile) -> str:
    """The name of a thing that handlers use and that only the block for ``__main__`` makes; empty if there is none."""
    tree = module.shape.tree
    main = [s for s in tree.body if isinstance(s, ast.If) and "__main__" in words_in(s.test)]
    functions = {node.name: node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if len(main) != 1 or STARTS.search(module.text):
        return ""
    early = {name for s in tree.body if s not in main for name in _set_by(s, functions)}
    late = {name for s in main[0].body for name in _set_by(s, functions)}
    for handler in functions.values():
        if any(map(_routed, handler.decorator_list)):
            declared = declarations(handler)
            bound = {n.id for n in walk(handler) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} - declared.globals
            bound |= {argument.arg for argument in (*handler.args.args, *handler.args.kwonlyargs)}
            for node in walk(handler):
                match node:
                    case ast.Attribute(value=ast.Name(id=name)) | ast.Call(func=ast.Name(id=name)):
                        if name in late - early - bound and not _looked_at(name, handler, functions):
                            return name
    return ""


def _routed(decorator: ast.expr) -> bool:
    match decorator:
        case ast.Call(func=ast.Attribute(attr=verb), args=[ast.Constant(value=str(path)), *_]):
            return verb in VERBS and path.startswith("/")
    return False


def _set_by(statement: ast.stmt, functions: dict[str, FunctionDef]) -> Iterator[str]:
    """The module's names that a statement sets to something other than None, itself or by a function of the module that it calls."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    for node in walk(statement):
        match node:
            case ast.Assign(targets=targets, value=value) if not (isinstance(value, ast.Constant) and value.value is None):
                yield from (n.id for target in targets for n in walk(target) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
            case ast.AnnAssign(target=ast.Name(id=name), value=value) if value is not None and not isinstance(value, ast.Constant):
                yield name
            case ast.Import() | ast.ImportFrom():
                yield from ((a.asname or a.name).partition(".")[0] for a in node.names)
            case ast.With() | ast.AsyncWith():
                yield from (n.id for item in node.items if item.optional_vars for n in walk(item.optional_vars) if isinstance(n, ast.Name))
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                yield from declarations(functions[name]).globals


def _looked_at(name: str, handler: FunctionDef, functions: dict[str, FunctionDef]) -> bool:
    """The handler asks whether it is there, or sets it, itself or by a function it calls."""
    called = {n.func.id for n in walk(handler) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    if any(name in declarations(functions[other]).globals for other in called & set(functions)) or name in declarations(handler).globals:
        return True
    tests = [n.test for n in walk(handler) if isinstance(n, (ast.If, ast.IfExp, ast.Assert))]
    return any(isinstance(n, ast.Name) and n.id == name for test in tests for n in walk(test))

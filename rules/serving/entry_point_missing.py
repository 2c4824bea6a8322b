"""A server that is told to start a name which its module does not have.

``gunicorn main:app``, ``uvicorn main:app`` and the `service` of a ``bentofile.yaml`` name a module and an object in it. Where the object
is called otherwise the server stops: ``Failed to find attribute 'app' in 'main'``, ``Error loading ASGI app. Attribute "app" not found
in module "main"``, ``Attribute "svc" not found in module "service"``.

```dockerfile bad
FROM python:3.11-slim
COPY . .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]  # <-
```

```python + path=main.py
from fastapi import FastAPI

api = FastAPI()
```

So it is with BentoML.

```yaml bad path=bentofile.yaml
service: "service:svc"  # <-
include:
  - "*.py"
```

```python + path=service.py
import bentoml

@bentoml.service
class Summary:
    pass
```

```dockerfile good
FROM python:3.11-slim
COPY . .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

```python + path=main.py
from service import *
```

Seldon's wrapper wants a class called like its module.

```dockerfile bad path=model/Dockerfile
FROM python:3.9-slim
COPY . /app
WORKDIR /app
ENV MODEL_NAME FraudModel
CMD exec seldon-core-microservice $MODEL_NAME --service-type MODEL  # <-
```

```python + path=model/FraudModel.py
class Fraud:
    def predict(self, X, names):
        return X
```

Names that are bound in any way count, and so do those of other modules.

```yaml good path=docker-compose.yml
services:
  one:
    build: .
    command: gunicorn main:create() --bind 0.0.0.0:80
  two:
    build: .
    command: uvicorn main:app.api --factory
  three:
    build: .
    command: gunicorn elsewhere:app
```

```python + path=main.py
def create():
    return object()

try:
    from fast import app
except ImportError:
    app = None
```

So it is with the handler that an image for AWS Lambda is told: ``Runtime.HandlerNotFound: Handler 'handler' missing on module 'app'``.

```dockerfile bad path=Dockerfile
FROM public.ecr.aws/lambda/python:3.11
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.handler"]  # <-
```

```python + path=app.py
import onnxruntime

session = onnxruntime.InferenceSession("net.onnx")

def lambda_handler(event, context):
    return {"statusCode": 200}
```

```dockerfile good path=Dockerfile
FROM public.ecr.aws/lambda/python:3.11
COPY app.py ${LAMBDA_TASK_ROOT}/
CMD ["app.lambda_handler"]
```

```python + path=app.py
def lambda_handler(event, context):
    return {"statusCode": 200}
```

A module may be in the image, and not in the folder that the server is started in.

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
WORKDIR /code
COPY ./app /code/app
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]  # <-
```

```python + path=app/main.py
from fastapi import FastAPI

app = FastAPI()
```

```dockerfile good path=Dockerfile
FROM python:3.11-slim
WORKDIR /code
COPY ./app .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0"]
```

```python + path=app/main.py
from fastapi import FastAPI

app = FastAPI()
```

A cloud function's entry point is a function of ``main.py``.

```bash bad path=deploy.sh
gcloud functions deploy classify-text --runtime=python311 --entry-point=predict --trigger-http  # <-
gcloud functions deploy classify-text --runtime=python311 --entry-point=classify --trigger-http
```

```python + path=main.py
import joblib

def classify(request):
    return joblib.load("/tmp/model.joblib").predict([request.get_json()["text"]])[0]
```

Ray Serve runs applications, which are deployments bound to their arguments.

```bash bad path=run.sh
serve run net:Net --port 8000  # <-
serve run net:app --port 8000
```

```python + path=net.py
import torch
from ray import serve

@serve.deployment
class Net:
    def __init__(self, path="net.pt"):
        self.net = torch.jit.load(path)

app = Net.bind()
```

References: gunicorn 23, `gunicorn/util.py`; uvicorn 0.35, `uvicorn/importer.py`; BentoML 1.4,
`bentoml/_internal/service/loader.py`; seldon-core at 0522e2e, `seldon_core/microservice.py`
"""

from __future__ import annotations

import ast
import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Place, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.functions import Bento
from deplint.settings.released import runs
from deplint.settings.scripts import Script
from deplint.settings.shell import flags
from deplint.settings.text import Word

APP = re.compile(r"(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_]\w*)(?P<more>[.(].*)?")
SELDON = "seldon-core-microservice"
SERVERS = ("gunicorn", "uvicorn", "hypercorn")


@rule(
    "DPL628",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://github.com/encode/uvicorn/blob/0.35.0/uvicorn/importer.py",
        "https://github.com/benoitc/gunicorn/blob/23.0.0/gunicorn/util.py",
        "https://docs.bentoml.com/en/latest/reference/bentoml/bento-build-options.html",
    ],
)
def entry_point_missing(facts: Deployment | Bento | Script, project: Project) -> Iterator[Finding]:
    if isinstance(facts, Script):
        yield from _functions(facts, project)
        return
    yield from _elsewhere(facts, project) if isinstance(facts, Deployment) else ()
    for place, text in _started(facts, project):
        match = APP.fullmatch(text)
        module = _module(match["module"], facts, project) if match else None
        if match is None or module is None or _has(module, match["name"]):
            continue
        there = [name for name in _assigned(module) if not name.startswith("_")]
        yield Finding(
            place,
            f'"{match["name"]}" is nothing that {module.path} has: the server stops, attribute not found in module "{match["module"]}"',
            help=f"what it makes: {', '.join(there[:5])}" if there else "",
        )


def _started(facts: Deployment | Bento, project: Project) -> Iterator[tuple[Place, str]]:
    """What is started, as ``module:name``, and where that is said."""
    if isinstance(facts, Bento):
        yield facts.place, facts.service
        return
    yield from _lambda(facts, project)
    for program in started(facts, project):
        if program.name == SELDON and program.arguments:
            named = program.arguments[0].text or _variable(program, facts, project)
            yield program.place, named.replace(".", ":") if "." in named else f"{named}:{named}"
            continue
        words = [word for word in program.arguments if word.text and APP.fullmatch(word.text)]
        # An option may have a value of that form.
        if program.name in SERVERS and len(words) == 1 and program.place.path == facts.path:
            yield program.place, words[0].text or ""


def _lambda(facts: Deployment, project: Project) -> Iterator[tuple[Place, str]]:
    """The handler that AWS's base image for Python is told by CMD, ``module.function``."""
    file = project.file(Path(os.path.abspath(facts.path))) if facts.kind == "dockerfile" else None
    for image in project.facts(file, Dockerfile) if file is not None else ():
        if image.stages and image.final.command is not None and image.final.root is not None:
            words = [word.text or "" for word in image.final.command.argv]
            of_aws = (image.final.root.name or "").endswith("lambda/python") and image.final.entrypoint is None
            if of_aws and len(words) == 1 and re.fullmatch(r"[A-Za-z_]\w*(?:[./]\w+)*\.\w+", words[0]):
                module, _, name = words[0].replace("/", ".").rpartition(".")
                yield image.final.command.argv[0].place, f"{module}:{name}"


def _functions(script: Script, project: Project) -> Iterator[Finding]:
    """Functions that gcloud deploys, whose ``main.py`` lies in the folder it is told."""
    for command in script.commands:
        words = [word.text or "" for word in command.words]
        if words[:2] == ["serve", "run"]:
            yield from _unbound(next((word for word in command.words[2:] if APP.fullmatch(word.text or "")), None), script, project)
        if words[:1] != ["gcloud"] or words[1:3] != ["functions", "deploy"]:
            continue
        given = flags(command.words)
        wanted, folder = given.get("entry-point"), given.get("source")
        if wanted is None or not wanted.text or "python" not in (given["runtime"].text or "" if "runtime" in given else "python"):
            continue
        here = Path(os.path.abspath(script.path)).parent
        source = "." if folder is None else folder.text
        main = project.file(Path(os.path.normpath(here / source / "main.py"))) if source else None
        for module in project.facts(main, PythonFile) if main is not None else ():
            if not _has(module, wanted.text):
                yield Finding(
                    wanted.place,
                    f'"{wanted.text}" is nothing that {module.path} has: the function does not start, main.py is expected to contain it',
                    help="name the function that answers requests",
                )


def _unbound(word: Word | None, script: Script, project: Project) -> Iterator[Finding]:
    """What Ray Serve is told to run, where that is a deployment that nobody bound."""
    match = APP.fullmatch(word.text or "") if word is not None else None
    tail = match["module"].replace(".", "/") + ".py" if match is not None else ""
    file = project.resolve(tail, script) if tail else None
    for module in project.facts(file, PythonFile) if file is not None else ():
        if word is None or match is None:
            continue
        deployments = {
            node.name
            for node in module.shape.tree.body
            if isinstance(node, ast.ClassDef) and any("serve.deployment" in ast.unparse(one) for one in node.decorator_list)
        }
        named = {match["name"]} | {
            node.value.id
            for node in module.shape.tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Name)
            and any(isinstance(target, ast.Name) and target.id == match["name"] for target in node.targets)
        }
        if named & deployments:
            yield Finding(
                word.place,
                f'"{match["name"]}" of {module.path} is a deployment that nobody bound: TypeError, expected to be an Application',
                help=f"app = {sorted(named & deployments)[0]}.bind(...), and serve run {match['module']}:app",
            )


def _elsewhere(facts: Deployment, project: Project) -> Iterator[Finding]:
    """A module that an image has, and not where its server is started."""
    file = project.file(Path(os.path.abspath(facts.path))) if facts.kind == "dockerfile" else None
    for image in project.facts(file, Dockerfile) if file is not None else ():
        stage = image.final if image.stages else None
        held = _held(stage, Path(os.path.abspath(facts.path)).parent, project) if stage is not None else None
        for program in started(facts, project) if held else ():
            if stage is None or held is None:
                continue
            options = any((word.text or "").startswith(("--app-dir", "--chdir", "--pythonpath", "-c")) for word in program.arguments)
            words = [word for word in program.arguments if word.text and APP.fullmatch(word.text)]
            if program.name not in SERVERS or len(words) != 1 or options or program.place.path != facts.path:
                continue
            module = (words[0].text or "").partition(":")[0]
            tails = tuple(f"{module.replace('.', '/')}{end}" for end in (".py", "/__init__.py"))
            there = sorted(path for path in held or () if path.endswith(tuple(f"/{tail}" for tail in tails)))
            top = module.partition(".")[0]
            if (
                any(posixpath.join(stage.workdir or "", tail) in held for tail in (*tails, f"{top}.py", f"{top}/__init__.py"))
                or len(there) != 1
            ):
                continue
            right = posixpath.relpath(there[0], stage.workdir or "/").removesuffix("/__init__.py").removesuffix(".py")
            yield Finding(
                words[0].place,
                f'the image has {there[0]}, and the server is started in {stage.workdir}: Could not import module "{module}"',
                help=f"{right.replace('/', '.')}:{(words[0].text or '').partition(':')[2]}" if not right.startswith("..") else "",
            )


def _held(stage: Stage, context: Path, project: Project) -> set[str] | None:
    """The paths in the image of the project's Python files; None where more than COPY may bring files or lead imports."""
    if (
        stage.workdir is None
        or "PYTHONPATH" in stage.env
        or re.search(r"pip3? install[^&|;]* (-e )?\.|\b(mv|cp|ln|git|unzip|tar)\b", runs(stage))
    ):
        return None
    held: set[str] = set()
    for copy in (copy for part in stage.line for copy in part.copies):
        if copy.from_stage or copy.target is None or any(not word.text or re.search(r"[*?\[]", word.text) for word in copy.sources):
            return None
        into = len(copy.sources) > 1 or (copy.destination.text or "").endswith(("/", "."))
        for word in copy.sources:
            source = Path(os.path.normpath(context / (word.text or "").lstrip("/")))
            for file in project.files:
                if file.suffix == ".py" and file.path == source:
                    held.add(posixpath.join(copy.target, file.name) if into else copy.target)
                elif file.suffix == ".py" and file.path.is_relative_to(source):
                    held.add(posixpath.join(copy.target, file.path.relative_to(source).as_posix()))
    return {posixpath.normpath(path) for path in held}


def _variable(program: Program, near: Deployment, project: Project) -> str:
    """The value of the variable that a Dockerfile starts Seldon's wrapper with; empty if it is not known."""
    match = re.fullmatch(r"[\"']?\$\{?(\w+)\}?[\"']?", program.arguments[0].written)
    file = project.file(Path(os.path.abspath(near.path))) if match and near.kind == "dockerfile" else None
    for facts in project.facts(file, Dockerfile) if file is not None else ():
        value = facts.final.env.get(match[1]) if match and facts.stages else None
        if value is not None and value.text:
            return value.text
    return ""


def _module(dotted: str, near: Deployment | Bento, project: Project) -> PythonFile | None:
    """The one file that the module can be: beside the file that says so, or the only one of that name in the project."""
    path = dotted.replace(".", "/")
    beside = Path(os.path.abspath(near.path)).parent
    tails = (f"/{path}.py", f"/{path}/__init__.py")
    candidates = [file for file in project.files if file.path.as_posix().endswith(tails)]
    if len(candidates) != 1 or not candidates[0].path.is_relative_to(beside):
        return None
    return next(iter(project.facts(candidates[0], PythonFile)), None)


def _has(module: PythonFile, name: str) -> bool:
    """The module may have the name: it is bound somewhere, or bound in a way that cannot be seen."""
    for node in module.shape.nodes:
        match node:
            case ast.alias(name="*"):
                return True
            case ast.alias() if (node.asname or node.name).partition(".")[0] == name:
                return True
            case ast.Name(id=bound, ctx=ast.Store()) if bound == name:
                return True
            case ast.FunctionDef(name=bound) | ast.AsyncFunctionDef(name=bound) | ast.ClassDef(name=bound) if bound == name:
                return True
            case ast.Name(id="globals" | "exec" | "setattr") | ast.FunctionDef(name="__getattr__"):
                return True
    return False


def _assigned(module: PythonFile) -> list[str]:
    """What calls at the module's top give names to, and its classes."""
    found = []
    for statement in module.shape.tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            found += [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.ClassDef):
            found.append(statement.name)
    return found

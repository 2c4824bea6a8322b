"""A framework that the served code imports, and that nothing installs where it is served.

An image gets what its Dockerfile installs, App Engine what `requirements.txt` beside `app.yaml` lists: what is installed on
one's own machine does not come along. ``ModuleNotFoundError: No module named 'tensorflow'`` when the service starts.

```dockerfile bad
FROM python:3.11-slim
WORKDIR /app
COPY requirements.txt app.py ./
RUN pip install -r requirements.txt
CMD ["gunicorn", "-b", ":8080", "app:app"]  # <-
```

```text + path=requirements.txt
flask==3.0.0
gunicorn
pillow
```

```python + path=app.py
import tensorflow as tf
from flask import Flask

app = Flask(__name__)
model = tf.keras.models.load_model("net.keras")
```

So it is on App Engine.

```yaml bad path=app.yaml
runtime: python311  # <-
entrypoint: gunicorn -b :$PORT main:app
```

```python + path=main.py
import torch
from flask import Flask

app = Flask(__name__)
```

The first generation of App Engine (`python27`) takes no compiled packages at all but those it has itself.

```yaml bad path=app.yaml
runtime: python27  # <-
api_version: 1
threadsafe: yes
handlers:
- url: .*
  script: main.app
```

```python + path=main.py
import tensorflow as tf
import webapp2

app = webapp2.WSGIApplication([])
```

Something that is installed may bring it along, the image may have it already, and code may do without.

```dockerfile good
FROM python:3.11-slim
COPY . .
RUN pip install -r requirements.txt
CMD ["python", "app.py"]
```

```text + path=requirements.txt
flask
ultralytics
```

```python + path=app.py
import torch
```

```dockerfile good path=gpu/Dockerfile
FROM tensorflow/tensorflow:2.15.0
COPY . .
RUN pip install flask
CMD ["python", "other.py"]
```

```python + path=gpu/other.py
import tensorflow as tf
```

```dockerfile good path=lite/Dockerfile
FROM python:3.11-slim
COPY . .
RUN pip install flask
CMD ["python", "light.py"]
```

```python + path=lite/light.py
try:
    import tensorflow as tf
except ImportError:
    tf = None
```

So it is with the server that the image starts.

```dockerfile bad
FROM python:3.11-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]  # <-
```

```text + path=requirements.txt
flask==3.0.0
torch==2.2.0
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)
```

Extras may bring it, and so may packages that are not known.

```dockerfile good
FROM python:3.11-slim
WORKDIR /app
COPY . .
RUN pip install -r requirements.txt
CMD ["uvicorn", "app:app", "--host", "0.0.0.0"]
```

```text + path=requirements.txt
fastapi[standard]==0.115.0
torch==2.2.0
```

```python + path=app.py
import torch
from fastapi import FastAPI

app = FastAPI()
```

References: https://docs.cloud.google.com/appengine/docs/standard/python3/specifying-dependencies;
https://docs.cloud.google.com/appengine/docs/legacy/standard/python/tools/built-in-libraries-27
"""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.finding import Placed
from deplint.project import File
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.functions import AppEngine
from deplint.settings.pins import Requirements, canonical
from deplint.settings.released import runs

FRAMEWORKS = frozenset(("tensorflow", "torch", "onnxruntime", "transformers", "tflite_runtime"))

PLAIN = frozenset(
    """
    flask flask-cors flask-restful flask-wtf werkzeug jinja2 markupsafe itsdangerous click gunicorn gevent waitress uvicorn hypercorn
    fastapi starlette pydantic python-multipart aiofiles django djangorestframework requests httpx aiohttp urllib3 certifi idna chardet six
    numpy scipy pandas pillow opencv-python opencv-python-headless scikit-learn matplotlib h5py joblib pyyaml python-dotenv tqdm protobuf
    grpcio boto3 redis celery psycopg2 psycopg2-binary sqlalchemy google-cloud-storage webapp2 nltk loguru orjson regex
    python-dateutil pytz setuptools wheel pip
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""Packages that are known to bring none of these along."""

SERVERS = {"gunicorn": "gunicorn", "uvicorn": "uvicorn", "hypercorn": "hypercorn", "waitress-serve": "waitress", "streamlit": "streamlit"}
"""Programs that serve -> the package that brings each."""

WITHOUT_SERVERS = PLAIN | frozenset(
    """
    tensorflow tensorflow-cpu torch torchvision torchaudio onnx onnxruntime onnxruntime-gpu keras tf-keras transformers tokenizers
    sentencepiece timm opencv-contrib-python opencv-contrib-python-headless sentence-transformers accelerate safetensors scikit-image
    xgboost lightgbm catboost tflite-runtime ai-edge-litert openvino tf2onnx prometheus-client seaborn spacy
    """.split()  # noqa: SIM905
)
"""Packages that are known to bring no server along, but those that are one."""

HARMLESS = frozenset(
    "apt-get apt apk pip pip3 mkdir chmod chown useradd adduser groupadd addgroup rm echo ln export cp mv set cd true".split()  # noqa: SIM905
)
"""Commands of a Dockerfile that install nothing deplint does not see."""

PYTHON = re.compile(r"python(?:3\d+)?")


@rule(
    "DPL655",
    severity="error",
    leaves=["S.3.3", "S.3.1"],
    see=[
        "https://docs.cloud.google.com/appengine/docs/standard/python3/specifying-dependencies",
        "https://docs.cloud.google.com/appengine/docs/legacy/standard/python/tools/built-in-libraries-27",
        "https://stackoverflow.com/q/40310602",
    ],
)
def framework_not_installed(facts: Deployment | AppEngine, project: Project) -> Iterator[Finding]:
    if isinstance(facts, AppEngine):
        yield from _on_app_engine(facts, project)
        return
    stage = _stage(facts, project)
    names = _installed(stage, facts, project) if stage is not None else None
    for program in started(facts, project) if names is not None else ():
        server = _server(program, names or set(), stage, facts, project)
        if server and program.place.path == facts.path:
            yield Finding(
                program,
                f"{program.name} is started, and nothing in this image installs it: executable file not found when it starts",
                help=f"add {server} to what pip installs",
            )
            continue
        module = _module(program)
        lacking = _lacking(_beside(module, facts, project), names or set())
        if lacking and program.place.path == facts.path:
            yield Finding(
                program,
                f"{module}.py imports {lacking}, and nothing in this image installs it: ModuleNotFoundError when it starts",
                help=f"add {lacking} to what pip installs",
            )


def _server(program: Program, names: set[str], stage: Stage | None, near: Deployment, project: Project) -> str:
    """The package of the server that is started, if certainly no package brings it: FastAPI's extras bring uvicorn."""
    package = SERVERS.get(program.name, "")
    if not package or package in names or stage is None or not WITHOUT_SERVERS.issuperset(names) or not names:
        return ""
    texts = [file.text for part in stage.line for one in part.lists if (file := project.resolve(PurePosixPath(one.path).name, near))]
    return "" if any(re.search(rf"\w\[|{package}", text, re.I) for text in (*texts, runs(stage))) else package


def _on_app_engine(facts: AppEngine, project: Project) -> Iterator[Finding]:
    main = _beside(facts.module, facts, project)
    if facts.runtime == "python27" and not facts.flexible:
        names: set[str] | None = set()
        why = "python27 takes no packages with compiled code but its own"
    elif facts.runtime == "python27" or PYTHON.fullmatch(facts.runtime):
        names = _listed(_file("requirements.txt", facts, project), project)
        others = [_file(name, facts, project) for name in ("Pipfile", "pyproject.toml", "setup.py", "Dockerfile")]
        names = None if any(others) else set() if _file("requirements.txt", facts, project) is None else names
        why = "App Engine installs what requirements.txt beside app.yaml lists"
    else:
        return
    lacking = _lacking(main, names) if names is not None else ""
    if lacking:
        yield Finding(
            facts.place,
            f"{facts.module or 'the code'} imports {lacking}, and {why}: ImportError, No module named {lacking}",
            help=f"list {lacking} in requirements.txt; python27 needs another runtime",
        )


def _stage(facts: Deployment, project: Project) -> Stage | None:
    """What a Dockerfile makes of a stock image of Python, if all that it runs is known to bring no more than it lists."""
    file = project.file(Path(os.path.abspath(facts.path))) if facts.kind == "dockerfile" else None
    read = project.facts(file, Dockerfile) if file else []
    stage = read[0].final if read and read[0].stages else None
    if stage is None or stage.root is None or stage.root.repository != "python" or any(c.from_stage for s in stage.line for c in s.copies):
        return None
    for run in stage.all("RUN"):
        for words in run.commands:
            texts = [word.text or "" for word in words]
            if not texts or texts[0] not in HARMLESS or any(re.match(r"\.|-e$|git\+|https?:|\S+\.whl|$", text) for text in texts[1:]):
                return None
    return stage


def _installed(stage: Stage, near: Deployment, project: Project) -> set[str] | None:
    """The packages that are installed; None unless all of them are known."""
    names = {canonical(pin.name) for pin in stage.installed if pin.ecosystem == "pypi"}
    for one in stage.line:
        for included in one.lists:
            listed = _listed(project.resolve(PurePosixPath(included.path).name, near), project)
            if listed is None:
                return None
            names |= listed
    return names


def _listed(file: File | None, project: Project) -> set[str] | None:
    """The packages of a requirements file; None if it is not there, or names other files or addresses."""
    found = project.facts(file, Requirements) if file else []
    if len(found) != 1 or found[0].includes or any(pin.url or not pin.name for pin in found[0].packages):
        return None
    lines = [line for line in file.text.split("\n") if re.match(r"\s*[\w.]", line)] if file else []
    return {canonical(pin.name) for pin in found[0].packages} if len(lines) <= len(found[0].packages) else None


def _module(program: Program) -> str:
    """The module that is started: ``app:app`` of a server, the script that Python is given."""
    words = [word.text or "" for word in program.arguments]
    if program.name in ("gunicorn", "uvicorn", "hypercorn"):
        return next((word.partition(":")[0] for word in words if re.fullmatch(r"[A-Za-z_][\w.]*:\w+(?:\(\))?", word)), "")
    return words[0].removesuffix(".py").strip("./") if program.name == "python" and words and words[0].endswith(".py") else ""


def _beside(module: str, near: Deployment | AppEngine, project: Project) -> PythonFile | None:
    """The module, in the folder of the file that starts it or below."""
    file = _file(module.replace(".", "/") + ".py", near, project) if module else None
    file = file or (_file("post.py", near, project) if project.fragments else None)
    return next(iter(project.facts(file, PythonFile)), None) if file else None


def _file(name: str, near: Placed, project: Project) -> File | None:
    return project.file(Path(os.path.abspath(near.place.path)).parent / name)


def _lacking(file: PythonFile | None, names: set[str]) -> str:
    """The first framework that a module certainly imports, and that no package of these names has or brings."""
    if file is None or not PLAIN.issuperset(names):
        return ""
    for statement in file.shape.tree.body:
        imported = []
        if isinstance(statement, ast.Import):
            imported = [alias.name for alias in statement.names]
        elif isinstance(statement, ast.ImportFrom) and not statement.level:
            imported = [statement.module or ""]
        for name in imported:
            top = name.partition(".")[0]
            if top in FRAMEWORKS and file.find(top, 0) is None:
                return top
    return ""

"""An ASGI app behind a WSGI server, or the other way round.

FastAPI, Starlette and Quart make ASGI apps, Flask and Django's `get_wsgi_application` WSGI apps. gunicorn's own workers speak WSGI:
with FastAPI every request ends in ``TypeError: FastAPI.__call__() missing 1 required positional argument: 'send'``. uvicorn and hypercorn
speak ASGI: ``TypeError: Flask.__call__() missing 1 required positional argument: 'start_response'``.

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["gunicorn", "-b", "0.0.0.0:8000", "-w", "2", "main:app"]  # <-
```

```python + path=main.py
import onnxruntime
from fastapi import FastAPI

app = FastAPI()
session = onnxruntime.InferenceSession("net.onnx")
```

And

```dockerfile bad path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]  # <-
```

```python + path=main.py
import onnxruntime
from flask import Flask

app = Flask(__name__)
session = onnxruntime.InferenceSession("net.onnx")
```

A worker class, an adapter or gunicorn's own settings may mend that.

```dockerfile good path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["gunicorn", "-b", "0.0.0.0:8000", "-k", "uvicorn.workers.UvicornWorker", "main:app"]
```

```python + path=main.py
from fastapi import FastAPI

app = FastAPI()
```

and

```dockerfile good path=Dockerfile
FROM python:3.11-slim
COPY main.py .
CMD ["uvicorn", "main:asgi", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=main.py
from asgiref.wsgi import WsgiToAsgi
from flask import Flask

app = Flask(__name__)
asgi = WsgiToAsgi(app)
```

and

```dockerfile good path=Dockerfile
FROM python:3.11-slim
COPY main.py .
ENV GUNICORN_CMD_ARGS="-k uvicorn.workers.UvicornWorker"
CMD ["gunicorn", "main:app"]
```

```python + path=main.py
from fastapi import FastAPI

app = FastAPI()
```

References: the specifications of WSGI (PEP 3333) and ASGI; checked with Flask 3.1 and FastAPI 0.165
(`tests/claims/test_own_services.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment
from deplint.settings.serving import mentioned

KINDS = {"fastapi.FastAPI": "ASGI", "starlette.applications.Starlette": "ASGI", "quart.Quart": "ASGI", "flask.Flask": "WSGI"}
SPEAKS = {"gunicorn": "WSGI", "uvicorn": "ASGI", "hypercorn": "ASGI", "daphne": "ASGI", "waitress-serve": "WSGI"}
APP = re.compile(r"[A-Za-z_][\w.]*:([A-Za-z_]\w*)")
TOLD = re.compile(r"(?:-k|-c|--worker-class|--config|--interface|--paste).*")
"""Options that choose another kind of worker, or a file that may."""


@rule(
    "DPL150",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://fastapi.tiangolo.com/deployment/server-workers/",
        "https://flask.palletsprojects.com/en/stable/deploying/asgi/",
        "https://asgi.readthedocs.io/en/latest/specs/main.html",
    ],
)
def wsgi_asgi_mixed_up(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for program in started(deployment, project):
        speaks = SPEAKS.get(program.name, "")
        if not speaks or not program.known or program.place.path != deployment.path or any(map(_told, program.arguments)):
            continue
        kind, module = _app(program, deployment, project)
        if kind and KINDS[kind] != speaks and not (program.name == "gunicorn" and _configured(program, project)):
            yield Finding(
                program.place,
                f"{program.name} speaks {speaks}, and the app in {module} is {kind.rpartition('.')[2]}'s, which is {KINDS[kind]}: "
                "every request ends in TypeError",
                help="gunicorn -k uvicorn.workers.UvicornWorker, or uvicorn"
                if speaks == "WSGI"
                else "gunicorn, or wrap it: WsgiToAsgi(app)",
            )


def _told(word: object) -> bool:
    return TOLD.match(str(word)) is not None


def _configured(program: Program, project: Project) -> bool:
    env = program.container.env if program.container is not None else {}
    return "GUNICORN_CMD_ARGS" in env or any(f.name == "gunicorn.conf.py" for f in project.files) or mentioned(project, "GUNICORN_CMD_ARGS")


def _app(program: Program, deployment: Deployment, project: Project) -> tuple[str, str]:
    """What the app certainly is, and the file it is made in; empty if that is not known."""
    names = [match[1] for word in program.arguments if (match := APP.fullmatch(word.text or ""))]
    beside = Path(os.path.abspath(deployment.path)).parent
    script = program.script
    found = [f for f in project.files if script and f.path.is_relative_to(beside) and f.path.as_posix().endswith("/" + script)]
    module = next(iter(project.facts(found[0], PythonFile)), None) if len(found) == 1 else None
    if module is None or len(names) != 1:
        return "", ""
    name = re.escape(names[0])
    sets = re.findall(rf"^{name}\s*(?::[^=\n]+)?=\s*([\w.]+)\(", module.text, re.M)
    kinds = [kind for kind in KINDS if sets == [kind.rpartition(".")[2]] and module.calls(kind)]
    again = len(re.findall(rf"^\s*{name}\s*(?::[^=\n]+)?=[^=]", module.text, re.M)) > 1 or f"{names[0]}.wsgi_app =" in module.text
    return (kinds[0], module.path) if len(kinds) == 1 and not again else ("", "")

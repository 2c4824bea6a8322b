"""An image that serves a model with a development server.

`flask run`, `fastapi dev`, `--reload` and `debug=True` are for writing a program. The reloader starts it twice, so that the model is
loaded twice and takes its memory twice, it starts again whenever a file changes, and Flask's debugger lets anybody who meets an error
run code in the container. Flask says so itself: ``WARNING: This is a development server. Do not use it in a production deployment.``

```dockerfile bad
FROM python:3.12
COPY . .
ENV FLASK_APP=app.py
EXPOSE 5000
CMD ["flask", "run", "--host=0.0.0.0"]  # <-
```

```dockerfile bad
FROM python:3.12
COPY . .
CMD uvicorn app:app --host 0.0.0.0 --reload  # <-
```

```dockerfile bad
FROM python:3.12
COPY . .
CMD ["python", "app.py"]  # <-
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("net.pt")

if __name__ == "__main__":
    app.run(host="0.0.0.0", debug=True)
```

```dockerfile good
FROM python:3.12
COPY . .
CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)
model = torch.jit.load("net.pt")

if __name__ == "__main__":
    app.run(debug=True)
```

An image for development may do so.

```dockerfile good path=Dockerfile.dev
FROM python:3.12
COPY . .
CMD uvicorn app:app --host 0.0.0.0 --reload
```

References: "Deploying to Production" in the documentation of Flask; that a reloader imports the program twice was seen with Flask 3.1
and uvicorn 0.54 (`tests/claims/test_servers.py`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.commands import Program, started
from deplint.settings.containers import Deployment

DEVELOPMENT = re.compile(r"(^|[._/-])(dev|devel|development|debug|local|test|tests|override|example|devcontainer)([._/-]|$)")
CALLS = {"flask.Flask().run": "debug", "uvicorn.run": "reload"}
PLAIN = ", one process that Flask itself says is not for production"
DEBUGGED = "; its reloader loads the model twice, and its debugger lets callers run code"
RELOADED = "; it watches the files and starts anew whenever one changes"


@rule(
    "DPL560",
    severity="warning",
    leaves=["S.1.1"],
    see=[
        "https://flask.palletsprojects.com/en/stable/deploying/",
        "https://fastapi.tiangolo.com/fastapi-cli/",
        "https://uvicorn.dev/deployment/",
    ],
)
def development_server_shipped(deployment: Deployment, project: Project) -> Iterator[Finding]:
    # Compose files are as often for a developer's own machine.
    if deployment.kind not in ("dockerfile", "kubernetes") or DEVELOPMENT.search(deployment.path.lower()):
        return
    for program in started(deployment, project):
        what = _development(program) or _script(program, deployment, project)
        if what:
            yield Finding(
                program,
                f"{what}: a development server serves from this image{_why(what)}",
                help='serve with gunicorn or uvicorn: CMD ["gunicorn", "-b", "0.0.0.0:8000", "app:app"]',
            )


def _why(what: str) -> str:
    return PLAIN if what == "flask run" else DEBUGGED if what.startswith("flask.") else RELOADED


def _development(program: Program) -> str | None:
    words = [word.text or "" for word in program.arguments]
    if program.name == "flask" and "run" in words:
        return "flask run"
    if program.name == "fastapi" and "dev" in words:
        return "fastapi dev"
    if program.name in ("uvicorn", "gunicorn", "hypercorn") and "--reload" in words:
        return f"{program.name} --reload"
    if program.name == "python" and words[:1] and posixpath.basename(words[0]) == "manage.py" and "runserver" in words:
        return "manage.py runserver"
    return None


def _script(program: Program, deployment: Deployment, project: Project) -> str | None:
    path = program.arguments[0].text if program.name == "python" and program.arguments else None
    file = project.resolve(path, deployment) if path and path.endswith(".py") else None
    for facts in project.facts(file, PythonFile) if file else ():
        for pattern, name in CALLS.items():
            for call in facts.calls(pattern):
                if call.argument(name).python() is True:
                    return f"{name}=True in {call.place.path}"
    return None

"""A server in a container that listens where nobody outside can reach it.

Each container has a loopback address of its own. A server that listens on 127.0.0.1, as uvicorn, Flask, Hypercorn, MLflow and Gradio do
unless told otherwise, answers inside the container only; a published port leads nowhere: ``Connection reset by peer``, ``Empty reply
from server``.

```dockerfile bad
FROM python:3.12
COPY app.py .
EXPOSE 8000
CMD ["uvicorn", "app:app", "--port", "8000"]  # <-
```

```dockerfile good
FROM python:3.12
COPY app.py .
EXPOSE 8000
CMD ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "8000"]
```

The address may be in the code.

```dockerfile bad
FROM python:3.12
COPY app.py .
EXPOSE 5000
ENTRYPOINT python app.py  # <-
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run(port=5000)
```

```dockerfile good
FROM python:3.12
COPY app.py .
EXPOSE 5000
ENTRYPOINT python app.py
```

```python + path=app.py
import torch
from flask import Flask

app = Flask(__name__)

if __name__ == "__main__":
    app.run(host="0.0.0.0", port=5000)
```

Nothing is published, the address comes from the environment, or the server's settings are elsewhere.

```dockerfile good
FROM python:3.12
CMD ["uvicorn", "app:app"]
```

```dockerfile good path=one/Dockerfile
FROM python:3.12
ENV UVICORN_HOST=0.0.0.0
EXPOSE 8000
CMD ["uvicorn", "app:app"]
```

```dockerfile good path=two/Dockerfile
FROM python:3.12
EXPOSE 8000
CMD uvicorn app:app --host $HOST
```

```dockerfile good path=three/Dockerfile
FROM python:3.12
EXPOSE 8000
CMD ["gunicorn", "-c", "gunicorn.conf.py", "app:app"]
```

```dockerfile good path=four/Dockerfile
FROM python:3.12
EXPOSE 8000
CMD ["hypercorn", "app:app", "-b", "0.0.0.0:8000"]
```

Who publishes the port may be another file.

```dockerfile bad path=api/Dockerfile
FROM python:3.12
CMD uvicorn app:app --port $PORT  # <-
```

```yaml + path=docker-compose.yml
services:
  api:
    build: api
    ports: ["8000:8000"]
```

```dockerfile bad path=Dockerfile
FROM python:3.12
CMD ["flask", "--app", "serve", "run"]  # <-
```

```text + path=README.md
docker run --rm -p 5000:5000 fruit
```

A script that the container runs counts, and so does a command in compose.

```yaml bad path=docker-compose.yml
services:
  api:
    image: python:3.12
    command: flask --app serve run --port 8000  # <-
    ports: ["8000:8000"]
  worker:
    image: python:3.12
    command: gunicorn -w 2 -b 127.0.0.1:9000 serve:app  # <-
    ports: ["9000:9000"]
  inner:
    image: python:3.12
    command: gunicorn -w 2 -b 127.0.0.1:9000 serve:app
    network_mode: host
```

TorchServe's address is in its settings.

```dockerfile bad
FROM pytorch/torchserve:0.12.0-cpu
COPY config.properties /home/model-server/config.properties
EXPOSE 8080
CMD ["torchserve", "--start", "--foreground", "--ts-config", "/home/model-server/config.properties"]  # <-
```

```text + path=config.properties
inference_address=http://127.0.0.1:8080
management_address=http://127.0.0.1:8081
```

```dockerfile good
FROM pytorch/torchserve:0.12.0-cpu
COPY config.properties /home/model-server/config.properties
EXPOSE 8080
CMD ["torchserve", "--start", "--foreground", "--ts-config", "/home/model-server/config.properties"]
```

```text + path=config.properties
inference_address=http://0.0.0.0:8080
management_address=http://127.0.0.1:8081
```

That is its default, too, where its settings do not say.

```dockerfile bad
FROM python:3.10-slim
RUN pip install torchserve==0.12.0
COPY config.properties /srv/
EXPOSE 8080
CMD ["torchserve", "--start", "--foreground", "--ts-config", "/srv/config.properties"]  # <-
```

```ini + path=config.properties
default_workers_per_model=1
```

So is Ray Serve's where a script starts it.

```dockerfile bad path=Dockerfile
FROM rayproject/ray:2.9.3-py310
COPY app.py .
EXPOSE 8000
CMD ["python", "app.py"]  # <-
```

```python + path=app.py
import torch
import ray
from ray import serve

@serve.deployment
class Net:
    async def __call__(self, request):
        return 1

ray.init()
serve.run(Net.bind(), route_prefix="/net")
```

```dockerfile good path=Dockerfile
FROM rayproject/ray:2.9.3-py310
COPY app.py .
EXPOSE 8000
CMD ["python", "app.py"]
```

```python + path=app.py
import torch
from ray import serve

@serve.deployment
class Net:
    async def __call__(self, request):
        return 1

serve.start(http_options={"host": "0.0.0.0"})
serve.run(Net.bind())
```

References: the defaults were asked of uvicorn 0.54, Flask 3.1, Hypercorn 0.17, gunicorn 23 and mlflow 3 (`tests/claims/test_servers.py`).
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.settings.commands import Program, started
from deplint.settings.containers import Container, Deployment
from deplint.settings.serving import mentioned
from deplint.settings.torchserve import TorchServeConfig

LOCAL = re.compile(r"(127\.0\.0\.1|localhost|\[?::1\]?)(:\d+)?")

OPTION = re.compile(r"--[a-z-]+|-[a-z]")
"""An option whose value is the next word, whatever that is."""

RUN = r"(docker|podman) run [^\n]*(\\\n[^\n]*)*\s(-p|--publish)[ =]?[\"']?[\d$]"

COMMANDS = {
    "uvicorn": (("--host",), "127.0.0.1", ("--uds", "--fd"), "UVICORN_HOST"),
    "flask run": (("--host", "-h"), "127.0.0.1", (), "FLASK_RUN_HOST"),
    "hypercorn": (("--bind", "-b"), "127.0.0.1:8000", ("-c", "--config"), "HYPERCORN_"),
    "gunicorn": (("--bind", "-b"), None, ("-c", "--config"), "GUNICORN_CMD_ARGS"),
    "mlflow models": (("--host", "-h"), "127.0.0.1", (), "MLFLOW_HOST"),
    "mlflow server": (("--host", "-h"), "127.0.0.1", (), "MLFLOW_HOST"),
    "mlflow ui": (("--host", "-h"), "127.0.0.1", (), "MLFLOW_HOST"),
    "fastapi dev": (("--host",), "127.0.0.1", (), "UVICORN_HOST"),
    "fastapi run": (("--host",), None, (), "UVICORN_HOST"),
}
"""Command -> its options for the address, the address without them (None if it is reachable, or depends), options with which all is
otherwise, and the variable that sets it."""

CALLS = {
    "flask.Flask().run": ("host", 0, "127.0.0.1", "FLASK_RUN_HOST"),
    "uvicorn.run": ("host", None, "127.0.0.1", "UVICORN_HOST"),
    "{gradio.Interface,gradio.Blocks,gradio.ChatInterface,gradio.TabbedInterface}().launch": (
        *("server_name", None),
        *("127.0.0.1", "GRADIO_SERVER_NAME"),
    ),
    "waitress.serve": ("host", None, None, "WAITRESS_HOST"),
}
"""Call -> its argument for the address, the address without it, and the variable that sets it."""


@rule(
    "DPL527",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://uvicorn.dev/settings/",
        "https://github.com/pytorch/serve/blob/v0.12.0/docs/configuration.md",
        "https://flask.palletsprojects.com/en/stable/quickstart/",
        "https://github.com/ray-project/ray/blob/ray-2.9.3/python/ray/serve/_private/constants.py",
        "https://stackoverflow.com/q/30323224",
    ],
)
def server_binds_localhost(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for program in started(deployment, project):
        container = program.container
        if container is None or (container.network or "") not in ("", "bridge") or _shared(deployment):
            continue
        found = _command(program) or (_script(program, deployment, project) if program.name == "python" else None)
        found = found or _torchserve(program, deployment, project)
        if found is None:
            continue
        address, variable, where = found
        if not LOCAL.fullmatch(address) or mentioned(project, re.escape(variable)) or _host_network(deployment, project):
            continue
        if _published(container, deployment, project):
            yield Finding(
                program,
                f"the server{where} listens on {address}: inside the container alone, and the port that is published leads nowhere",
                help="listen on 0.0.0.0",
            )


def _command(program: Program) -> tuple[str, str, str] | None:
    """The address a program listens on, as far as its command line says so."""
    verbs = [word.text for word in program.arguments]
    name = next((n for n in COMMANDS if n.split()[0] == program.name and all(verb in verbs for verb in n.split()[1:])), None)
    before = [None, *program.arguments]
    bounded = (
        word.text is not None or word.written.startswith("-") or (option is not None and OPTION.fullmatch(option.text or ""))
        for option, word in zip(before, program.arguments, strict=False)
    )
    if name is None or not all(bounded):
        return None
    options, default, otherwise, variable = COMMANDS[name]
    given: str | None = default
    for i, word in enumerate(program.arguments):
        option, equals, value = (word.text or word.written).partition("=")
        if option in otherwise:
            return None
        short = next((o for o in options if len(o) == 2 and option.startswith(o) and option != o and not option.startswith("--")), None)
        if option in options:
            following = program.arguments[i + 1].text if i + 1 < len(program.arguments) else None
            given = (value if word.text is not None else None) if equals else following
        elif short:
            given = option[2:]
    return (given, variable, "") if given else None


def _script(program: Program, deployment: Deployment, project: Project) -> tuple[str, str, str] | None:
    """The address on which the server listens that a script of the project starts."""
    path = program.arguments[0].text if program.arguments else None
    file = project.resolve(path, deployment) if path and path.endswith(".py") else None
    for facts in project.facts(file, PythonFile) if file else ():
        calls = [(call, *rest) for pattern, rest in CALLS.items() for call in facts.calls(pattern)]
        if not calls and (address := _ray(facts)):
            return address, "RAY_SERVE_DEFAULT_HTTP_HOST", f" of {facts.path}"
        if len(calls) == 1:
            call, name, position, default, variable = calls[0]
            address = _given(call, name, position, default)
            return (address, variable, f" of {call.place.path}") if address else None
    return None


def _ray(file: PythonFile) -> str | None:
    """Ray Serve's address: what `serve.start` is told, on this machine alone where nobody tells it anything."""
    runs, starts = file.calls("ray.serve.run"), file.calls("ray.serve.start")
    if not runs or any(not call.argument("address", 0).missing or call.open for call in file.calls("ray.init")):
        return None
    given = [call.argument("http_options", 1 if call.argument("http_options").missing else None) for call in starts]
    if any(one.entries is None and not one.missing for one in given) or any(call.open for call in starts):
        return None
    hosts = [item.text for one in given for key, item in one.entries or () if key.text == "host"]
    return hosts[0] if hosts else "127.0.0.1"


def _torchserve(program: Program, deployment: Deployment, project: Project) -> tuple[str, str, str] | None:
    """TorchServe's address for requests, by its settings file or, where that gives none, its default."""
    path = program.flags.get("ts-config") if program.name == "torchserve" else None
    text = path.text if path is not None else None
    file = (project.resolve(text, deployment) or project.resolve(os.path.basename(text), deployment)) if text else None
    for facts in project.facts(file, TorchServeConfig) if file else ():
        address = facts.values.get("inference_address")
        if address is None and not facts.on("enable_envvars_config"):
            return "127.0.0.1:8080", "TS_INFERENCE_ADDRESS", f" of {facts.path}, which gives no inference_address,"
        if address is not None and address.text:
            return re.sub(r"^\w+://", "", address.text).rstrip("/"), "TS_INFERENCE_ADDRESS", f" of {facts.path}"
    return None


def _given(call: Call, name: str, position: int | None, default: str | None) -> str | None:
    value = call.argument(name, position)
    if call.name.endswith(".launch") and not call.argument("share").missing:
        return None
    return default if value.missing else value.text


def _published(container: Container, deployment: Deployment, project: Project) -> bool:
    """A port leads to the container: by its own words, by a compose file that builds it, or by a command that people are told to give."""
    if deployment.kind != "dockerfile":
        return any(port.published or deployment.kind == "kubernetes" for port in container.ports)
    here = os.path.abspath(deployment.path)
    composed = (
        other
        for compose in project.all(Deployment)
        for other in compose.containers
        if compose.kind == "compose"
        and other.build
        and os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(compose.path)), other.build)) == here
    )
    built = any(port.published for other in composed for port in other.ports)
    return bool(container.ports) or built or mentioned(project, RUN, inside=Path(here).parent)


def _shared(deployment: Deployment) -> bool:
    """Containers of one pod have one loopback address: another of them may pass on what comes in."""
    return deployment.kind == "kubernetes" and len(deployment.containers) > 1


def _host_network(deployment: Deployment, project: Project) -> bool:
    """Somebody runs what this file builds on the network of its host, or in that of another container."""
    if deployment.kind != "dockerfile":
        return False
    others = (container for other in project.all(Deployment) if other.kind != "dockerfile" for container in other.containers)
    return any(container.network not in ("", "bridge") for container in others)

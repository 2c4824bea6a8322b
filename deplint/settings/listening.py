"""The ports a container listens on, as far as the programs it starts say so.

    for container in deployment.containers:
        listening = ports(container, deployment, project)
        if listening is not None:
            print(listening.ports, listening.place)

Defaults are those of the programs' own documentation; where a variable, a settings file or code that nobody can follow decides, nothing is
known.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.finding import Place
from deplint.project import Project
from deplint.settings.commands import Program, started
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile

OPTIONS: dict[str, tuple[tuple[str, ...], int | None, str]] = {
    "uvicorn": (("--port",), 8000, "UVICORN_PORT"),
    "hypercorn": (("--bind", "-b"), 8000, ""),
    "gunicorn": (("--bind", "-b"), None, "PORT"),
    "flask run": (("--port", "-p"), 5000, "FLASK_RUN_PORT"),
    "fastapi run": (("--port",), 8000, "UVICORN_PORT"),
    "fastapi dev": (("--port",), 8000, "UVICORN_PORT"),
    "streamlit run": (("--server.port",), 8501, "STREAMLIT_SERVER_PORT"),
    "waitress-serve": (("--port", "--listen"), 8080, ""),
    "daphne": (("-p", "--port"), 8000, ""),
    "mlflow models": (("--port", "-p"), 5000, "MLFLOW_PORT"),
    "bentoml serve": (("--port", "-p"), 3000, "BENTOML_PORT"),
    "vllm serve": (("--port",), 8000, "VLLM_PORT"),
}
"""Command -> its options for the port (or an address that ends in one), the port without them (None: not told here), and the variable that
sets it."""

CONFIGURED = ("-c", "--config", "--uds", "--fd", "--unix-socket", "--production", "--root-path", "--proxy-headers-port")
"""Options with which the port may be said elsewhere."""

CALLS: dict[str, tuple[str, int | None, int, str]] = {
    "flask.Flask().run": ("port", 1, 5000, "FLASK_RUN_PORT"),
    "uvicorn.run": ("port", None, 8000, "UVICORN_PORT"),
    "{gradio.Interface,gradio.Blocks,gradio.ChatInterface,gradio.TabbedInterface}().launch": (
        "server_port",
        None,
        7860,
        "GRADIO_SERVER_PORT",
    ),
    "waitress.serve": ("port", None, 8080, ""),
    "aiohttp.web.run_app": ("port", None, 8080, ""),
}
"""Call -> its argument for the port, the port without it, and the variable that sets it."""

SERVES = re.compile(r"\.run\(|\.launch\(|serve\(|run_app\(|add_insecure_port|start_http_server|HTTPServer|listen\(|bind\(|\.start\(")
HARMLESS = frozenset("cd echo mkdir export set sleep alembic ls cat chmod chown sh bash true source . ulimit unset touch".split())  # noqa: SIM905


@dataclass(frozen=True)
class Listening:
    """The ports, and where they are said."""

    ports: frozenset[int]
    place: Place
    program: str


def ports(container: Container, deployment: Deployment, project: Project) -> Listening | None:
    """What a container that is built from a Dockerfile of the project, or that starts a known program itself, listens on; None where that
    is not certain."""
    own = container.entrypoint is not None or bool(container.args)
    file = dockerfile(container, deployment, project) or _tagged(container, deployment, project)
    if not own and file is not None:
        image = image_of(file, project)
        found = of_image(image, project) if image is not None else None
        changed = found is not None and any(re.search("PORT|BIND|ADDR", name) for name in container.env)
        return None if changed or "env" in container.partial else found
    if not own or container.partial & {"entrypoint", "args", "env"}:
        return None
    if container.entrypoint is None and file is not None and file.final.entrypoint is not None:
        return None
    one = replace(deployment, containers=[container])
    return _together(list(started(one, project)), one, project)


def of_image(image: Deployment, project: Project) -> Listening | None:
    """What the image that a Dockerfile makes listens on, if it is run as it is."""
    return _together(list(started(image, project)), image, project)


def dockerfile(container: Container, deployment: Deployment, project: Project) -> Dockerfile | None:
    """The Dockerfile that a container is built from, as compose says."""
    if not container.build or deployment.kind == "dockerfile":
        return None
    file = project.file(Path(os.path.abspath(deployment.path)).parent / container.build)
    return next(iter(project.facts(file, Dockerfile)), None) if file else None


def made_from(container: Container, deployment: Deployment, project: Project) -> Dockerfile | None:
    """The Dockerfile of the project that a container's image is certainly made from: as compose or the same script says, or, in Kubernetes,
    the only one, if there is but one container or it is called as the image is."""
    if deployment.kind != "kubernetes":
        return dockerfile(container, deployment, project) or _tagged(container, deployment, project)
    name = (container.image.name if container.image is not None else None) or ""
    files = list(project.all(Dockerfile))
    if not name or len(files) != 1:
        return None
    one = sum(len(d.containers) for d in project.all(Deployment) if d.kind == "kubernetes") == 1
    same = posixpath.basename(name) in {files[0].final.name, posixpath.basename(posixpath.dirname(files[0].path))}
    return files[0] if one or same else None


def image_of(file: Dockerfile, project: Project) -> Deployment | None:
    """The image that a Dockerfile makes, as it is run without options."""
    return next((d for d in project.all(Deployment) if d.kind == "dockerfile" and d.path == file.path), None)


def started_modules(container: Container, deployment: Deployment, project: Project) -> Iterator[tuple[PythonFile, bool]]:
    """The modules of the project that a container certainly starts, found beside its Dockerfile, each with whether it is a
    script."""
    file = made_from(container, deployment, project)
    image = image_of(file, project) if file is not None else None
    if file is None or image is None:
        return
    own = container.entrypoint is not None or container.args
    if own and (container.partial & {"entrypoint", "args"} or (container.entrypoint is None and file.final.entrypoint is not None)):
        return
    run = replace(deployment, containers=[container]) if own else image
    for program in started(run, project):
        found = project.file(Path(os.path.abspath(file.path)).parent / program.script) if program.script else None
        for facts in project.facts(found, PythonFile) if found is not None else ():
            yield facts, program.name == "python"


def _tagged(container: Container, deployment: Deployment, project: Project) -> Dockerfile | None:
    """The one Dockerfile of the project that ``docker build -t NAME .`` in the same script makes the container's image of."""
    name = (container.image.name if container.image is not None else None) or ""
    file = project.file(Path(os.path.abspath(deployment.path))) if deployment.kind == "script" and name else None
    found = list(project.all(Dockerfile)) if file is not None else []
    build = re.search(rf"docker build (?:[^\n]*\s)?(?:-t|--tag)[ =]{re.escape(name)}(?:[:\s]|$)", file.text) if file is not None else None
    return found[0] if len(found) == 1 and build is not None else None


def _together(programs: list[Program], deployment: Deployment, project: Project) -> Listening | None:
    found: list[Listening] = []
    for program in programs:
        if program.name in HARMLESS:
            continue
        one = _command(program) or (_script(program, deployment, project) if program.name == "python" else None)
        if one is None:
            return None
        found.append(one)
    if not found:
        return None
    return Listening(frozenset(port for one in found for port in one.ports), found[-1].place, found[-1].program)


def _command(program: Program) -> Listening | None:
    words = [word.text for word in program.arguments]
    name = next((n for n in OPTIONS if n.split()[0] == program.name and words[: len(n.split()) - 1] == n.split()[1:]), None)
    if name is None or any(text is None for text in words) or any((text or "").partition("=")[0] in CONFIGURED for text in words):
        return None
    options, default, variable = OPTIONS[name]
    env = program.container.env if program.container is not None else {}
    if variable and (variable in env or (program.container is not None and program.container.partial and default is None)):
        default = None
    given: list[str] = []
    for i, text in enumerate(words):
        option, equals, value = (text or "").partition("=")
        if option in options:
            given.append(value if equals else words[i + 1] or "" if i + 1 < len(words) else "")
        elif len(option) > 2 and option[:2] in options and not option.startswith("--"):
            given.append((text or "")[2:].removeprefix("="))
    numbers = [re.search(r"(?:^|:)(\d+)$", text) for text in given]
    if any(number is None for number in numbers):
        return None
    known = frozenset(int(number[1]) for number in numbers if number is not None) or (frozenset({default}) if default else frozenset())
    return Listening(known, program.place, name) if known else None


def _script(program: Program, deployment: Deployment, project: Project) -> Listening | None:
    """What a script of the project listens on when it starts one server, and nothing else that might."""
    path = program.arguments[0].text if program.arguments else None
    file = project.resolve(path, deployment) if path and path.endswith(".py") and len(program.arguments) == 1 else None
    for facts in project.facts(file, PythonFile) if file else ():
        calls = list(_served(facts))
        port = _port(*calls[0]) if len(calls) == 1 and len(SERVES.findall(facts.text)) == 1 else None
        env = program.container.env if program.container is not None else {}
        if port is None or (calls[0][1][3] and calls[0][1][3] in env):
            return None
        return Listening(frozenset({port}), calls[0][0].place, facts.path)
    return None


def _served(file: PythonFile) -> Iterator[tuple[Call, tuple[str, int | None, int, str]]]:
    seen: set[int] = set()
    for pattern, row in CALLS.items():
        for call in file.calls(pattern):
            if id(call.node) not in seen:
                seen.add(id(call.node))
                yield call, row


def _port(call: Call, row: tuple[str, int | None, int, str]) -> int | None:
    name, position, default, _ = row
    value = call.argument(name, position)
    if value.missing:
        return default if not call.open else None
    known = value.python()
    return known if isinstance(known, int) and not isinstance(known, bool) and not call.guarded else None

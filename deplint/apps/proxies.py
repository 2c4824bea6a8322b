"""Which container reads a configuration of nginx, and which one it hands requests on to.

for container, deployment in running(config, project):
    other = named(deployment, "serving", project)
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Project
from deplint.finding import Placed
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.listening import dockerfile
from deplint.settings.nginx import NginxConfig

_NGINX = re.compile(r"(?:.*/)?(?:nginx|nginx-unprivileged|openresty)")


def running(config: NginxConfig, project: Project) -> Iterator[tuple[Container, Deployment]]:
    """The containers of compose files whose nginx reads the file: it is mounted into them or copied into their image, and nothing but nginx
    runs there."""
    path = Path(os.path.abspath(config.path))
    for deployment in project.all(Deployment):
        for container in deployment.containers if deployment.kind == "compose" else ():
            stage = _stage(container, deployment, project)
            image = stage.root if stage is not None else container.image
            if image is None or not image.name or not _NGINX.fullmatch(image.name):
                continue
            if stage is not None and not _plain(stage):
                continue
            if any("nginx" not in (word.text or "nginx") for word in (container.entrypoint or container.args)[:1]):
                continue
            here = Path(os.path.abspath(deployment.path)).parent
            mounted = (Path(os.path.normpath(here / m.source)) for m in container.mounts if m.kind == "bind" and m.source)
            if any(path.is_relative_to(source) for source in mounted) or (stage is not None and _copied(stage, path, here)):
                yield container, deployment


def _stage(container: Container, deployment: Deployment, project: Project) -> Stage | None:
    file: Dockerfile | None = dockerfile(container, deployment, project)
    return file.final if file is not None else None


def _plain(stage: Stage) -> bool:
    """Whether an image starts nginx and nothing else."""
    started = [i for each in stage.line for i in (each.entrypoint, each.command) if i is not None]
    words = " ".join(word.written for i in started for word in i.words)
    return not re.search(r"&&|;\s*\S|\||\.(?:sh|py)\b|supervisor|\bs6\b", re.sub(r"daemon off;", "", words)) and (
        not words or "nginx" in words
    )


def _copied(stage: Stage, path: Path, top: Path) -> bool:
    """Whether an image copies a file: from the folder of its Dockerfile, or one between that and `top`."""
    for copied in (copied for each in stage.line for copied in each.copies if not copied.from_stage):
        folder = Path(os.path.abspath(copied.place.path)).parent
        contexts = [each for each in (folder, *folder.parents) if each.is_relative_to(top)]
        for source in copied.sources:
            wanted = (Path(os.path.normpath(context / (source.text or "").lstrip("/"))) for context in contexts if source.text)
            if any(path == each or (path.is_relative_to(each) and each != top) for each in wanted):
                return True
    return False


def around(project: Project, facts: Placed) -> Path:
    """The folder of what is deployed together with a file: the nearest above it that has a compose file, else its area of the project."""
    composed = {Path(os.path.abspath(d.path)).parent for d in project.all(Deployment) if d.kind == "compose"}
    return next((folder for folder in Path(os.path.abspath(facts.place.path)).parents if folder in composed), project.area(facts))


def named(deployment: Deployment, host: str, project: Project) -> tuple[Container, Deployment] | None:
    """The container that other containers of a compose file know by this name."""
    here = os.path.dirname(deployment.path)
    others = (d for d in project.all(Deployment) if d.kind == "compose" and d.path != deployment.path and os.path.dirname(d.path) == here)
    for other in (deployment, *others):
        for container in other.containers:
            if host == container.name or host in aliases(other, container):
                return container, other
    return None


def aliases(deployment: Deployment, container: Container) -> set[str]:
    """The other names of a service of a compose file."""
    found: set[str] = set()
    for document in deployment.documents:
        service = document.get("services", container.name)
        if service is not None:
            found |= {name for key in ("container_name", "hostname") if (name := service.string(key))}
            for network in service.map("networks").values():
                found |= {alias.text for alias in network.list("aliases") if alias.text}
    return found

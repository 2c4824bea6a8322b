"""One vocabulary for "a container that is run", whoever runs it: compose, Kubernetes, ``docker run`` in a script, a Dockerfile.

An unknown value is None and an unwritten one is empty (see `deplint.settings.text`). What a list or mapping may hold beyond what is
shown is said by `Container.partial`: with ``env_file: .env`` the environment is partial, and nothing follows from a name's absence.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from deplint.finding import Place
from deplint.project import TEXT_LIMIT, File, Project
from deplint.settings import dockerfile, shell
from deplint.settings.images import Image, image
from deplint.settings.text import HOLE, Source, Word, known, number, small
from deplint.settings.yamltree import Node, documents

EVERYTHING = frozenset(("image", "entrypoint", "args", "env", "ports", "mounts", "gpu", "network"))


@dataclass(frozen=True)
class Port:
    """A port inside the container; `published` says that it is made reachable from outside, on `host` of `address` (empty: all
    interfaces). `host` is None where nobody chose one or where it is unknown. `name` is Kubernetes'."""

    container: int | None
    host: int | None
    place: Place
    published: bool = False
    address: str | None = ""
    name: str = ""


@dataclass(frozen=True)
class Mount:
    """`source` appears at `target` in the container. `kind` is ``bind``, ``volume`` or ``tmpfs`` (Docker), or the kind of Kubernetes
    volume (``hostPath``, ``persistentVolumeClaim``, ``emptyDir``, ``configMap``, ...); `source` is a path or the volume's name."""

    source: str | None
    target: str | None
    kind: str
    place: Place


@dataclass(frozen=True)
class Probe:
    """A health check. `kind` is ``readiness``, ``liveness`` or ``startup``; `type` is ``http``, ``grpc``, ``tcp`` or ``exec``; `path` is
    that of http, `port` a number or a port's name."""

    kind: str
    type: str
    path: str
    port: int | str | None
    place: Place


@dataclass
class Container:
    """A container that is run. `image` is None if it is unknown or built from the Dockerfile at `build` (a path relative to the file
    that says so, else empty).

    `entrypoint` is None where the image's own is used; `args` follow it. `gpu` says whether GPUs are asked for. `labels` are those of
    the Kubernetes pod. `network` is ``host`` where the container shares its host's, so that ports need no publishing. `shared_memory` says
    that ``/dev/shm`` is not of the usual size: another one, the host's, or a volume.
    """

    place: Place
    name: str = ""
    image: Image | None = None
    build: str | None = ""
    entrypoint: list[Word] | None = None
    args: list[Word] = field(default_factory=list)
    env: dict[str, Word] = field(default_factory=dict)
    ports: list[Port] = field(default_factory=list)
    mounts: list[Mount] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    gpu: bool | None = False
    network: str | None = ""
    shared_memory: bool = False
    partial: frozenset[str] = frozenset()

    @cached_property
    def commands(self) -> list[list[Word]]:
        """The simple commands that run, taken out of ``sh -c``; without an entry point, the arguments given to the image's own."""
        return shell.unwrap([*(self.entrypoint or ()), *self.args], {name: word.text for name, word in self.env.items()})

    @cached_property
    def flags(self) -> dict[str, Word]:
        """``--name=value`` and its like in all commands, by name (see `deplint.settings.shell.flags`)."""
        return {name: word for command in self.commands for name, word in shell.flags(command).items()}


@dataclass(frozen=True)
class ServicePort:
    """A port of a Kubernetes Service: `port` leads to `target`, a number or the name of a container's port."""

    port: int | None
    target: int | str | None
    node_port: int | None
    place: Place


@dataclass
class Service:
    """A Kubernetes Service; `type` is ``ClusterIP`` where none is written."""

    place: Place
    name: str
    type: str
    ports: list[ServicePort]
    selector: dict[str, str]


@dataclass
class Deployment:
    """What one file runs. `kind` is ``compose``, ``kubernetes``, ``script`` (``docker run`` in a shell script or Makefile) or
    ``dockerfile`` (the final stage, as ``docker run`` without options starts it).

    `documents` are the YAML documents themselves, for what the vocabulary has no words for.
    """

    path: str
    kind: str
    containers: list[Container] = field(default_factory=list)
    services: list[Service] = field(default_factory=list)
    documents: list[Node] = field(default_factory=list)

    @property
    def place(self) -> Place:
        return Place(self.path)

    def behind(self, service: Service) -> list[Container]:
        """The containers of this file whose labels a Service selects."""
        wanted = service.selector.items()
        return [c for c in self.containers if wanted and wanted <= c.labels.items()]


def together(deployment: Deployment, project: Project) -> list[Deployment]:
    """The manifests of the folder that a manifest is in: Services and what they lead to are often files of their own."""
    folder = posixpath.dirname(deployment.path)
    return [d for d in project.all(Deployment) if d.kind == deployment.kind and posixpath.dirname(d.path) == folder]


def read_dockerfile(file: File) -> Deployment:
    """What a Dockerfile's final stage runs."""
    stage = dockerfile.read(file).final
    started = stage.entrypoint or stage.command
    container = Container(started.place if started else stage.place, stage.name, stage.root, file.name, env=dict(stage.env))
    container.entrypoint = stage.entrypoint.argv if stage.entrypoint else None
    if stage.command and (not stage.entrypoint or stage.entrypoint.exec_form):  # a shell-form ENTRYPOINT is given no arguments
        container.args = stage.command.argv
    for word in stage.ports:
        container.ports += [Port(inside, None, word.place) for inside in _range(word.masked.partition("/")[0])]
    container.partial = EVERYTHING - {"image"}  # what the base image sets, and what it will be run with
    container.gpu = container.network = None
    return Deployment(file.shown, "dockerfile", [container])


def read_compose(file: File) -> Deployment:
    """A compose file."""
    trees = documents(file.shown, small(file))
    found = Deployment(file.shown, "compose", documents=trees)
    for tree in trees:
        services = tree.get("services")
        if services is None and any(node.get("image") or node.get("build") for node in tree.entries.values()):
            services = tree  # the first version of the format
        for name, node in services.entries.items() if services else ():
            if node.kind == "map":
                found.containers.append(_compose(name, services.keys[name] if services else node.place, node))
    return found


def _compose(name: str, place: Place, node: Node) -> Container:
    pulled, build = node.get("image"), node.get("build")
    found = Container(pulled.place if pulled else place, name)
    partial = set(EVERYTHING if node.get("extends") else ())
    if pulled:
        found.image = image(_interpolated(pulled))
    if build:
        context = _interpolated(build if build.kind == "scalar" else build.get("context") or Node(build.place, text="."))
        path = _interpolated(build.get("dockerfile") or Node(build.place, text="Dockerfile"))
        unknown = context.text is None or path.text is None or build.get("dockerfile_inline")
        found.build = None if unknown else posixpath.normpath(posixpath.join(context.text or "", path.text or ""))
    if node.get("entrypoint"):
        found.entrypoint = _compose_words(node.get("entrypoint"))
    found.args = _compose_words(node.get("command"))
    environment = node.get("environment")
    for item in environment.items if environment else ():
        variable, equals, _ = (item.text or "").partition("=")
        value = _interpolated(item)
        found.env[variable] = Word(value.text.partition("=")[2] if equals and value.text is not None else None, item.place, value.written)
    for variable, item in environment.entries.items() if environment else ():
        found.env[variable] = _interpolated(item) if item.text is not None else Word(None, item.place)
    if node.get("env_file") or (environment and environment.kind == "scalar" and environment.text):
        partial.add("env")
    for item in node.list("ports"):
        if item.kind == "map":
            inside, host = _interpolated_at(item, "target"), _interpolated_at(item, "published")
            found.ports.append(Port(number(inside), number(host), item.place, True, item.string("host_ip") or ""))
        else:
            found.ports += _published(_interpolated(item))
    found.ports += [Port(number(item.text), None, item.place) for item in node.list("expose")]
    for item in node.list("volumes"):
        if item.kind == "map":
            kind = item.string("type") or "volume"
            source = _interpolated_at(item, "source") if item.get("source") else ""
            found.mounts.append(Mount(source, _interpolated_at(item, "target"), kind, item.place))
        else:
            found.mounts.append(_volume(_interpolated(item)))
    devices = node.list("deploy", "resources", "reservations", "devices")
    asks = any(text.text in ("gpu", "nvidia") for device in devices for text in device.walk())
    found.gpu = asks or node.string("runtime") == "nvidia" or node.get("gpus") is not None
    found.network = _interpolated_at(node, "network_mode") if node.get("network_mode") else ""
    at = [mount.target for mount in found.mounts] + [item.text for item in node.list("tmpfs")] + [node.string("tmpfs")]
    found.shared_memory = bool(node.get("shm_size") or node.get("ipc")) or any(_SHARED in (path or "") for path in at)
    found.partial = frozenset(partial)
    return found


def _interpolated(node: Node) -> Word:
    """A scalar of a compose file with its variables replaced by their defaults; ``$$`` is a dollar sign."""
    if node.text is None:
        return Word(None, node.place)
    parts = [shell.expand(part, {}) for part in node.text.split("$$")]
    return Word("$".join(p for p in parts if p is not None) if None not in parts else None, node.place, node.text)


def _interpolated_at(node: Node, name: str) -> str | None:
    below = node.get(name)
    return _interpolated(below).text if below else None


def _compose_words(node: Node | None) -> list[Word]:
    if node is None:
        return []
    return [_interpolated(item) for item in node.items] if node.kind == "list" else shell.arguments(node.text or "", node.place)


def _published(word: Word) -> list[Port]:
    """``[[address:]host:]container[/protocol]``, each port perhaps a range."""
    text = word.masked.partition("/")[0]
    bracketed = re.match(r"\[[^\]]*\]:", text)  # an IPv6 address
    address = bracketed.group()[1:-2] if bracketed else ""
    parts = text[bracketed.end() if bracketed else 0 :].split(":")
    inside = _range(parts[-1])
    outside = _range(parts[-2]) if len(parts) > 1 and parts[-2] else [None] * len(inside)
    if len(outside) != len(inside):
        outside = [None] * len(inside)
    at = known(parts[-3]) if len(parts) > 2 else address
    return [Port(i, o, word.place, True, at) for i, o in zip(inside, outside, strict=True)]


def _range(text: str) -> list[int | None]:
    first, _, last = text.partition("-")
    low, high = number(first), number(last or first)
    return list(range(low, high + 1)) if low is not None and high is not None and 0 <= high - low < 1000 else [None]


_WORKING = re.compile(r"\$\(pwd\)|\$\{PWD\}|\$PWD\b|`pwd`|%cd%")


def _here(word: Word) -> Word:
    """The word with `.` for the working directory, however that is asked for: what follows is looked for like other relative paths."""
    return word if word.text is not None else Word(None, word.place, _WORKING.sub(".", word.written))


def _volume(word: Word) -> Mount:
    """``[source:]target[:options]``."""
    text = _here(word).masked
    drive = re.match(r"[A-Za-z]:(?=[\\/])", text)  # a Windows path
    head = drive.group() if drive else ""
    parts = text[len(head) :].split(":")
    source = head + parts[0] if len(parts) > 1 else HOLE if HOLE in text else ""
    target = parts[1] if len(parts) > 1 else parts[0]
    kind = "bind" if not source or re.match(r"[./~\\\0]|[A-Za-z]:", source) else "volume"
    return Mount(known(source), known(target), kind if source else "volume", word.place)


_SHARED = "/dev/shm"
_HOLE = re.compile(r"(?m)^[- \t]*\w+:[ \t]+\{\w+\}[^\s,#}\]]")
_DEFINITION = re.compile(r"(?m)^kind:[ \t]*[\"']?CustomResourceDefinition\b")


def read_kubernetes(file: File) -> list[Deployment]:
    """Kubernetes manifests. A template (Helm's, any with double braces, one with ``image: {user}/net``) is no manifest yet: nothing.
    Definitions of custom resources, which are large and generated, are left out."""
    text = small(file, TEXT_LIMIT)
    if "{{" in text or _HOLE.search(text):
        return []
    parts = re.split(r"(?m)^(?=---)", text)
    text = "".join("\n" * part.count("\n") if _DEFINITION.search(part) else part for part in parts)
    found = Deployment(file.shown, "kubernetes", documents=documents(file.shown, text))
    for tree in found.documents:
        owners = {id(node.entries["spec"]): node for node in tree.walk() if "spec" in node.entries}
        for spec in tree.walk():
            for container in spec.list("containers"):
                if container.kind == "map":
                    labels = owners[id(spec)].map("metadata", "labels") if id(spec) in owners else {}
                    found.containers.append(_kubernetes(container, spec, {k: v.text or "" for k, v in labels.items()}))
        found.services.extend(_services(tree))
    return [found]


def _services(tree: Node) -> Iterator[Service]:
    for node in [tree, *tree.list("items")]:
        if node.string("kind") == "Service" and node.string("apiVersion") == "v1":
            ports = []
            for port in node.list("spec", "ports"):
                target = port.string("targetPort") or port.string("port")
                place = (port.get("targetPort") or port).place
                target_number = number(target)
                ports.append(
                    ServicePort(port.integer("port"), target if target_number is None else target_number, port.integer("nodePort"), place)
                )
            selector = {name: value.text or "" for name, value in node.map("spec", "selector").items()}
            name = node.string("metadata", "name") or ""
            yield Service(node.place, name, node.string("spec", "type") or "ClusterIP", ports, selector)


def _kubernetes(node: Node, spec: Node, labels: dict[str, str]) -> Container:
    pulled = node.get("image")
    found = Container((pulled or node).place, node.string("name") or "", labels=labels)
    partial = set()
    for item in node.list("env"):
        value = item.get("value")
        name = item.string("name")
        if name:
            text = _referenced(value, found).text if value and value.text is not None else "" if value else None
            found.env[name] = Word(text, (value or item).place, (value.text if value else None) or "")
    if node.get("envFrom"):
        partial.add("env")
    if pulled and pulled.text:
        found.image = image(pulled.word)
    if node.get("command"):
        found.entrypoint = [_referenced(item, found) for item in node.list("command")]
    found.args = [_referenced(item, found) for item in node.list("args")]
    for item in node.list("ports"):
        port = item.get("containerPort")
        host = item.integer("hostPort")
        found.ports.append(
            Port(number(port.text if port else None), host, (port or item).place, host is not None, name=item.string("name") or "")
        )
    volumes = {volume.string("name"): volume for volume in spec.list("volumes")}
    for item in node.list("volumeMounts"):
        volume = volumes.get(item.string("name"))
        kind = next((key for key in volume.entries if key != "name"), "emptyDir") if volume else "volume"
        source = volume.string("hostPath", "path") if volume and kind == "hostPath" else item.string("name")
        found.mounts.append(Mount(source, item.string("mountPath"), kind, item.place))
    found.probes = list(_probes(node))
    resources = [*node.map("resources", "limits"), *node.map("resources", "requests")]
    found.gpu = any(re.search(r"(^|[./-])gpu|/mig-|/vgpu", name) for name in resources)
    if node.list("resources", "claims"):  # devices of a resource claim may be anything
        found.gpu = found.gpu or None
    found.network = "host" if spec.string("hostNetwork") == "true" else ""
    found.shared_memory = spec.string("hostIPC") == "true" or any(_SHARED in (mount.target or "") for mount in found.mounts)
    found.partial = frozenset(partial)
    return found


def _referenced(node: Node, container: Container) -> Word:
    """A string with ``$(NAME)`` replaced from the container's environment; where one is unknown, `written` has the others replaced."""
    text = node.text or ""
    known_all = node.text is not None

    def value(match: re.Match[str]) -> str:
        nonlocal known_all
        if match[0].startswith("$$"):
            return match[0][1:]
        word = container.env.get(match[1])
        if word is None or word.text is None or len(word.text) > 4096:
            known_all = False
            return match[0]
        return word.text

    replaced = re.sub(r"\$?\$\(([A-Za-z_.-][\w.-]*)\)", value, text[: 1 << 16])
    return Word(replaced, node.place, text) if known_all else Word(None, node.place, replaced)


def _probes(node: Node) -> Iterator[Probe]:
    for kind in ("readiness", "liveness", "startup"):
        probe = node.get(f"{kind}Probe")
        for key, name in (("httpGet", "http"), ("grpc", "grpc"), ("tcpSocket", "tcp"), ("exec", "exec")):
            check = probe.get(key) if probe else None
            if check:
                port = check.string("port")
                path = check.get("path")
                place = (path or check).place
                yield Probe(kind, name, (path.text if path else None) or "", number(port) if number(port) is not None else port, place)


_RUN_TOGETHER = "dithPq"
_RUN_ALONE = re.compile(
    "detach|interactive|tty|rm|privileged|init|read-only|no-healthcheck|oom-kill-disable|publish-all|sig-proxy|disable-content-trust|quiet|help"
)
_SEVERAL = re.compile(r"[$`]|\"\$(?:@|\{\w+\[[@*])")
"""A word that the shell may turn into any number of words."""

_RUN_LETTERS = {"p": "publish", "e": "env", "v": "volume", "P": "publish-all"}


def read_script(file: File) -> list[Deployment]:
    """The ``docker run`` commands of a shell script or Makefile; nothing if there are none."""
    source = Source(file.shown, small(file, 1 << 19))
    make = is_makefile(file)
    variables = make_variables(source.text) if make else {}
    found = Deployment(file.shown, "script")
    for command in shell.commands(source, variables=variables, make=make):
        names = [word.text for word in command.words[:8]]
        for i, name in enumerate(names[:6]):
            rest = names[i + 1 : i + 3]
            if name in ("docker", "nvidia-docker", "podman") and (rest[:1] == ["run"] or rest == ["container", "run"]):
                container = _docker_run(command.words[i + 1 + rest.index("run") + 1 :], command.words[i])
                container.gpu = container.gpu or name == "nvidia-docker"
                found.containers.append(container)
                break
    return [found] if found.containers else []


def is_makefile(file: File) -> bool:
    return file.name.lower() in ("makefile", "gnumakefile") or file.suffix == ".mk"


def make_variables(text: str) -> dict[str, str | None]:
    """Variables of a Makefile that are set once, to a literal."""
    found: dict[str, str | None] = {}
    for match in re.finditer(r"(?m)^(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*(\?|::?|\+)?=[ \t]*([^#\n]*)", text):
        name, operator, value = match.groups()
        literal = operator != "+" and name not in found and not re.search(r"[$\\]", value)
        found[name] = value.strip() if literal else None
    return found


def _docker_run(words: list[Word], at: Word) -> Container:
    found = Container(at.place)
    partial: set[str] = set()
    rest = iter(words)
    for word in rest:
        option = word.masked
        if not option.startswith("-"):
            if word.text is None and re.match(_SEVERAL, word.written):
                partial |= EVERYTHING  # perhaps more options, perhaps the image: nobody knows
                break
            found.image, found.place = image(word), word.place
            found.args = list(rest)
            partial |= {"args"} if any(re.match(_SEVERAL, arg.written) for arg in found.args) else set()
            break
        name, equals, value = option.lstrip("-").partition("=")
        if not option.startswith("--"):
            letters = option[1:]
            while letters and letters[0] in _RUN_TOGETHER:
                if letters[0] == "P":
                    partial.add("ports")
                letters = letters[1:]
            if not letters:
                continue
            name, equals, value = _RUN_LETTERS.get(letters[0], letters[0]), letters[1:], letters[1:].removeprefix("=")
        elif _RUN_ALONE.fullmatch(name):
            if name == "publish-all":
                partial.add("ports")
            continue
        given: Word | None = word
        if equals:
            given = Word(value if word.text is not None else None, word.place, value)
        else:
            given = next(rest, None)
        if given is not None:
            _run_option(found, name, given, partial)
    found.partial = frozenset(partial)
    return found


def _run_option(found: Container, name: str, given: Word, partial: set[str]) -> None:
    if name == "publish":
        found.ports += _published(given)
    elif name == "env":
        variable, equals, value = given.masked.partition("=")
        found.env[variable] = Word(known(value) if equals else None, given.place, given.written)
    elif name == "env-file":
        partial.add("env")
    elif name == "volume":
        found.mounts.append(_volume(given))
    elif name == "volumes-from":
        partial.add("mounts")
    elif name == "mount":
        parts = dict(part.partition("=")[::2] for part in _here(given).masked.split(","))
        source, target = (
            next((parts[k] for k in keys if k in parts), "") for keys in (("source", "src"), ("target", "dst", "destination"))
        )
        found.mounts.append(Mount(known(source), known(target), parts.get("type", "volume"), given.place))
    elif name == "gpus" or (name == "runtime" and given.text == "nvidia"):
        found.gpu = True
    elif name == "runtime" and given.text is None:
        found.gpu = found.gpu or None
    elif name == "name":
        found.name = given.text or ""
    elif name == "entrypoint":
        found.entrypoint = [given]
    elif name in ("net", "network"):
        found.network = given.text
    elif name in ("shm-size", "ipc"):
        found.shared_memory = True
    if name in ("volume", "mount", "tmpfs") and _SHARED in given.masked:
        found.shared_memory = True
    elif name == "expose":
        found.ports += [Port(inside, None, given.place) for inside in _range(given.masked.partition("/")[0])]

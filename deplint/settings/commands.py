"""The programs that containers and scripts start, by name, whatever stands in front: ``exec``, ``env A=1``, ``sh -c``, ``python -m``.

for program in programs(deployment):
    if program.name == "tritonserver":
        print(program.flags)
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from deplint.finding import Place
from deplint.project import Project
from deplint.settings import shell
from deplint.settings.containers import Container, Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script
from deplint.settings.text import Word

_LEADING = frozenset(("exec", "nohup", "sudo", "time", "tini", "dumb-init", "catchsegv", "--"))
_RUNNERS = {"poetry": "run", "uv": "run", "pipenv": "run", "pdm": "run", "hatch": "run", "rye": "run"}
_VALUED = {
    "env": ("-u", "-C"),
    "nice": ("-n",),
    "numactl": (),
    "stdbuf": (),
    "conda": ("-n", "-p", "--name", "--prefix"),
    "mpirun": ("-n", "-np"),
}
_PYTHON = re.compile(r"python(3(\.\d+)?)?")

STOCK = {"tensorflow/serving": "tensorflow_model_server"}
"""Images whose own entry point passes its arguments to a program."""


@dataclass(frozen=True)
class Program:
    """A program that is started. `container` is what it is started in, None for a script's own commands. `stock` says that the image's
    entry point starts it, with flags of its own before `arguments`. A script run by Python is ``python`` with the script first."""

    name: str
    arguments: Sequence[Word]
    place: Place
    container: Container | None = None
    stock: bool = False

    @cached_property
    def flags(self) -> dict[str, Word]:
        """See `deplint.settings.shell.flags`."""
        return shell.flags(self.arguments)

    @property
    def script(self) -> str:
        """The Python file that is started (``app/main.py`` for ``uvicorn app.main:app``), relative to the folder it is started in; empty
        where that is not known."""
        words = [word.text or "" for word in self.arguments]
        if self.name == "python":
            return words[0].removeprefix("./") if words and words[0].endswith(".py") else ""
        if self.name not in ("gunicorn", "uvicorn", "hypercorn") or any(word.startswith(("--chdir", "--app-dir")) for word in words):
            return ""
        served = next((w.partition(":")[0] for w in words if re.fullmatch(r"[A-Za-z_][\w.]*:\w+(?:\(\))?", w)), "")
        return served.replace(".", "/") + ".py" if served else ""

    @property
    def known(self) -> bool:
        """All arguments are known, so that what is not among them is not given."""
        open_ended = self.container is not None and bool(self.container.partial & {"args", "entrypoint"}) and self.stock
        return not open_ended and all(word.text is not None or _bounded(word) for word in self.arguments)


def _bounded(word: Word) -> bool:
    """A word with an unknown part that is one argument all the same, and whose name is known: ``--port=$PORT``."""
    return re.match(r"[\"']?--?[\w-]+=", word.written) is not None


def programs(facts: Deployment | Script | Dockerfile) -> Iterator[Program]:
    """The programs that a file starts, in order; of a Dockerfile those that RUN runs while the image is built."""
    if not isinstance(facts, Deployment):
        for words in _run(facts):
            found = _program(words, None)
            if found is not None:
                yield found
        return
    for container in facts.containers:
        stock = STOCK.get((container.image.repository if container.image else None) or "")
        own = container.entrypoint is None or (
            bool(container.entrypoint) and (container.entrypoint[-1].text or "").endswith("entrypoint.sh")
        )
        if stock and own:
            yield Program(stock, container.args, container.place, container, True)
        else:
            for words in container.commands:
                found = _program(words, container)
                if found is not None:
                    yield found


def _run(facts: Script | Dockerfile) -> Iterator[Sequence[Word]]:
    if isinstance(facts, Script):
        yield from (command.words for command in facts.commands)
    else:
        yield from (words for stage in facts.stages for run in stage.instructions if run.keyword == "RUN" for words in run.commands)


def _program(words: Sequence[Word], container: Container | None) -> Program | None:
    rest = list(words)
    while rest:
        name = posixpath.basename(rest[0].text or "")
        if name in _LEADING or re.fullmatch(r"[A-Za-z_]\w*=.*", rest[0].text or rest[0].written):
            rest = rest[1:]
        elif name in _RUNNERS and len(rest) > 1 and rest[1].text == _RUNNERS[name]:
            rest = rest[2:]
        elif name in _VALUED:
            rest = _after_options(rest[2 if name == "conda" else 1 :], _VALUED[name])
        elif _PYTHON.fullmatch(name):
            rest = _after_python(rest)
            if rest and rest[0].text == "-m":
                rest = rest[1:]
                continue
            return Program("python", rest, words[0].place, container)
        else:
            return Program(name, rest[1:], rest[0].place, container) if name else None
    return None


def _after_options(words: list[Word], valued: Sequence[str]) -> list[Word]:
    while words and (words[0].text or "").startswith("-"):
        words = words[2 if words[0].text in valued else 1 :]
    return words


def _after_python(words: list[Word]) -> list[Word]:
    rest = words[1:]
    while rest and re.fullmatch(r"-[A-Za-z]+", rest[0].text or "") and rest[0].text != "-m":
        rest = rest[2 if rest[0].text in ("-W", "-X") else 1 :]
    return rest


def started(deployment: Deployment, project: Project) -> Iterator[Program]:
    """The programs of a `Deployment`; for a shell script of the project that it runs (``CMD ["./start.sh"]``), those the script starts."""
    for program in programs(deployment):
        script = _script(program, deployment, project)
        if script is None:
            yield program
            continue
        for inner in programs(script):
            yield Program(inner.name, inner.arguments, inner.place, program.container)


def _script(program: Program, near: Deployment, project: Project) -> Script | None:
    names = [program.name, *(word.text or "" for word in program.arguments[:1])]
    name = names[-1] if program.name in ("sh", "bash", "dash") else program.name
    if not name.endswith((".sh", ".bash")) or program.place.path != near.path:
        return None
    file = project.resolve(posixpath.basename(name), near)
    found = project.facts(file, Script) if file else []
    return found[0] if found else None

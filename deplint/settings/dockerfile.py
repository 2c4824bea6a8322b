"""Dockerfiles: stages, their instructions, and what they install.

Read by hand and not with dockerfile-parse: that takes the lines of here-documents for instructions (a ``FROM`` in a script becomes a
base image), knows lines but no columns, and joins continuation lines so that no argument can be pointed at.

Arguments with a default are known (``ARG TAG=2.13``, what a plain ``docker build`` uses); those without, and the environment that
comes with the base image, are unknown.
"""

from __future__ import annotations

import json
import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.images import Image, image
from deplint.settings.pins import Include, Pin, Pinned
from deplint.settings.shell import Variables, commands, words
from deplint.settings.text import LIMIT, Source, Word, small


@dataclass
class Instruction:
    """One instruction. `words` are its arguments without flags; of the shell form of RUN, CMD and ENTRYPOINT they are the one string
    the shell is given. `exec_form` says that the arguments are a JSON array, in which no variable is replaced. `commands` are the simple
    commands that RUN, CMD, ENTRYPOINT and HEALTHCHECK run, here-documents included."""

    keyword: str
    place: Place
    words: list[Word] = field(default_factory=list)
    flags: dict[str, str | None] = field(default_factory=dict)
    exec_form: bool = False
    commands: list[list[Word]] = field(default_factory=list)

    @property
    def argv(self) -> list[Word]:
        """The argument vector that CMD or ENTRYPOINT starts: in shell form ``/bin/sh -c "..."``."""
        shell = [] if self.exec_form else [Word(text, self.place, text) for text in ("/bin/sh", "-c")]
        return [*shell, *self.words]


@dataclass
class Copy:
    """COPY or ADD. `target` is the absolute path in the image, None if it or the working directory is unknown; `from_stage` is the name,
    number or image after ``--from=``, else empty. A here-document is no source."""

    sources: list[Word]
    destination: Word
    target: str | None
    from_stage: str
    place: Place


@dataclass
class Stage:
    """What one FROM begins. `image` is what it is built on, None if that is the earlier stage `base`.

    `env`, `workdir`, `entrypoint` and `command` are those at the end of the stage, inherited from `base` where not set (a new ENTRYPOINT
    clears an inherited CMD); what the image itself sets is unknown. `installs` are the packages that RUN installs with pip, conda, apt
    or apk, `lists` the requirement files it gives to pip.
    """

    place: Place
    name: str = ""
    image: Image | None = None
    base: Stage | None = None
    platform: str | None = ""
    instructions: list[Instruction] = field(default_factory=list)
    env: dict[str, Word] = field(default_factory=dict)
    ports: list[Word] = field(default_factory=list)
    copies: list[Copy] = field(default_factory=list)
    installs: list[Pin] = field(default_factory=list)
    lists: list[Include] = field(default_factory=list)
    workdir: str | None = "/"
    user: Word | None = None
    entrypoint: Instruction | None = None
    command: Instruction | None = None

    @property
    def line(self) -> list[Stage]:
        """This stage and those it is built on, the first one first."""
        return [*(self.base.line if self.base else ()), self]

    @property
    def root(self) -> Image | None:
        """The image at the bottom of the line."""
        return self.line[0].image

    def all(self, *keywords: str) -> list[Instruction]:
        """The instructions with one of these keywords, in this stage and those it is built on."""
        return [i for stage in self.line for i in stage.instructions if i.keyword in keywords]

    @property
    def installed(self) -> list[Pin]:
        """What is installed in this stage and those it is built on."""
        return [pin for stage in self.line for pin in stage.installs]


@dataclass
class Dockerfile(Pinned):
    """A Dockerfile. `arguments` are the global ones, before the first FROM; the last stage is the one that is built."""

    stages: list[Stage] = field(default_factory=list)
    arguments: dict[str, Word] = field(default_factory=dict)

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    @cached_property
    def pins(self) -> list[Pin]:
        """What the final stage's base image means, and what any stage installs."""
        base = self.final.root
        return [*(base.pins if base else ()), *(pin for stage in self.stages for pin in stage.installs)]


_MOST_STAGES = 50
_INSTRUCTION = re.compile(
    r"(?i)[ \t]*(ADD|ARG|CMD|COPY|ENTRYPOINT|ENV|EXPOSE|FROM|HEALTHCHECK|LABEL|MAINTAINER|ONBUILD|RUN|SHELL|STOPSIGNAL|USER|VOLUME|WORKDIR)"
    r"(?=\s|$)"
)
_RUNS = {"RUN", "CMD", "ENTRYPOINT", "HEALTHCHECK"}
_FLAG = re.compile(r"--([a-z-]+)(?:=(\S*))?[ \t\\\n]*")
_HEREDOC = re.compile(r"(?<![<\w)])[0-9]*<<(-?)([\"']?)([A-Za-z_][A-Za-z0-9_]*)\2(?![\w)])")


def read(file: File) -> Dockerfile:
    """A Dockerfile.

    Raises:
        Unreadable: it has no FROM, or more than a person writes.
    """
    source = Source(file.shown, small(file, LIMIT // 4))
    found = Dockerfile(file.shown)
    outer: dict[str, str | None] = {}
    variables: dict[str, str | None] = {}
    for line in _instructions(source):
        if line.keyword == "FROM":
            if len(found.stages) >= _MOST_STAGES:
                raise Unreadable(f"more than {_MOST_STAGES} stages")
            found.stages.append(_begin(line, source, found, outer))
            variables = {name: word.text for name, word in found.stages[-1].env.items()}
        elif found.stages:
            _follow(line, source, found, variables)
        elif line.keyword == "ARG":
            assigned = _assignments(words(source, line.start, line.text, outer))
            found.arguments.update(assigned)
            outer.update((name, word.text) for name, word in assigned.items() if word.written != name)
    if not found.stages:
        raise Unreadable("a Dockerfile without FROM")
    return found


@dataclass
class _Line:
    """An instruction as a stretch of text: at `start`, `text` of the same length as the source with comments and breaks blanked out."""

    keyword: str
    place: Place
    start: int
    text: str
    documents: list[tuple[int, str]] = field(default_factory=list)


def _instructions(source: Source) -> Iterator[_Line]:
    text, at = source.text, 0
    lines: dict[tuple[str, bool], list[int]] = {}  # words that stand alone, as the end of a here-document does; perhaps after tabs
    for word in re.finditer(r"(?m)^(\t*)(\w+)$", text):
        for tabs in (False, True) if not word[1] else (True,):
            lines.setdefault((word[2], tabs), []).append(word.start())
    escape = "\\"
    directive = re.match(r"(?i)(?:#[ \t]*syntax[ \t]*=.*\n)?#[ \t]*escape[ \t]*=[ \t]*`[ \t]*(?:\n|$)", text)
    if directive:
        escape = "`"
    broken = re.compile(rf"{re.escape(escape)}[ \t]*$")
    while at < len(text):
        end = _end_of_line(text, at)
        match = _INSTRUCTION.match(text, at, end)
        if not match:
            at = end + 1
            continue
        pieces: list[str] = []
        begin = match.end()
        while True:
            line = text[begin:end]
            comment = bool(pieces) and (not line.strip() or line.lstrip().startswith("#"))
            continued = broken.search(line)
            if comment:
                pieces.append(" " * len(line))
            elif continued:
                pieces.append(line[: continued.start()] + " " * (len(continued.group()) - 1) + "\\")
            else:
                pieces.append(line)
            if not (comment or continued) or end >= len(text):
                break
            pieces.append(" " if comment else "\n")
            begin, end = end + 1, _end_of_line(text, end + 1)
        keyword, body = match[1].upper(), "".join(pieces)
        found = _Line(keyword, source.place(match.start(1), match.end() + len(body.rstrip(" \t\\\n"))), match.end(), body)
        at = end + 1
        for dash, _, name in _HEREDOC.findall(body) if keyword in ("RUN", "COPY", "ADD") else ():
            standing = lines.get((name, bool(dash)), [])
            index = bisect_left(standing, at)
            if index == len(standing):
                break
            closing = standing[index]
            found.documents.append((at, text[at:closing]))
            at = _end_of_line(text, closing) + 1
        yield found


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _arguments(line: _Line, source: Source, variables: Variables) -> Instruction:
    """The instruction on a line, its words with known variables replaced."""
    flags: dict[str, str | None] = {}
    at = len(line.text) - len(line.text.lstrip(" \t\\\n"))
    while match := _FLAG.match(line.text, at):
        known = words(source, line.start, match[2] or "", variables)
        flags[match[1]] = known[0].text if known else ""
        at = match.end()
    found, start, text = Instruction(line.keyword, line.place, flags=flags), line.start + at, line.text[at:]
    if line.keyword == "HEALTHCHECK":
        offset = len(text) - len(re.sub(r"^CMD\b", "", text, flags=re.IGNORECASE).lstrip(" \t"))
        start, text = start + offset, text[offset:]
    listed = _json_words(source, start, text)
    if listed is not None:
        found.exec_form, found.words = True, listed
        found.commands = [listed] if listed and line.keyword in _RUNS else []
    elif line.keyword in _RUNS:
        shell = re.sub(r"\\\n[ \t]*", " ", text).strip()
        found.words = [Word(shell, source.place(start, start + len(text.rstrip())), shell)] if shell else []
        found.commands = [c.words for c in commands(source, start, text, variables) if c.words] if shell else []
    else:
        found.words = words(source, start, text, variables)
    if line.keyword == "RUN":
        for begin, document in line.documents:
            found.commands += [c.words for c in commands(source, begin, document, variables) if c.words] if document else []
    return found


def _json_words(source: Source, start: int, text: str) -> list[Word] | None:
    if not text.startswith("["):
        return None
    try:
        listed = json.loads(re.sub(r"\\\n", "  ", text))
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(item, str) for item in listed):
        return None
    found = zip(listed, re.finditer(r'"(?:[^"\\]|\\.)*"', text), strict=False)
    return [Word(item, source.place(start + m.start(), start + m.end()), item) for item, m in found]


def _begin(line: _Line, source: Source, file: Dockerfile, variables: Variables) -> Stage:
    said = _arguments(line, source, variables)
    stage = Stage(line.place, platform=said.flags.get("platform", ""), instructions=[said])
    if not said.words:
        return stage
    named = said.words[0]
    stage.base = next((s for s in file.stages if s.name and s.name == (named.text or "").lower()), None)
    if len(said.words) > 2 and (said.words[1].text or "").lower() == "as":
        stage.name = (said.words[2].text or "").lower()
    if stage.base is None:
        stage.image = image(named)
    else:
        base = stage.base
        stage.env, stage.workdir, stage.user = dict(base.env), base.workdir, base.user
        stage.ports, stage.entrypoint, stage.command = list(base.ports), base.entrypoint, base.command
    if stage.image and stage.image.name != "scratch":
        stage.workdir = None
    return stage


def _follow(line: _Line, source: Source, file: Dockerfile, variables: dict[str, str | None]) -> None:
    """Add an instruction to the last stage."""
    stage, said = file.final, _arguments(line, source, variables)
    stage.instructions.append(said)
    first = said.words[0] if said.words else None
    if line.keyword == "ENV":
        if first and not re.match(r"[^=\s\"']+=", first.written):  # ENV NAME the rest of the line
            rest = line.text.strip().partition(" ")[2].strip()
            value = words(source, line.start, rest, variables)
            text = None if any(word.text is None for word in value) else " ".join(word.text or "" for word in value)
            assigned = {first.written: Word(text, first.place, rest)}
        else:
            assigned = _assignments(said.words)
        stage.env.update(assigned)
        variables.update((name, word.text) for name, word in assigned.items())
    elif line.keyword == "ARG":
        for name, word in _assignments(said.words).items():
            outer = file.arguments.get(name)
            given = outer if outer and "=" not in word.written else word
            if name in stage.env:  # ENV wins over ARG
                continue
            if given.written == name:
                variables.pop(name, None)  # no default: not set, unless somebody does
            else:
                variables[name] = given.text
    elif line.keyword == "EXPOSE":
        stage.ports += said.words
    elif line.keyword == "WORKDIR" and first:
        stage.workdir = _join(stage.workdir, first.text)
    elif line.keyword == "USER" and first:
        stage.user = first
    elif line.keyword == "CMD":
        stage.command = said
    elif line.keyword == "ENTRYPOINT":
        stage.entrypoint, stage.command = said, stage.command if stage.command in stage.instructions else None
    elif line.keyword in ("COPY", "ADD") and len(said.words) > 1:
        *sources, destination = said.words
        target = _join(stage.workdir, destination.text)
        if target is not None and (destination.text or "").endswith("/"):
            target = target.rstrip("/") + "/"
        origin = said.flags.get("from", "")
        stage.copies.append(
            Copy(
                [w for w in sources if not w.written.startswith("<<")],
                destination,
                target,
                origin if origin is not None else "?",
                said.place,
            )
        )
    elif line.keyword == "RUN":
        for command in said.commands:
            _installs(command, stage)


def _assignments(listed: list[Word]) -> dict[str, Word]:
    """``A=1 B="two words"`` by name; a name alone has an unknown value."""
    found = {}
    for word in listed:
        name, equals, value = (word.text if word.text is not None else word.written).partition("=")
        found[name] = Word(value if equals and word.text is not None else None, word.place, word.written)
    return found


def _join(folder: str | None, path: str | None) -> str | None:
    if path is None or (folder is None and not path.startswith("/")):
        return None
    return posixpath.normpath(posixpath.join(folder or "/", path))


_TAKES_VALUE = {
    "pip": "-c --constraint -e --editable -t --target -i --index-url --extra-index-url -f --find-links --prefix --root --platform --python "
    "--python-version --implementation --abi --trusted-host --proxy --timeout --retries --progress-bar --no-binary --only-binary "
    "--cache-dir --src --upgrade-strategy --index-strategy --config-settings --global-option --log --cert --group",
    "conda": "-c --channel -n --name -p --prefix -f --file --solver",
    "apt": "-o --option -t --target-release -c --config-file -a",
    "apk": "-t --virtual -X --repository -p --root --arch --repositories-file --keys-dir",
}
_INSTALLERS: Mapping[str, tuple[str, str]] = {
    "pip": ("pip", "install"),
    "pip3": ("pip", "install"),
    "conda": ("conda", "install"),
    "mamba": ("conda", "install"),
    "micromamba": ("conda", "install"),
    "apt": ("apt", "install"),
    "apt-get": ("apt", "install"),
    "apk": ("apk", "add"),
}


def _installs(command: list[Word], stage: Stage) -> None:
    """Add what a command installs."""
    from deplint.settings.requirements import conda_package, requirement

    names = [word.text or "" for word in command]
    for i, name in enumerate(names[:6]):
        tool, verb = _INSTALLERS.get(re.sub(r"^(pip3)\.\d+$", r"\1", name.rsplit("/", 1)[-1]), ("", ""))
        if tool and verb in names[i + 1 : i + 6]:
            break
    else:
        return
    rest = iter(command[names.index(verb, i) + 1 :])
    for word in rest:
        text = word.text or ""
        if tool == "pip" and (listed := re.match(r"(?:-r|--requirement)(?:=|(?=[^-\s]))?(.*)", text)) and text[:2] in ("-r", "--"):
            path = listed[1] or getattr(next(rest, None), "text", None)
            if path:
                stage.lists.append(Include(path, word.place))
        elif text in _TAKES_VALUE[tool].split():
            next(rest, None)
        elif not text.startswith("-"):
            pin = {"pip": requirement, "conda": conda_package}.get(tool, _system_package)(text or word.written.strip("\"'"), word.place)
            if pin:
                stage.installs.append(pin)


def _system_package(text: str, place: Place) -> Pin | None:
    match = re.fullmatch(r"([a-z0-9][a-z0-9+._-]*)(?::\w+)?(?:[=~<>]+(.*))?", text)
    return Pin(match[1], match[2] or "", place, "apt", text) if match else None

"""What is known of released packages (`deplint/data/compatibility.json.gz`): the interpreters and C libraries they install on, and what
they require of each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from deplint.data import load
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.images import Image
from deplint.settings.pins import Pin, Requirements, canonical

if TYPE_CHECKING:
    from deplint.finding import Place, Placed
    from deplint.project import Project
    from deplint.settings.ranges import Range

MUSL = "musl"


@dataclass(frozen=True)
class Release:
    """One release. `wheels` maps a machine (``x86_64``, ``any``) to interpreters (``3.11``, ``3.7+``, ``3.11 musl``) with the least glibc
    that a Linux wheel for them needs; `source`: it can be built; `requires` are pairs of specifier and environment marker by package."""

    package: str
    version: str
    day: str
    python: str
    wheels: Mapping[str, Mapping[str, str]]
    source: bool
    requires: Mapping[str, Sequence[Sequence[str]]]

    @cached_property
    def range(self) -> Range | None:
        from deplint.settings.ranges import parse

        return parse(f"=={self.version}")

    def wheel_for(self, python: str | None, libc: str) -> bool:
        """May there be a Linux wheel for that interpreter (``3.11``; None for any) on that C library (``2.27``, or `MUSL`)?"""
        for machine in self.wheels.values():
            for key, least in machine.items():
                interpreter, _, other = key.partition(" ")
                fits_libc = (not least or bool(other)) if libc == MUSL else not other and _number(least) <= _number(libc)
                if fits_libc and (python is None or _runs(interpreter, python)):
                    return True
        return False

    def admits(self, python: str) -> bool:
        """Does what it says of interpreters (``Requires-Python``) allow this series?"""
        from packaging.specifiers import InvalidSpecifier, SpecifierSet

        try:
            allowed = SpecifierSet(self.python)
        except InvalidSpecifier:
            return True
        return any(allowed.contains(f"{python}.{patch}") for patch in (0, 9, 99))


def _number(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _runs(interpreter: str, python: str) -> bool:
    """Is a wheel's tag (``3.11``, ``3.7+``, ``3+``) for that series?"""
    wanted, least = _number(python), _number(interpreter)
    return wanted[:1] == least[:1] and wanted >= least if interpreter.endswith("+") else wanted == least


@lru_cache
def releases() -> Mapping[str, Sequence[Release]]:
    """All that are known, by package, in rising order."""
    found: dict[str, list[Release]] = {}
    for row in load("compatibility")["rows"]:
        found.setdefault(row["package"], []).append(Release(**row))
    return found


def admitted(pin: Pin) -> list[Release]:
    """The known releases that a pin admits; empty if the package or what is admitted is not known."""
    if pin.ecosystem != "pypi" or pin.url or pin.range is None:
        return []
    return [one for one in releases().get(canonical(pin.name), ()) if one.range and (one.range & pin.range).parts]


SERIES = ("2.7", *(f"3.{minor}" for minor in range(4, 15)))
_TIED = ("tensorflow", "torch", "onnxruntime")
"""Packages that come as wheels for certain interpreters, and as nothing else."""


def interpreters(project: Project, near: Placed) -> list[str]:
    """The series of Python (``3.11``) that a project leaves open near a fact: by what it pins or says of Python, and by the wheels that
    there are of what it pins or says of other packages."""
    found = [one for one in SERIES if not project.versions.rules_out("python", near, one, _next(one))]
    for package in _TIED:
        said = project.versions.said(package, near)
        pins = [pin for pin in [*project.versions.all(package, near), *([said] if said else ())] if bounded(pin)]
        known = [one for pin in pins for one in admitted(pin)]
        if known:
            found = [series for series in found if any(one.wheel_for(series, "9.9") for one in known)]
    return found


def _next(series: str) -> str:
    major, minor = series.split(".")
    return f"{major}.{int(minor) + 1}"


def bounded(pin: Pin) -> bool:
    """No release of tomorrow is admitted."""
    from deplint.settings.ranges import HIGHEST

    return pin.range is not None and all(high < HIGHEST for _, high in pin.range.parts)


def required(release: Release, package: str) -> list[Range]:
    """What a release requires of a package; where markers choose, every choice. Empty if it requires nothing, or something unknown."""
    from deplint.settings.ranges import parse

    found = []
    for specifier, marker in release.requires.get(package, ()):
        if re.search(r"platform|sys_|os_name|implementation", marker):
            return []
        admitted = parse(specifier)
        if admitted is None:
            return []
        found.append(admitted)
    return found


def installed(file: Dockerfile, stage: Stage, project: Project) -> Iterator[tuple[Pin, Place]]:
    """What pip installs in a stage and those it is built on, by name and from the project's lists of requirements, each with the place in
    the Dockerfile that says so."""
    for part in stage.line:
        yield from ((pin, pin.place) for pin in part.installs if pin.ecosystem == "pypi")
        for include in part.lists:
            listed = _copied(include.path, file, project)
            yield from ((pin, include.place) for pin in (listed.packages if listed else ()) if not pin.group)


def runs(stage: Stage) -> str:
    """The text of what RUN does in a stage and those it is built on."""
    return "\n".join(word.written for line in stage.all("RUN") for word in line.words)


def _copied(path: str, file: Dockerfile, project: Project) -> Requirements | None:
    """The list of requirements that the image has at `path`: one of the project's files of that name beside the Dockerfile or below it."""
    found = project.resolve(path.rsplit("/", 1)[-1], near=file) if path.startswith("/") else project.resolve(path, near=file)
    facts = project.facts(found) if found else ()
    return next((fact for fact in facts if isinstance(fact, Requirements)), None)


_GLIBC = {
    "stretch": "2.24", "buster": "2.28", "bullseye": "2.31", "bookworm": "2.36", "trixie": "2.41", "debian8": "2.19",
    "debian9": "2.24", "debian10": "2.28", "debian11": "2.31", "debian12": "2.36", "debian13": "2.41", "xenial": "2.23",
    "bionic": "2.27", "focal": "2.31", "jammy": "2.35", "noble": "2.39", "ubuntu14.04": "2.19", "ubuntu16.04": "2.23",
    "ubuntu18.04": "2.27", "ubuntu20.04": "2.31", "ubuntu22.04": "2.35", "ubuntu24.04": "2.39", "centos7": "2.17", "centos8": "2.28",
    "ubi7": "2.17", "ubi8": "2.28", "rockylinux8": "2.28", "rockylinux9": "2.34", "almalinux8": "2.28", "almalinux9": "2.34",
    "amazonlinux2": "2.26", "amazonlinux2023": "2.34",
}  # fmt: skip
"""glibc of distributions, as their package archives list it (packages.debian.org/libc6, packages.ubuntu.com/libc6; the others' release
notes)."""


def libc(image: Image | None) -> str | None:
    """The C library of an image: glibc's version, `MUSL`, or None where the name does not say."""
    if image is None or image.tag is None or image.name is None:
        return None
    name = image.name.rsplit("/", 1)[-1]
    tag = image.tag
    if name == "alpine" or re.search(r"(?:^|-)alpine(?:[\d.]*)(?:-|$)", tag):
        return MUSL
    if name in ("debian", "ubuntu", "centos", "rockylinux", "almalinux", "amazonlinux"):
        number = re.match(r"[\d.]+", tag)
        key = f"{name}{number[0]}" if number else tag
        return _GLIBC.get(key) or _GLIBC.get(key.split(".")[0])
    if image.repository and image.repository.startswith("registry.access.redhat.com/ubi"):
        return _GLIBC.get(name.split("-")[0])
    for word in re.split(r"[-_]", tag):
        if word in _GLIBC:
            return _GLIBC[word]
    return None


def python(stage: Stage) -> str | None:
    """The series of the interpreter that an image for Python brings: ``3.11``; None where the tag does not say."""
    image = stage.root
    pins = [pin for pin in image.pins if pin.name == "python"] if image else []
    match = re.match(r"==(\d+\.\d+)", pins[0].specifier or "") if pins else None
    return match[1] if match else None


def pythons(release: Release) -> str:
    """The interpreters that a release's Linux wheels are for, in words: ``3.8 to 3.11``."""
    series = sorted({key.partition(" ")[0] for machine in release.wheels.values() for key in machine}, key=_number)
    return series[0] if len(series) == 1 else f"{series[0]} to {series[-1]}" if series else "none"

"""How an app for Apple's systems is built: what ``project.pbxproj`` and ``Package.swift`` say.

How old a device it is to run on a ``Podfile`` says, too, for the pods (`deplint.settings.packages`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File

_SETTING = re.compile(r"\bIPHONEOS_DEPLOYMENT_TARGET\s*=\s*\"?([^;\"\n]*)")
_PLATFORM = re.compile(r"\.iOS\(\s*(?:\.v(\d+)(?:_(\d+))?|\"([^\"\n]*)\")\s*\)")
_VERSION = re.compile(r"\d+(\.\d+)*")


@dataclass(frozen=True)
class DeploymentTarget:
    """`ios` are the iOS versions that a project file names as the oldest it builds for, one a configuration; None if one of them is
    computed, empty if it names none."""

    place: Place
    kind: str
    ios: tuple[str, ...] | None


def _target(file: File, kind: str, versions: list[str]) -> DeploymentTarget:
    known = all(_VERSION.fullmatch(version) for version in versions)
    return DeploymentTarget(file.place, kind, tuple(dict.fromkeys(versions)) if known else None)


def read_xcode(file: File) -> DeploymentTarget:
    """Every deployment target in an Xcode project: of the project, of its targets, for debugging and release."""
    return _target(file, "xcode", [match[1].strip() for match in _SETTING.finditer(file.text)])


def read_package(file: File) -> DeploymentTarget:
    """The ``platforms`` of a Swift package."""
    code = re.sub(r"//[^\n]*", "", file.text)
    return _target(file, "package", [match[3] or f"{match[1]}.{match[2] or 0}" for match in _PLATFORM.finditer(code)])


@dataclass(frozen=True)
class Target:
    """One product of an Xcode project. `product` is its kind (``application``, ``framework``, ``bundle.unit-test``); `built` are the names
    of the files its build phases compile or copy. With `open`, more may be built: whole folders belong to it, or scripts run."""

    name: str
    product: str
    built: frozenset[str]
    open: bool


@dataclass(frozen=True)
class XcodeProject:
    """``project.pbxproj``: its targets, the names of all files it lists, and where its configurations have ``Info.plist``."""

    place: Place
    targets: tuple[Target, ...]
    listed: frozenset[str] = field(default_factory=frozenset)
    infos: frozenset[str] = field(default_factory=frozenset)


_TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"((?:[^"\\]|\\.)*)"|([\w$/:.+~@-]+)|([{}()=;,])', re.DOTALL)
_DEPTH = 40
_PHASES = {"PBXSourcesBuildPhase", "PBXResourcesBuildPhase", "PBXCopyFilesBuildPhase", "PBXFrameworksBuildPhase", "PBXHeadersBuildPhase"}


def read_targets(file: File) -> XcodeProject:
    """What the targets of an Xcode project build.

    Raises:
        Unreadable: it is no property list in braces, or nested too deeply.
    """
    data = _plist(file.text)
    objects = data.get("objects")
    found: Mapping[str, Any] = objects if isinstance(objects, dict) else {}
    by_kind: dict[str, list[Mapping[str, Any]]] = {}
    for each in found.values():
        if isinstance(each, dict):
            by_kind.setdefault(str(each.get("isa")), []).append(each)
    listed = frozenset(_name(each) for each in by_kind.get("PBXFileReference", ()))
    targets = tuple(_read_target(each, found) for each in by_kind.get("PBXNativeTarget", ()))
    settings = [each.get("buildSettings") for each in by_kind.get("XCBuildConfiguration", ())]
    infos = frozenset(str(each["INFOPLIST_FILE"]) for each in settings if isinstance(each, dict) and "INFOPLIST_FILE" in each)
    return XcodeProject(file.place, targets, listed, infos)


def _read_target(target: Mapping[str, Any], objects: Mapping[str, Any]) -> Target:
    built: set[str] = set()
    open = bool(target.get("fileSystemSynchronizedGroups")) or bool(target.get("buildRules"))
    for phase in _follow(target.get("buildPhases"), objects):
        open = open or (phase.get("isa") not in _PHASES and _adds(phase))
        for entry in _follow(phase.get("files"), objects):
            for reference in _follow([entry.get("fileRef")], objects):
                open = open or reference.get("lastKnownFileType") == "folder"
                built.add(_name(reference))
                built.update(_name(child) for child in _follow(reference.get("children"), objects))
    product = str(target.get("productType", "")).removeprefix("com.apple.product-type.")
    return Target(str(target.get("name", "")), product, frozenset(built), open)


def _adds(phase: Mapping[str, Any]) -> bool:
    """Whether a phase that runs a script may put files into the product; those of CocoaPods bring what the pods have."""
    script = f"{phase.get('shellScript')}"
    return not str(phase.get("name", "")).startswith("[CP]") and re.search(r"_DIR\b|RESOURCES|coremlc|\.app\b", script) is not None


def _follow(ids: object, objects: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for id in ids if isinstance(ids, list) else ():
        found = objects.get(id) if isinstance(id, str) else None
        if isinstance(found, dict):
            yield found


def _name(reference: Mapping[str, Any]) -> str:
    """The name of the file that a reference is to."""
    return str(reference.get("path") or reference.get("name") or "").rpartition("/")[2]


def _plist(text: str) -> dict[str, Any]:
    """A property list as people write it: ``{ key = value; list = (a, b); }``."""
    root: dict[str, Any] = {}
    stack: list[dict[str, Any] | list[Any]] = []
    keys: list[str | None] = []
    waiting: str | None = None
    for match in _TOKEN.finditer(text):
        word = match[1] if match[1] is not None else match[2]
        sign = match[3]
        if word is None and sign is None:
            continue
        value: Any = word
        if sign in ("{", "("):
            value = {} if sign == "{" else []
        elif sign in ("}", ")"):
            if stack:
                stack.pop()
                waiting = keys.pop()
            continue
        elif sign is not None:
            waiting = None if sign == ";" else waiting
            continue
        inside = stack[-1] if stack else None
        if isinstance(inside, dict) and waiting is None:
            waiting = word
            continue
        if isinstance(inside, dict) and waiting is not None:
            inside[waiting] = value
        elif isinstance(inside, list):
            inside.append(value)
        elif isinstance(value, dict):
            root = root or value
        if isinstance(value, (dict, list)):
            if len(stack) >= _DEPTH:
                raise Unreadable("a project file nested too deeply")
            stack.append(value)
            keys.append(waiting)
            waiting = None
    if not root:
        raise Unreadable("a project file that is no property list")
    return root

"""How old a device an app for Apple's systems is to run on: what ``project.pbxproj`` and ``Package.swift`` say.

A ``Podfile`` says so, too, for the pods (`deplint.settings.packages`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deplint.finding import Place
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

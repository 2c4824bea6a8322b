"""Package files of JavaScript, Apple's platforms and Dart, and their locks.

The locks give `Requirements` with locked pins; ``package.json``, ``Podfile`` and ``pubspec.yaml`` have types of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from deplint.finding import Place
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.pins import Pin, Pinned, Requirements
from deplint.settings.requirements import json_object
from deplint.settings.text import LIMIT, Finder, Source, Word, small


@dataclass
class PackageJson(Pinned):
    """``package.json``. The pins' `group` is empty, ``dev``, ``peer`` or ``optional``; `data` is the whole object."""

    name: str = ""
    data: dict[str, Any] = field(default_factory=dict, repr=False)
    packages: list[Pin] = field(default_factory=list)

    @property
    def pins(self) -> list[Pin]:
        return self.packages

    def dependency(self, name: str) -> Pin | None:
        """The first pin of a package, wherever it is listed."""
        return next((pin for pin in self.packages if pin.name == name), None)


@dataclass
class Podfile(Pinned):
    """``Podfile``. A pin's name is the pod's, its `extras` are the subspecs. `linker_flags` are strings in the file that hold flags
    such as ``-force_load``; `ios` is the platform version, None if unknown and empty if not written."""

    packages: list[Pin] = field(default_factory=list)
    linker_flags: list[Word] = field(default_factory=list)
    ios: str | None = ""
    use_frameworks: bool = False

    @property
    def pins(self) -> list[Pin]:
        return self.packages

    def pod(self, name: str) -> Pin | None:
        return next((pin for pin in self.packages if pin.name == name), None)


@dataclass
class Pubspec(Pinned):
    """``pubspec.yaml``; an override stands for what it overrides. `assets` are the files and folders (ending in ``/``) that Flutter
    bundles."""

    name: str = ""
    packages: list[Pin] = field(default_factory=list)
    assets: list[Word] = field(default_factory=list)
    flutter: bool = False

    @property
    def pins(self) -> list[Pin]:
        return self.packages

    def bundles(self, path: str) -> bool:
        """Whether an asset is bundled: listed itself, or directly in a listed folder."""
        folder = path.rpartition("/")[0] + "/"
        return any(word.text in (path, folder) for word in self.assets)


_NPM_SECTIONS = {"dependencies": "", "devDependencies": "dev", "peerDependencies": "peer", "optionalDependencies": "optional"}


def read_package_json(file: File) -> PackageJson:
    source, data = json_object(file)
    finder, name = Finder(source), data.get("name")
    found = PackageJson(file.shown, name if isinstance(name, str) else "", data)
    for section, group in _NPM_SECTIONS.items():
        listed, start = data.get(section), finder.section(rf'\s*"{section}"\s*:')
        for package, version in listed.items() if isinstance(listed, dict) else ():
            text = version if isinstance(version, str) else ""
            alias = re.fullmatch(r"npm:((?:@[^/]+/)?[^@]+)@(.+)", text)
            ranged = re.match(r"v?\d|[xX](?:\.|$)|[*^~<>=\s]|$", text) and not re.search(r"[/:]", text)
            found.packages.append(
                Pin(
                    alias[1] if alias else package,
                    alias[2] if alias else text if ranged else None,
                    finder.key(package, start),
                    "npm",
                    package,
                    group=group,
                    url="" if ranged or alias else text,
                )
            )
    return found


def read_package_lock(file: File) -> Requirements:
    """``package-lock.json`` and ``npm-shrinkwrap.json``: what lies directly in ``node_modules``."""
    source, data = json_object(file)
    found, finder = Requirements(file.shown, "package-lock"), Finder(source)
    packages, old = data.get("packages"), data.get("dependencies")
    entries: Iterator[tuple[str, str, Any]]
    if isinstance(packages, dict):
        entries = ((key, key.removeprefix("node_modules/"), entry) for key, entry in packages.items() if key.count("node_modules/") == 1)
    else:
        entries = ((key, key, entry) for key, entry in (old if isinstance(old, dict) else {}).items())
    for key, name, entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("version"), str):
            found.packages.append(
                Pin(name, entry["version"], finder.key(key), "npm", name, True, "dev" if entry.get("dev") is True else "")
            )
    return found


_YARN = re.compile(r'(?m)^"?((?:@[^/\s"]+/)?[^@\s",#]+)@[^\n]*:\n[ ]+version:? "?([^"\s]+)"?')
_PNPM = re.compile(r"(?m)^ {2}['\"]?/?((?:@[\w.-]+/)?[\w.-]+)[@/](\d[\w.+-]*)(?:\([^\n]*\))?['\"]?:")
_POD = re.compile(r"(?m)^ {2}- \"?([^\s(\"]+) \(([^)\n]+)\)")


def _locked(file: File, kind: str, ecosystem: str, pattern: re.Pattern[str], text: str) -> Requirements:
    source, found = Source(file.shown, file.text), Requirements(file.shown, kind)
    for match in pattern.finditer(text):
        name = match[1].partition("/")[0] if ecosystem == "cocoapods" else match[1]
        found.packages.append(Pin(name, match[2], source.place(match.start(1), match.end()), ecosystem, match[1], True))
    return found


def read_yarn_lock(file: File) -> Requirements:
    return _locked(file, "yarn.lock", "npm", _YARN, file.text)


def read_pnpm_lock(file: File) -> Requirements:
    return _locked(file, "pnpm-lock", "npm", _PNPM, file.text)


def read_podfile_lock(file: File) -> Requirements:
    return _locked(file, "podfile.lock", "cocoapods", _POD, file.text.partition("\nDEPENDENCIES:")[0])


def read_podfile(file: File) -> Podfile:
    """A Podfile: its statements line by line, a pod's arguments perhaps on the lines after."""
    source = Source(file.shown, small(file, LIMIT // 4))
    found = Podfile(file.shown)
    code = re.sub(r"(?m)(?:^|(?<=\s))#(?!\{)[^\n]*", lambda match: " " * len(match.group()), source.text)
    for match in re.finditer(r"(?m)^[ \t]*pod[ \t(]+(['\"])([^'\"\n]+)\1((?:[^\n]*,[ \t]*\n)*[^\n]*)", code):
        name, _, subspec = match[2].partition("/")
        rest = match[3]
        positional = re.match(r"(?:\s*,\s*['\"][^'\"\n]*['\"])*", rest)
        versions = re.findall(r"['\"]([^'\"\n]*)['\"]", positional.group() if positional else "")
        options = rest[positional.end() if positional else 0 :]
        elsewhere = re.search(r":?(?:git|path|podspec|http)\b\s*(?:=>|:)\s*['\"]([^'\"\n]*)", options)
        subspecs = re.search(r"subspecs\b\s*(?:=>|:)\s*\[([^\]]*)\]", options)
        extras = re.findall(r"['\"]([^'\"\n]+)['\"]", subspecs[1]) if subspecs else [subspec] if subspec else []
        computed = re.match(r"\s*,\s*[A-Za-z_$@](?!\w*\s*(?:=>|:))", options)
        specifier = None if elsewhere or computed else ", ".join(versions)
        place = source.place(
            match.start() + len(match.group()) - len(match.group().lstrip()), match.start(3) + len(rest.partition("\n")[0])
        )
        url = elsewhere[1] if elsewhere else ""
        found.packages.append(Pin(name, specifier, place, "cocoapods", match[2], extras=tuple(extras), url=url))
    for match in re.finditer(r"(['\"])([^'\"\n]*-(?:force_load|all_load|ObjC)\b[^\n]{0,500}?)\1(?=[\s,)\]]|$)", code):
        found.linker_flags.append(Word(match[2], source.place(match.start(), match.end()), match[2]))
    platform = re.search(r"(?m)^[ \t]*platform[ \t(]+:ios\b[ \t]*(?:,[ \t]*(?:['\"]([0-9.]+)['\"])?)?", code)
    found.ios = platform[1] if platform and "," in platform.group() else ""
    found.use_frameworks = re.search(r"(?m)^[ \t]*use_frameworks!", code) is not None
    return found


def read_pubspec(file: File) -> Pubspec:
    from deplint.settings.yamltree import documents

    found = Pubspec(file.shown)
    for tree in documents(file.shown, small(file)):
        found.name = tree.string("name") or found.name
        overrides = tree.map("dependency_overrides")
        for section, group in (("dependencies", ""), ("dev_dependencies", "dev"), ("dependency_overrides", "")):
            listed = tree.get(section)
            for name, node in listed.entries.items() if listed else ():
                if name in overrides and section != "dependency_overrides":
                    continue
                specifier = node.string("version") if node.kind == "map" else node.text or ""
                place = listed.keys[name] if listed else node.place
                found.packages.append(Pin(name, specifier, place, "pub", name, section == "dependency_overrides", group))
        found.assets += [(item.get("path") or item).word for item in tree.list("flutter", "assets")]
        found.flutter = found.flutter or tree.get("flutter") is not None or tree.get("dependencies", "flutter") is not None
    return found


def read_pubspec_lock(file: File) -> Requirements:
    from deplint.settings.yamltree import documents

    found = Requirements(file.shown, "pubspec.lock")
    for tree in documents(file.shown, small(file)):
        for name, node in tree.map("packages").items():
            version = node.get("version")
            if version and version.text:
                found.packages.append(Pin(name, version.text, version.place, "pub", name, True))
    return found


def read_package_swift(file: File) -> Requirements:
    """The package dependencies of a ``Package.swift``."""
    source = Source(file.shown, small(file, LIMIT // 4))
    found = Requirements(file.shown, "package.swift")
    pattern = r'\.package\(\s*(?:name:\s*"[^"\n]*"\s*,\s*)?url:\s*"([^"\n]+)"\s*,\s*([^\n]*)'
    for match in re.finditer(pattern, re.sub(r"(?m)(?:^|(?<=\s))//[^\n]*", lambda m: " " * len(m.group()), source.text)):
        pin = _swift(match[1], _swift_range(match[2]), source.place(match.start(), match.end()))
        found.packages.append(pin)
    return found


def _swift_range(text: str) -> str | None:
    span = re.search(r'"([^"]+)"\s*(\.\.<|\.\.\.)\s*"([^"]+)"', text)
    if span:
        return f">={span[1]} {'<' if span[2] == '..<' else '<='}{span[3]}"
    one = re.search(r'"([0-9][^"]*)"', text)
    if one is None or re.search(r"\b(?:branch|revision)\b", text):
        return None
    return ("==" if "exact" in text else "~" if "upToNextMinor" in text else "^") + one[1]


def _swift(url: str, specifier: str | None, place: Place, locked: bool = False) -> Pin:
    name = url.rstrip("/").rpartition("/")[2].removesuffix(".git").lower()
    return Pin(name, specifier, place, "spm", name, locked, url=url)


def read_package_resolved(file: File) -> Requirements:
    """``Package.resolved`` of the Swift package manager, all versions of the format."""
    source, data = json_object(file)
    found, finder = Requirements(file.shown, "package.resolved"), Finder(source)
    inner = data.get("object")
    pins = (inner if isinstance(inner, dict) else data).get("pins")
    if not isinstance(pins, list):
        raise Unreadable("a Package.resolved without pins")
    for entry in pins:
        entry = entry if isinstance(entry, dict) else {}
        url, state = entry.get("location") or entry.get("repositoryURL"), entry.get("state")
        version = state.get("version") if isinstance(state, dict) else None
        if isinstance(url, str):
            found.packages.append(_swift(url, f"=={version}" if isinstance(version, str) else None, finder.string(url), True))
    return found

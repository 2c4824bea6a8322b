"""Android's build settings: Gradle build scripts (Groovy and Kotlin), version catalogs and properties.

Scripts are programs; what is read are the statements of the usual shape, in nested blocks. A value that is computed is unknown. A
file alone knows what is written in it: versions that come from a catalog, from ``gradle.properties`` or from ``ext`` of a script above
are filled in by `GradleBuild.resolved`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from deplint.finding import Place
from deplint.project import File
from deplint.settings.gradle_script import Group, Item, Statement, Token, find, parse, sign, split
from deplint.settings.pins import Pin, Pinned
from deplint.settings.requirements import toml_table
from deplint.settings.text import HOLE, Finder, Source, Word, known, number, small

if TYPE_CHECKING:
    from deplint.project import Project

Facts = TypeVar("Facts")

AGP = "com.android.tools.build:gradle"
"""The Maven name of the Android Gradle plugin."""

SHIPPED = frozenset({"implementation", "api", "runtimeOnly", "compile", "runtime"})
"""Configurations whose dependencies are in every variant of an app."""


@dataclass(frozen=True)
class Dependency:
    """A dependency. `configuration` is ``implementation``, ``testImplementation``, ``classpath``, ... `name` is Maven's ``group:artifact``,
    empty where it is unknown. `version` is empty where none is written (a platform decides), None where it is unknown; `reference` is
    what name or version are taken from (``libs.tensorflow.lite``, ``tfliteVersion``). `excludes` are ``group:module``, either part
    perhaps empty. `platform` marks a bill of materials."""

    place: Place
    configuration: str
    name: str
    version: str | None = ""
    reference: str = ""
    platform: bool = False
    excludes: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        return self.name.partition(":")[0]

    @property
    def artifact(self) -> str:
        return self.name.partition(":")[2]


@dataclass(frozen=True)
class Module:
    """Another module of the build that a script depends on: `path` is ``:vision`` or ``:core:vision``."""

    place: Place
    configuration: str
    path: str


@dataclass(frozen=True)
class Plugin:
    """A plugin by its id, empty where it is unknown; `version` and `reference` as in `Dependency`."""

    place: Place
    id: str
    version: str | None = ""
    reference: str = ""


@dataclass(frozen=True)
class BuildType:
    """A build type; `minify` is None where it is not written or unknown."""

    place: Place
    name: str
    minify: bool | None
    proguard: tuple[Word, ...]


@dataclass
class Android:
    """The ``android`` block. Numbers are None where they are not written or unknown. `places` has where ``compileSdk``, ``targetSdk``,
    ``minSdk``, ``noCompress`` and ``abiFilters`` are written. `no_compress` and `abi_filters` hold a word of unknown text for what is
    computed; `abi_filters` are those of the default configuration, `splits_abi` says that an APK is built per ABI."""

    place: Place
    compile_sdk: int | None = None
    target_sdk: int | None = None
    min_sdk: int | None = None
    no_compress: list[Word] = field(default_factory=list)
    abi_filters: list[Word] = field(default_factory=list)
    splits_abi: bool = False
    ml_model_binding: bool = False
    build_types: list[BuildType] = field(default_factory=list)
    places: dict[str, Place] = field(default_factory=dict)


@dataclass
class GradleBuild(Pinned):
    """A build or settings script. `android` is None if it has no such block. `variables` are the values that the script gives to names
    (``ext``, ``def``, ``val``); `statements` is all of it; `modules` are the other modules it depends on."""

    statements: list[Statement] = field(default_factory=list, repr=False)
    variables: dict[str, str | None] = field(default_factory=dict)
    dependencies: list[Dependency] = field(default_factory=list)
    modules: list[Module] = field(default_factory=list)
    plugins: list[Plugin] = field(default_factory=list)
    android: Android | None = None

    @cached_property
    def pins(self) -> list[Pin]:
        found = [Pin(d.name, d.version, d.place, "maven", d.reference) for d in self.dependencies if d.name]
        agp = [p for p in self.plugins if p.id in ("com.android.application", "com.android.library") and p.version != ""]
        return found + [Pin(AGP, plugin.version, plugin.place, "maven", plugin.id) for plugin in agp]

    def pins_in(self, project: Project) -> list[Pin]:
        return self.resolved(project).pins

    def has_plugin(self, *ids: str) -> bool:
        return any(plugin.id in ids for plugin in self.plugins)

    def find(self, *path: str) -> Iterator[Statement]:
        """The statements with these names within each other: ``find("android", "defaultConfig", "ndk")``."""
        return find(self.statements, path)

    def resolved(self, project: Project) -> GradleBuild:
        """This build with what version catalogs, properties and scripts of the folders above say filled in."""
        return interpret(self.path, self.statements, _Above(project, self.path))


@dataclass(frozen=True)
class CatalogEntry:
    """A library (`name` is ``group:artifact``) or plugin (`name` is its id) of a version catalog."""

    place: Place
    name: str
    version: str | None


@dataclass
class VersionCatalog(Pinned):
    """``gradle/libs.versions.toml``. Names are as build scripts write them after ``libs.``: ``tensorflow-lite`` is ``tensorflow.lite``."""

    versions: dict[str, str | None] = field(default_factory=dict)
    libraries: dict[str, CatalogEntry] = field(default_factory=dict)
    plugins: dict[str, CatalogEntry] = field(default_factory=dict)
    bundles: dict[str, list[str]] = field(default_factory=dict)

    @cached_property
    def pins(self) -> list[Pin]:
        found = [Pin(e.name, e.version, e.place, "maven") for e in self.libraries.values()]
        agp = [e for e in self.plugins.values() if e.name in ("com.android.application", "com.android.library")]
        return found + [Pin(AGP, e.version, e.place, "maven", e.name) for e in agp]


@dataclass
class GradleProperties:
    """``gradle.properties`` and ``gradle-wrapper.properties``."""

    path: str
    values: dict[str, Word] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return Place(self.path)

    @property
    def gradle_version(self) -> str | None:
        """The version of Gradle that the wrapper downloads."""
        url = self.values.get("distributionUrl")
        match = re.search(r"gradle-([0-9][\w.-]*?)-(?:bin|all)\.zip", (url.text if url else None) or "")
        return match[1] if match else None


def read_build(file: File) -> GradleBuild:
    """``build.gradle``, ``settings.gradle`` and their like, also in Kotlin."""
    return interpret(file.shown, parse(file.shown, small(file)), None)


def read_properties(file: File) -> GradleProperties:
    source = Source(file.shown, small(file))
    found = GradleProperties(file.shown)
    for match in re.finditer(r"(?m)^[ \t]*([^\s#!:=][^\s:=]*)[ \t]*[=:][ \t]*(.*)$", source.text):
        value = match[2].strip().replace("\\:", ":")
        found.values[match[1]] = Word(value, source.place(match.start(1), match.end()), match[2])
    return found


def read_catalog(file: File) -> VersionCatalog:
    """A version catalog, ``*.versions.toml``."""
    source, data = toml_table(file)
    finder, found = Finder(source), VersionCatalog(file.shown)
    for alias, value in _entries(data, "versions"):
        found.versions[_accessor(alias)] = _rich_version(value)
    for section, entries in (("libraries", found.libraries), ("plugins", found.plugins)):
        start = finder.section(rf"\[{section}\]")
        for alias, value in _entries(data, section):
            entry = _catalog_entry(found, value, section, finder.key(alias, start))
            if entry.name.strip(":"):
                entries[_accessor(alias)] = entry
    for alias, value in _entries(data, "bundles"):
        found.bundles[_accessor(alias)] = [_accessor(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []
    return found


def _entries(data: dict[str, Any], section: str) -> list[tuple[str, Any]]:
    table = data.get(section)
    return list(table.items()) if isinstance(table, dict) else []


def _accessor(alias: str) -> str:
    return re.sub(r"[-_.]+", ".", alias)


def _rich_version(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("strictly") or value.get("require") or value.get("prefer")
    return value if isinstance(value, str) else None


def _catalog_entry(catalog: VersionCatalog, value: Any, section: str, place: Place) -> CatalogEntry:
    if isinstance(value, str):
        name, version = _coordinates(value) if section == "libraries" else value.partition(":")[::2]
        return CatalogEntry(place, name, version)
    table = value if isinstance(value, dict) else {}
    name = table.get("id") or table.get("module") or f"{table.get('group', '')}:{table.get('name', '')}"
    return CatalogEntry(place, str(name), _catalog_version(catalog, table))


def _catalog_version(catalog: VersionCatalog, table: dict[str, Any]) -> str | None:
    """The version of an entry; empty where none is written."""
    version = table.get("version", "")
    if isinstance(version, dict) and "ref" in version:
        return catalog.versions.get(_accessor(str(version["ref"])))
    return version if version == "" else _rich_version(version)


def _coordinates(text: str) -> tuple[str, str]:
    """``group:artifact:version:classifier@type`` as name and version."""
    parts = text.partition("@")[0].split(":")
    return (":".join(parts[:2]), parts[2] if len(parts) > 2 else "") if len(parts) > 1 else ("", "")


class _Above:
    """What the files at and above a script's folder say; the nearest counts."""

    def __init__(self, project: Project, path: str) -> None:
        self.project = project
        self.folders = [folder for folder in Path(os.path.abspath(path)).parents if folder.is_relative_to(project.root)]
        self.catalogs: dict[str, VersionCatalog | None] = {}

    def catalog(self, name: str) -> VersionCatalog | None:
        if name not in self.catalogs:
            self.catalogs[name] = next(self._facts(VersionCatalog, f"gradle/{name}.versions.toml"), None)
        return self.catalogs[name]

    @cached_property
    def values(self) -> dict[str, str | None]:
        """Properties and variables by name."""
        found: dict[str, str | None] = {}
        for properties in self._facts(GradleProperties, "gradle.properties"):
            for name, word in properties.values.items():
                found.setdefault(name, word.text)
        scripts = list(self._facts(GradleBuild, "build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"))
        applied = [path for script in scripts for path in _applied(script.statements)]
        for script in [*scripts, *self._facts(GradleBuild, *applied)]:
            for name, value in script.variables.items():
                found.setdefault(name, value)
        return found

    def _facts(self, kind: type[Facts], *names: str) -> Iterator[Facts]:
        for folder in self.folders:
            for name in names:
                file = self.project.file(Path(os.path.normpath(folder / name)))
                yield from self.project.facts(file, kind) if file else ()


def _applied(statements: list[Statement]) -> Iterator[str]:
    """The scripts that ``apply from: "..."`` names, as paths relative to some folder above."""
    for statement in find(statements, ("apply",)):
        for argument in statement.arguments:
            key, value = _named(argument)
            if key == "from" and len(value) == 1 and isinstance(value[0], Token) and value[0].kind == "string":
                path = re.sub(r"^\$(?:\{[\w.]+\}|\w+(?:\.\w+)*)/?", "", value[0].text)
                if path and "$" not in path and "://" not in path and not path.startswith("/"):
                    yield path


def interpret(path: str, statements: list[Statement], above: _Above | None) -> GradleBuild:
    """What a script's statements say, with names it does not define looked up `above`."""
    build = GradleBuild(path, statements)
    scope = _Scope(build, above)
    scope.define(statements)
    for block in _blocks(statements, "dependencies"):
        scope.dependencies(block)
    scope.plugins(statements)
    for statement in find(statements, ("android",)):
        if statement.block is not None:
            build.android = build.android or Android(statement.place)
            scope.android(build.android, statement.block)
    return build


def _blocks(statements: list[Statement], name: str) -> Iterator[list[Statement]]:
    """All blocks of a name, at the top and within blocks such as ``buildscript`` and ``allprojects``."""
    for statement in statements:
        if statement.block is not None:
            if statement.name == name:
                yield statement.block
            else:
                yield from _blocks(statement.block, name)


def _named(items: list[Item]) -> tuple[str, list[Item]]:
    """``group: 'x'`` or ``group = "x"`` as name and value; an empty name for anything else."""
    if len(items) > 2 and isinstance(items[0], Token) and items[0].kind == "name" and sign(items[1]) in (":", "="):
        return items[0].text, items[2:]
    return "", items


_MODIFIERS = {"def", "val", "var", "final", "const", "private", "internal", "String", "int", "Integer", "static", "public"}
_SHARED = {"ext", "extra", "extra.apply", "project.ext", "buildscript", "allprojects", "subprojects"}
_PREFIX = re.compile(r"^(?:(?:rootProject|project|ext|extra|gradle|this)\.)+")
_ACCESSOR = re.compile(r"(?:\.(?:get|toInteger|toInt|toString|trim|asProvider)(?:\(\))?)+$")
_LISTING = {"listOf", "setOf", "mutableListOf", "mutableSetOf", "arrayOf", "arrayListOf"}
_TRUTH = {"true": True, "false": False}


def _dependency(place: Place, parts: list[str], reference: str) -> Dependency:
    """A dependency from group, artifact and version, any of which may hold a hole or be missing."""
    name = known(":".join(parts[:2])) if len(parts) > 1 else None
    version = known(parts[2] if len(parts) > 2 else "")
    return Dependency(place, "", name or "", version if name else None, reference)


_RICH = ("strictly", "require", "prefer")


class _Scope:
    """Evaluates what is constant in a script."""

    def __init__(self, build: GradleBuild, above: _Above | None) -> None:
        self.build, self.above = build, above

    def value(self, name: str) -> str | None:
        """The value of a dotted name."""
        name = _ACCESSOR.sub("", name)
        bare = _PREFIX.sub("", name)
        if bare in self.build.variables:
            return self.build.variables[bare]
        if self.above is None:
            return None
        first, _, rest = name.partition(".")
        if rest.startswith("versions."):
            catalog = self.above.catalog(first)
            if catalog:
                return catalog.versions.get(rest.removeprefix("versions."))
        return self.above.values.get(bare)

    def text(self, items: list[Item]) -> tuple[str, str]:
        """An expression as text, with `HOLE` for what is unknown, and the name that is unknown or was looked up."""
        if len(items) == 1 and isinstance(items[0], Token) and items[0].kind in ("string", "number"):
            token = items[0]
            if not token.template:
                return token.text, ""
            references: list[str] = []

            def replaced(match: re.Match[str]) -> str:
                name = (match[1] or match[2]).strip()
                indexed = re.fullmatch(r"[\w.]*[\[(][\"'](\w+)[\"'][\])]", name)
                references.append(indexed[1] if indexed else name)
                return self._short(self.value(references[-1]))

            return re.sub(r"\$\{([^{}]*)\}|\$([A-Za-z_]\w*)", replaced, token.text), ", ".join(references)
        name = self._reference(items)
        return (self._short(self.value(name)), name) if name else (HOLE, "")

    @staticmethod
    def _short(value: str | None) -> str:
        return value if value is not None and len(value) < 200 else HOLE

    def _reference(self, items: list[Item]) -> str:
        """The name an expression consists of: ``a.b.c``, ``a.b.get().toInt()``, ``extra["a"]``, ``property("a") as String``."""
        parts: list[str] = []
        for i, item in enumerate(items):
            if isinstance(item, Token) and item.kind == "name" and item.text == "as" and parts:
                break
            if isinstance(item, Token) and (item.kind == "name" or sign(item) in (".", "?.")):
                parts.append("." if sign(item) else item.text)
            elif isinstance(item, Group) and item.bracket != "{" and i:
                inner = item.items[0] if len(item.items) == 1 else None
                if isinstance(inner, Token) and inner.kind == "string" and "$" not in inner.text:
                    parts = [inner.text]
                elif item.items:
                    return ""
            else:
                return ""
        return "".join(parts)

    def word(self, items: list[Item]) -> Word:
        text, reference = self.text(items)
        first = items[0]
        written = first.text if isinstance(first, Token) and len(items) == 1 else reference
        return Word(known(text), first.place, written)

    def listed(self, arguments: list[list[Item]]) -> list[Word]:
        """Words that are given one by one or in lists."""
        found: list[Word] = []
        for items in arguments:
            last = items[-1]
            called = isinstance(items[0], Token) and items[0].text in _LISTING and len(items) == 2
            if isinstance(last, Group) and (called or (len(items) == 1 and last.bracket == "[")):
                found += self.listed(split(last.items))
            else:
                found.append(self.word(items))
        return found

    def define(self, statements: list[Statement], everywhere: bool = True) -> None:
        """Note the variables that statements set: with ``def`` or ``val`` in any block, without only where they are for `everywhere`."""
        for statement in statements:
            if statement.block:
                self.define(statement.block, everywhere and statement.name in _SHARED)
                continue
            declared = isinstance(statement.items[0], Token) and statement.items[0].text in _MODIFIERS
            if not (everywhere or declared):
                continue
            items = statement.items
            while items and isinstance(items[0], Token) and items[0].text in _MODIFIERS:
                items = items[1:]
            at = next((i for i, item in enumerate(items) if sign(item) == "="), None)
            if at and at + 1 < len(items):
                typed = next((i for i, item in enumerate(items[:at]) if sign(item) == ":"), at)
                self._set(_PREFIX.sub("", self._reference(items[:typed])), items[at + 1 :])
            elif [item.text for item in items[1:3] if isinstance(item, Token)] == ["by", "extra"] and isinstance(items[-1], Group):
                self._set(self._reference(items[:1]), items[-1].items)
            elif statement.name.rpartition(".")[2] == "set" and len(statement.arguments) == 2:  # ext.set("name", value)
                name_word = self.word(statement.arguments[0])
                if name_word.text:
                    self._set(name_word.text, statement.arguments[1])

    def _set(self, name: str, value: list[Item]) -> None:
        if not name:
            return
        only = value[0]
        if isinstance(only, Group) and only.bracket == "[":
            for part in split(only.items):
                key, inner = _named(part)
                if key:
                    self._set(f"{name}.{key}", inner)
            return
        text = known(self.text(value)[0])
        variables = self.build.variables
        variables[name] = text if variables.get(name, text) == text else None

    def dependencies(self, statements: list[Statement]) -> None:
        for statement in statements:
            configuration = statement.name.rpartition(".")[2]
            if configuration in ("if", "else", "for", "each", "constraints", "") or (
                statement.block is not None and not statement.arguments
            ):
                self.dependencies(statement.block or [])
                continue
            arguments = statement.arguments
            if configuration == "add" and len(arguments) == 2:
                configuration, arguments = self.word(arguments[0]).text or "", arguments[1:]
            block = statement.block or []
            excludes = tuple(self._excludes(block))
            rich = [self.word(s.arguments[0]).text for kind in _RICH for s in find(block, ("version", kind)) if s.arguments]
            for found in self._given(statement.place, arguments):
                version = rich[0] if rich and found.version == "" else found.version
                self.build.dependencies.append(replace(found, configuration=configuration, excludes=excludes, version=version))
            self.build.modules += [Module(statement.place, configuration, path) for items in arguments if (path := self._module(items))]

    def _module(self, items: list[Item]) -> str:
        """The path of ``project(":vision")``, ``project(path: ":vision")`` or ``projects.vision``; empty for anything else."""
        first, last = items[0], items[-1]
        if not isinstance(first, Token) or first.kind != "name":
            return ""
        if first.text == "project" and len(items) == 2 and isinstance(last, Group) and last.bracket == "(":
            given = [_named(argument) for argument in split(last.items)]
            values = [value or argument for (key, value), argument in zip(given, split(last.items), strict=True) if key in ("", "path")]
            text = known(self.text(values[0])[0]) if values else None
            return text if text is not None and text.startswith(":") else ""
        name = self._reference(items)
        return ":" + name.removeprefix("projects.").replace(".", ":") if name.startswith("projects.") else ""

    def _given(self, place: Place, arguments: list[list[Item]]) -> Iterator[Dependency]:
        """The dependencies a statement names: by parts, or one by one."""
        named = {key: self.text(value) for key, value in map(_named, arguments) if key}
        if "name" in named:
            version, reference = named.get("version", ("", ""))
            yield _dependency(place, [named.get("group", ("", ""))[0], named["name"][0], version], reference)
        elif len(arguments) > 1 and all(known(text) and ":" not in text for text, _ in map(self.text, arguments)):
            yield _dependency(place, [self.text(items)[0] for items in arguments], "")
        else:
            for items in arguments:
                yield from self._notation(items)

    def _notation(self, items: list[Item]) -> Iterator[Dependency]:
        """``'group:artifact:version'``, ``libs.some.library``, ``platform(...)``; other projects and files are passed over."""
        first, last = items[0], items[-1]
        if isinstance(first, Token) and first.kind == "name" and isinstance(last, Group) and last.bracket == "(" and len(items) == 2:
            if first.text in ("platform", "enforcedPlatform", "testFixtures", "variantOf"):
                for inner in split(last.items):
                    yield from (replace(found, platform="latform" in first.text) for found in self._notation(inner))
            return
        text, reference = self.text(items)
        if isinstance(first, Token) and first.kind == "string":
            if ":" in text or HOLE in text:
                yield _dependency(first.place, text.partition("@")[0].split(":"), reference)
            return
        reference = _ACCESSOR.sub("", reference)
        catalog_name, _, accessor = reference.partition(".")
        catalog = self.above.catalog(catalog_name) if self.above and accessor else None
        if catalog:
            bundle = catalog.bundles.get(accessor.removeprefix("bundles."), []) if accessor.startswith("bundles.") else [accessor]
            for entry in filter(None, map(catalog.libraries.get, bundle)):
                yield Dependency(first.place, "", entry.name, entry.version, reference)
        elif reference:
            yield _dependency(first.place, text.split(":"), reference)

    def _excludes(self, statements: list[Statement]) -> Iterator[str]:
        for statement in find(statements, ("exclude",)):
            parts = {key: self.text(value)[0] for key, value in map(_named, statement.arguments) if key}
            positional = [self.text(items)[0] for items in statement.arguments if not _named(items)[0]]
            group, module = [*positional, "", ""][:2] if positional else (parts.get("group", ""), parts.get("module", ""))
            yield f"{group}:{module}".replace(HOLE, "")

    def plugins(self, statements: list[Statement]) -> None:
        for block in _blocks(statements, "plugins"):
            for statement in block:
                self._plugin(statement)
        for statement in find(statements, ("apply",)):
            for argument in statement.arguments:
                key, value = _named(argument)
                text = known(self.text(value)[0]) if key == "plugin" else None
                if text:
                    self.build.plugins.append(Plugin(statement.place, text))

    def _plugin(self, statement: Statement) -> None:
        """``id 'x' version '1' apply false``, ``id("x") version "1"``, ``alias(libs.plugins.x)``, ``kotlin("android")``."""
        items = [item for item in statement.items if not (isinstance(item, Group) and item.bracket == "{")]
        if len(items) < 2 or not isinstance(items[0], Token):
            return
        given: list[Item] = items[1].items if isinstance(items[1], Group) else [items[1]]
        at = next((i for i, item in enumerate(items) if i > 1 and isinstance(item, Token) and item.text == "version"), None)
        version, reference = "", ""
        if at is not None and at + 1 < len(items):
            after: list[Item] = items[at + 1 :]
            stop = next((i for i, item in enumerate(after) if isinstance(item, Token) and item.text == "apply"), len(after))
            first = after[0]
            version, reference = self.text(first.items if isinstance(first, Group) else after[:stop])
        if items[0].text == "alias":
            reference = self._reference(given)
            catalog_name, _, accessor = reference.partition(".plugins.")
            catalog = self.above.catalog(catalog_name) if self.above and accessor else None
            entry = catalog.plugins.get(_ACCESSOR.sub("", accessor)) if catalog else None
            if entry:
                self.build.plugins.append(Plugin(statement.place, entry.name, entry.version, reference))
            else:
                self.build.plugins.append(Plugin(statement.place, "", None, reference))
        elif items[0].text in ("id", "kotlin") and given:
            name = known(self.text(given)[0])
            if name:
                full = f"org.jetbrains.kotlin.{name}" if items[0].text == "kotlin" else name
                self.build.plugins.append(Plugin(statement.place, full, known(version), reference))

    def android(self, android: Android, block: list[Statement]) -> None:
        default = [s for d in find(block, ("defaultConfig",)) for s in d.block or ()]
        android.compile_sdk = self._sdk(android, block, "compileSdk") or android.compile_sdk
        android.target_sdk = self._sdk(android, default, "targetSdk") or android.target_sdk
        android.min_sdk = self._sdk(android, default, "minSdk") or android.min_sdk
        for statements, outer, name, words in (
            (block, ("aaptOptions", "androidResources"), "noCompress", android.no_compress),
            (default, ("ndk",), "abiFilters", android.abi_filters),
        ):
            inner = [s for holder in outer for found in find(statements, (holder,)) for s in found.block or ()]
            dotted = [s for s in statements if s.name.partition(".")[0] in outer and s.block is None]
            for statement in [*inner, *dotted]:
                parts = statement.name.split(".")
                if name in parts and parts[-1] in (name, "add", "addAll"):
                    words += self.listed(statement.arguments)
                    android.places.setdefault(name, statement.place)
        for statement in find(block, ("splits", "abi")):
            for inner_statement in statement.block or ():
                if inner_statement.name in ("enable", "isEnable") and inner_statement.arguments:
                    android.splits_abi = self.word(inner_statement.arguments[0]).written == "true"
        for statement in find(block, ("buildFeatures", "mlModelBinding")):
            android.ml_model_binding = bool(statement.arguments) and self.word(statement.arguments[0]).written == "true"
        for types in find(block, ("buildTypes",)):
            for statement in types.block or ():
                if statement.block is not None:
                    android.build_types.append(self._build_type(statement))

    def _sdk(self, android: Android, statements: list[Statement], name: str) -> int | None:
        for statement in statements:
            if statement.name in (name, f"{name}Version") and statement.arguments:
                android.places.setdefault(name, statement.place)
                text = known(self.text(statement.arguments[0])[0])
                return number(text.removeprefix("android-")) if text else None
        return None

    def _build_type(self, statement: Statement) -> BuildType:
        """``release { ... }``, ``getByName("release") { ... }``, ``named("release") { ... }``."""
        name, arguments = statement.name, statement.arguments
        if arguments:
            name = self.word(arguments[0]).text or name
        minify, proguard = None, []
        for inner in statement.block or ():
            if inner.name in ("minifyEnabled", "isMinifyEnabled") and inner.arguments:
                minify = _TRUTH.get(self.word(inner.arguments[0]).written)
            elif inner.name in ("proguardFiles", "proguardFile"):
                proguard += self.listed(inner.arguments)
        return BuildType(statement.place, name, minify, tuple(proguard))

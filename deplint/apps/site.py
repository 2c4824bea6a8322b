"""How JavaScript gets to run: in which page, worker or process, built by what, and with which releases of its libraries."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from deplint import Project
from deplint.apps.follow import home
from deplint.code.source import Import, Script, SourceFile
from deplint.code.source_nodes import Importing, Other
from deplint.code.source_packages import provides
from deplint.finding import Place
from deplint.project import File
from deplint.settings.packages import PackageJson

if TYPE_CHECKING:
    from deplint.settings.ranges import Range

BUILDERS = {
    **dict.fromkeys(
        """react-scripts vite next @vue/cli-service astro @craco/craco react-app-rewired umi quasar @quasar/app-vite @rsbuild/core
        @crxjs/vite-plugin wxt""".split(),  # noqa: SIM905
        "public",
    ),
    **dict.fromkeys(("@sveltejs/kit", "gatsby", "@docusaurus/core"), "static"),
    **dict.fromkeys(
        """nuxt @angular/cli @angular-devkit/build-angular webpack parcel parcel-bundler rollup esbuild metro browserify snowpack rspack
        @rspack/core tsup plasmo laravel-mix gulp grunt microbundle @ionic/app-scripts bun budo watchify brunch""".split(),  # noqa: SIM905
        "",
    ),
}
"""Package that builds pages -> the folder whose files it serves as they are, at the address of the page; empty if a configuration says."""

_BUILT = re.compile(r"\b(?:bun|deno|tsc|esbuild|parcel|webpack|vite)\s+(?:build|bundle|serve|index|-|src|\.)")

NODE = frozenset(
    """fs path http https os child_process cluster net stream worker_threads process express koa fastify @tensorflow/tfjs-node
    @tensorflow/tfjs-node-gpu onnxruntime-node canvas sharp discord.js commander yargs fs-extra""".split()  # noqa: SIM905
)
"""What only Node has, and packages that only run there."""

PAGES = frozenset({"react-dom", "vue", "@angular/core", "svelte", "preact", "solid-js", "p5", "react-scripts", "@vue/cli-service"})
"""Packages of what runs in pages."""

BOTH = frozenset({"next", "nuxt", "electron", "@sveltejs/kit", "astro", "gatsby", "@remix-run/node", "nw", "@nestjs/core"})
"""Packages of what runs on both sides."""

NATIVE = frozenset({"react-native", "expo", "@tensorflow/tfjs-react-native", "onnxruntime-react-native", "@capacitor/core", "cordova"})

NATIVE_CODE = ("@tensorflow/tfjs-node", "@tensorflow/tfjs-node-gpu", "onnxruntime-node")
"""Packages of native code for Node."""

_IN_PAGE = re.compile(
    r"(?<![.\w$'\"])(?:document\.(?:get|query|create|body|add)|window\.(?!process)|navigator\.|importScripts\s*\(|self\.onmessage)"
)
_IN_NODE = re.compile(r"(?<![.\w$])(?:__dirname|__filename|process\.(?:argv|cwd|exit|stdout|stdin)\b|module\.exports\b)|^#!.*\bnode\b")
_GUARD = re.compile(r"typeof\s+(?:window|document|process|navigator|importScripts|require|module)\b|globalThis\.(?:window|document)")


def package_of(project: Project, near: Place) -> PackageJson | None:
    """The ``package.json`` of the package a file is part of."""
    file = project.file(home(project, near) / "package.json")
    found = project.facts(file, PackageJson) if file else []
    return found[0] if found else None


def depends(project: Project, near: Place) -> frozenset[str]:
    """The names of the packages that a file's package lists, in whatever section."""
    found = package_of(project, near)
    return frozenset(pin.name for pin in found.packages) if found else frozenset()


def builders(project: Project, near: Place) -> frozenset[str]:
    """What builds a file's package for pages, of `BUILDERS`; ``""`` is in it where a script of the package runs something else."""
    found = package_of(project, near)
    if found is None:
        return frozenset()
    scripts = found.data.get("scripts")
    commands = " ; ".join(str(command) for command in scripts.values()) if isinstance(scripts, dict) else ""
    named = {pin.name for pin in found.packages if pin.name in BUILDERS}
    return frozenset(named | ({""} if _BUILT.search(commands) else set()))


def platform(project: Project, file: SourceFile) -> str:
    """Where a file's code runs, where that is certain: ``browser`` (a page or a worker of one) or ``node``; else empty."""
    if not file.web:
        return ""
    names = depends(project, file.place)
    if names & NATIVE or file.mentions(_GUARD.pattern):
        return ""
    modules = {imported.module.removeprefix("node:").partition("/")[0] if not imported.module.startswith("@") else imported.package
               for imported in file.imports if imported.kind != "script"}  # fmt: skip
    node, page = bool(modules & NODE) or file.mentions(_IN_NODE.pattern), file.language in ("html", "vue", "svelte")
    page = page or file.mentions(_IN_PAGE.pattern) or bool(loading(project, file))
    if node == page:
        if node or not names or names & BOTH:
            return ""
        if names & PAGES:
            return "browser"
        plain = any(imported.kind == "require" for imported in file.imports) or file.path.endswith(".cjs")
        return "node" if plain and not builders(project, file.place) else ""
    if node and (names & PAGES or builders(project, file.place)) and not modules & NODE:
        return ""
    return "" if any(name.startswith("electron") for name in names) else "node" if node else "browser"


@lru_cache(maxsize=64)
def _code(project: Project, folder: Path) -> tuple[SourceFile, ...]:
    return tuple(each for each in project.all(SourceFile) if each.web and Path(os.path.abspath(each.path)).is_relative_to(folder))


def code_of(project: Project, file: SourceFile | PackageJson) -> tuple[SourceFile, ...]:
    """The JavaScript, TypeScript and pages of the package a file is part of."""
    return _code(project, home(project, file.place))


@lru_cache(maxsize=8)
def _loaded(project: Project) -> Mapping[Path, list[tuple[SourceFile, Script]]]:
    found: dict[Path, list[tuple[SourceFile, Script]]] = {}
    for page in project.all(SourceFile):
        if page.language == "html":
            for script in page.scripts:
                path = local(project, page.place, script.address)
                if path is not None:
                    found.setdefault(path, []).append((page, script))
    return found


def loading(project: Project, file: SourceFile) -> list[tuple[SourceFile, Script]]:
    """The project's pages that load a script, each with the tag that does."""
    return _loaded(project).get(Path(os.path.abspath(file.path)), [])


def local(project: Project, near: Place, address: str) -> Path | None:
    """The project's file that an address written in a page means, as long as the page is served from where it lies."""
    address = re.sub(r"[?#].*", "", address)
    if not address or re.match(r"[a-z][\w+.-]*:|//|.*[{<%]", address, re.IGNORECASE):
        return None
    here = Path(os.path.abspath(near.path)).parent
    folders = [here] if not address.startswith("/") else [here, *(f for f in here.parents if f.is_relative_to(project.root))]
    for folder in folders:
        path = Path(posixpath.normpath(f"{folder.as_posix()}/{address.lstrip('/')}"))
        if project.file(path) is not None:
            return path
    return None


def tags(project: Project, file: SourceFile) -> list[Import] | None:
    """The script tags of the page a file's code runs in; None if that is none, or one of several."""
    if file.language == "html":
        return [imported for imported in file.imports if imported.kind == "script"]
    pages = {page.path: page for page, _ in loading(project, file)}
    return [imported for imported in next(iter(pages.values())).imports if imported.kind == "script"] if len(pages) == 1 else None


def release(project: Project, file: SourceFile, name: str) -> Range | None:
    """The releases of a package that a file's code may run with: those its page loads by address, else those its package names. None is
    unknown, also where a tag names no release or the package has a build of its own (``file:``, a repository) in place of a release."""
    from deplint.settings.ranges import parse

    wanted = provides(name)
    loaded = [
        tag
        for tag in [*file.imports, *(tags(project, file) or ())]
        if (tag.kind == "script" or tag.version) and (tag.package == name or (wanted and provides(tag.package) == wanted))
    ]
    if loaded:
        versions = {tag.version for tag in loaded if tag.package == name} or {tag.version for tag in loaded}
        version = versions.pop() if len(versions) == 1 else ""
        return parse(version, "npm") if version and version != "latest" else None
    package = package_of(project, file.place)
    stated = package.dependency(name) if package is not None else None
    pin = project.versions.of(name if name.startswith("@") else f"npm:{name}", file.place)
    return pin.range if pin is not None and not (stated is not None and stated.url) else None


def modular(file: SourceFile) -> Importing | Other | None:
    """The first import or export declaration of a file: what makes it a module."""
    from deplint.code.source_javascript import EXPORT

    for node in file.meaning.nodes:
        if (isinstance(node, Importing) and node.kind in ("import", "export")) or (isinstance(node, Other) and node.kind == EXPORT):
            return node
    return None


def bare(module: str) -> bool:
    """Whether an import names a package and not an address: only Node, builders and import maps know where that is."""
    return not re.match(r"\.{0,2}/|[a-z][\w+.-]*:", module, re.IGNORECASE)


def files_below(project: Project, folder: Path, *names: str) -> Iterator[File]:
    """The project's files of these names anywhere below a folder."""
    return (file for file in project.files if file.name in names and file.path.is_relative_to(folder))


LIBRARIES = r"@tensorflow|tfjs|\btf\.min|onnxruntime|\bort\.|\btf\.\w|@xenova/|@huggingface/transformers|@mediapipe|\bml5\b|face-?api"
"""What code says that runs models."""


def unbuilt(project: Project, near: Place) -> bool:
    """Whether pages and scripts are certainly served as they are written: nothing in the package builds or resolves imports."""
    found = package_of(project, near)
    if found is None:
        return True
    scripts = found.data.get("scripts")
    commands = scripts.values() if isinstance(scripts, dict) else ()
    plain = re.compile(r"(?:npx\s+)?(?:http-server|serve|live-server|node|nodemon|echo|jest|mocha|eslint|prettier|python3?)\b.*")
    if any(re.match(r"electron|nw$", pin.name) for pin in found.packages):
        return False  # their pages import what Node finds
    return not builders(project, near) and all(plain.fullmatch(str(command)) for command in commands)

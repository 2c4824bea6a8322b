"""A Node that the native parts of the project do not run on.

`@tensorflow/tfjs-node`, `onnxruntime-node` (and transformers.js, which uses it in Node) bring libraries built against glibc. Alpine has
musl: ``Error loading shared library ld-linux-x86-64.so.2: No such file or directory``, and `gcompat` does not help. `tfjs-node` up to
4.22, the last release, calls functions that Node 23 removed: ``TypeError: (0 , util_1.isNullOrUndefined) is not a function``.

```dockerfile bad line=1
FROM node:20-alpine
COPY . .
RUN npm ci
CMD ["node", "server.js"]
```

```json + path=package.json
{"dependencies": {"onnxruntime-node": "^1.20.0"}}
```

A Node that is too new:

```dockerfile bad line=1
FROM node:24-slim
COPY . .
RUN npm ci
CMD ["node", "server.js"]
```

```json bad path=package.json
{
  "engines": {"node": ">=24"}, // <-
  "dependencies": {"@tensorflow/tfjs-node": "^4.22.0"}
}
```

What only builds may be Alpine; so may what runs no native part.

```dockerfile good
FROM node:22-alpine AS page
COPY . .
RUN npm ci && npm run build

FROM node:22-slim
COPY --from=page /dist /dist
CMD ["node", "server.js"]
```

```json + path=package.json
{"engines": {"node": ">=18"}, "dependencies": {"@tensorflow/tfjs-node": "^4.22.0"}}
```

```dockerfile good
FROM node:24-alpine
CMD ["node", "server.js"]
```

```json + path=package.json
{"dependencies": {"@tensorflow/tfjs": "^4.22.0", "onnxruntime-web": "^1.20.0"}}
```

References: https://github.com/microsoft/onnxruntime/issues/12439, https://github.com/tensorflow/tfjs/issues/8609; the files of tfjs-node
4.22.0 (`dist/nodejs_kernel_backend.js`) and onnxruntime-node 1.20.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from deplint import Finding, Project, rule
from deplint.apps.site import NATIVE_CODE, package_of, platform
from deplint.code.source import SourceFile
from deplint.finding import Place
from deplint.settings.dockerfile import Dockerfile, Stage
from deplint.settings.packages import PackageJson
from deplint.settings.ranges import between, parse

PERHAPS = ("@huggingface/transformers", "@xenova/transformers")
"""Packages that use ``onnxruntime-node`` where they run in Node."""

_POLYFILL = r"isNullOrUndefined\s*(?:=|\?\?=|\]\s*=|'\]\s*=)"


@rule(
    "DPL828",
    severity="error",
    leaves=["B.3.1", "B.3.2"],
    see=[
        "https://github.com/microsoft/onnxruntime/issues/12439",
        "https://github.com/tensorflow/tfjs/issues/8609",
        "https://nodejs.org/api/deprecations.html#dep0051-utilisnullorundefined",
    ],
)
def node_image(file: Dockerfile | PackageJson, project: Project) -> Iterator[Finding]:
    packages = file if isinstance(file, PackageJson) else package_of(project, file.place)
    if packages is None:
        return
    if isinstance(file, PackageJson):
        engines: Any = file.data.get("engines")
        wanted = parse(str(engines.get("node", "")), "npm") if isinstance(engines, dict) else None
        late = between("23", None)
        if wanted is not None and late is not None and wanted <= late and _old_tfjs(packages, project):
            yield Finding(_place(file, project), _REMOVED, help=_OLDER)
        return
    stage = file.final if file.stages else None
    image = stage.root if stage is not None else None
    if stage is None or image is None or image.name not in ("node", "library/node", "bitnami/node", "alpine") or image.tag is None:
        return
    named = next((name for name in NATIVE_CODE if _needs(packages, name)), "") or _in_node(packages, project)
    if not named or (image.name == "alpine" and not _installs_node(stage)):
        return
    if re.search(r"alpine", f"{image.name}:{image.tag}"):
        yield Finding(
            image.place,
            f"{named} is built against glibc, this image has musl: Error loading shared library ld-linux-x86-64.so.2",
            help="take an image with glibc, such as node:22-slim",
        )
    elif _late(image.tag) and _old_tfjs(packages, project):
        yield Finding(image.place, _REMOVED, help=_OLDER)


_REMOVED = "@tensorflow/tfjs-node up to 4.22 calls functions that Node 23 removed: util_1.isNullOrUndefined is not a function"
_OLDER = "run it with Node 22 or older"


def _late(tag: str) -> bool:
    number = re.match(r"(\d+)(?:\.|-|$)", tag)
    return int(number[1]) >= 23 if number else bool(re.match(r"(?:latest|current)?(?:-|$)", tag))


def _needs(packages: PackageJson, name: str) -> bool:
    pin = packages.dependency(name)
    return pin is not None and pin.group in ("", "optional")


def _old_tfjs(packages: PackageJson, project: Project) -> bool:
    """Whether all releases of tfjs-node that are admitted call them, and nothing puts them back."""
    pins = [pin for name in NATIVE_CODE[:2] if _needs(packages, name) and (pin := packages.dependency(name)) is not None]
    old = between(None, "4.22.1")
    known = bool(pins) and all(pin.range is not None and old is not None and (pin.range <= old or _newest(pin.specifier)) for pin in pins)
    return known and not any(file.web and file.mentions(_POLYFILL) for file in project.all(SourceFile))


def _newest(specifier: str | None) -> bool:
    """A range that begins with a release of 2 to 4: no later one than 4.22 is out."""
    return bool(re.match(r"[~^]?[1-4]\.\d", specifier or ""))


def _in_node(packages: PackageJson, project: Project) -> str:
    """One of `PERHAPS` that code of Node imports; empty if none is certain to be."""
    for name in (name for name in PERHAPS if _needs(packages, name)):
        for file in project.all(SourceFile):
            mine = file.web and file.mentions(re.escape(name)) and package_of(project, file.place) is packages
            if mine and file.imported(name) is not None and platform(project, file) == "node":
                return name
    return ""


def _installs_node(stage: Stage) -> bool:
    words = " ".join(str(word) for run in stage.all("RUN") for command in run.commands for word in command)
    return bool(re.search(r"\bapk\b.*\badd\b.*\bnodejs\b", words))


def _place(file: PackageJson, project: Project) -> Place:
    """Where the engines are written."""
    from deplint.finding import Span

    for number, line in enumerate(_lines(file, project), 1):
        at = line.find('"engines"')
        if at >= 0:
            return Place(file.path, Span(number, at + 1, number, len(line) + 1))
    return file.place


def _lines(file: PackageJson, project: Project) -> list[str]:
    return next((found.lines for found in project.files if found.shown == file.path), [])

"""The builds of ONNX Runtime for the web and what each of them brings; where web libraries look for their WebAssembly."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deplint.code.source import SourceFile
from deplint.settings.ranges import between

if TYPE_CHECKING:
    from deplint.settings.ranges import Range

PROVIDERS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "": (
        ("", "1.16", "cpu wasm webgl"),
        ("1.16", "1.17", "cpu wasm webgl webnn"),
        ("1.17", "1.21", "cpu wasm webgl"),
        ("1.21", "", "cpu wasm webgpu webnn"),
    ),
    "webgpu": (("1.16", "1.17", "cpu wasm webgl webgpu webnn"), ("1.17", "", "cpu wasm webgpu webnn")),
    "wasm": (("1.16", "1.17", "cpu wasm webnn"), ("1.17", "", "cpu wasm")),
    "webgl": (("1.17", "", "webgl"),),
    "experimental": (("1.17", "1.19", "cpu wasm webgl webgpu webnn"),),
    "all": (("1.17", "", "cpu wasm webgl webgpu webnn"),),
}
"""Build (the last part of ``onnxruntime-web/...``, empty for the package itself) -> from which release on, before which, and the
execution providers that are registered. Read from the files of 1.14.0, 1.16.3, 1.18.0, 1.19.2, 1.20.1, 1.21.0, 1.22.0, 1.24.3, 1.30.0."""

_BUILD = re.compile(r"/(?:ort|ort-web)(?:\.(?P<build>webgpu|wasm|webgl|all))?(?:\.bundle)?(?:\.min)?\.m?js(?:[?#].*)?$")


def build(file: SourceFile) -> str | None:
    """The build of onnxruntime-web that a file imports or its page loads; None if that is none, or several."""
    found: set[str | None] = set()
    for imported in file.imports:
        if imported.package != "onnxruntime-web":
            continue
        path = re.sub(r"^onnxruntime-web/?", "", imported.module)
        match = _BUILD.search("/" + path if not path.startswith("http") else path)
        found.add(match["build"] or "" if match else path if path in PROVIDERS else None)
    return found.pop() if len(found) == 1 else None


def providers(name: str, used: Range) -> frozenset[str] | None:
    """The execution providers of a build in all of the releases that may be used; None if that is not known."""
    for since, until, listed in PROVIDERS.get(name, ()):
        bounds = between(since or None, until or None)
        if bounds is not None and used <= bounds:
            return frozenset(listed.split())
    return None

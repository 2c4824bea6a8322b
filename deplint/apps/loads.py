"""The calls of web apps that load a model from an address or a path, and where that is written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import lru_cache

from deplint.apps.follow import follow, spread, within
from deplint.apps.web import handler
from deplint.code.patterns import matcher
from deplint.code.source import SourceFile
from deplint.code.source_nodes import Call, Node, Object, Text
from deplint.project import Project

LOADERS = {
    "@tensorflow/tfjs*.{loadGraphModel,loadLayersModel,loadModel,loadFrozenModel}": "tfjs",
    "@tensorflow/tfjs-tflite.loadTFLiteModel": "tflite",
    "@tensorflow/tfjs-node*.node.loadSavedModel": "savedmodel",
    "onnxruntime-{web,common,react-native}{,/*}.InferenceSession.create": "ort",
    "onnxruntime-node.InferenceSession.create": "ort-node",
}
"""Function -> the family of models it reads; all take the address first."""

HANDLERS = matcher("@tensorflow/tfjs*.io.{http,browserHTTPRequest,fileSystem}")
"""What makes of an address something that a loader of TensorFlow.js takes."""

_FAMILIES = [(matcher(pattern), family) for pattern, family in LOADERS.items()]
_AGAIN = re.compile(r"\bload\w*\s*\(|\bcreate\s*\(|\bfallback|\.predict\b", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Load:
    """One model loaded. `address` is what names it, perhaps a constant of another file; `at` is where this call is given it, `options`
    what else is said of how."""

    call: Call
    family: str
    at: Node
    address: Node
    options: Node | None
    handler: str
    """The function between the loader and the address: ``fileSystem``; empty if there is none."""

    @property
    def written(self) -> str:
        """The address, as far as it is known: empty if it is not, without the part before the unknown if it only ends in known text."""
        value = self.address.value
        return value if isinstance(value, str) else value.suffix if isinstance(value, Text) else ""

    @property
    def start(self) -> str:
        """The known beginning of the address."""
        value = self.address.value
        return value if isinstance(value, str) else value.prefix if isinstance(value, Text) else ""

    @property
    def whole(self) -> bool:
        return isinstance(self.address.value, str)

    def option(self, *names: str) -> bool:
        """Whether any of these options is given, or may be: options that are not written out may say anything."""
        if self.options is None:
            return False
        known = spread(self.options) if isinstance(self.options, Object) else None
        return known is None or any(key in names for key in known)

    @property
    def retried(self) -> bool:
        """Whether a failure is expected: what handles it tries something else."""
        around = handler(self.call)
        return around is not None and bool(_AGAIN.search(around.text))


@lru_cache(maxsize=256)
def loads(file: SourceFile, project: Project | None = None) -> Sequence[Load]:
    """The models that a file's code loads, by an address or a path; with a project, also by one that is a constant elsewhere in it."""
    return tuple(_loads(file, project))


def _loads(file: SourceFile, project: Project | None) -> Iterator[Load]:
    if not file.web or not file.mentions(r"\b(?:load\w*Model|InferenceSession)\b"):
        return
    for call in file.calls(*LOADERS):
        family = next((family for matches, family in _FAMILIES if matches(call.name)), "")
        address, options, through = call.argument(None, 0), call.argument(None, 1), ""
        made = address.origin if address is not None and not isinstance(address.value, (str, Text)) else None
        if made is not None and HANDLERS(made.name) and made.arguments:
            address, options, through = made.argument(None, 0), made.argument(None, 1), made.method
        if address is not None and family:
            at = address
            with within(project) if project is not None else nullcontext():
                options = _options(options)
                if project is not None and not isinstance(address.value, (str, Text)):
                    found = follow(address)
                    address = found if found is not None and isinstance(found.value, (str, Text)) else address
            yield Load(call, family, at, address, options, through)


def _options(node: Node | None) -> Node | None:
    """Options where they are written out."""
    found = follow(node)
    return found if isinstance(found, Object) else node

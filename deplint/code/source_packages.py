"""Where JavaScript packages come from: names and versions in import paths and content delivery addresses, and the global names of
their builds for script tags.

The globals are those of the packages' own build configurations: `tf` (rollup output of tfjs-core and those that extend it), `tflite`
(`umd_name` in tfjs-tflite/BUILD.bazel), `ort` (`globalName` in onnxruntime js/web/script/build.ts), and `output.name` in the rollup
configurations of tensorflow/tfjs-models.
"""

from __future__ import annotations

import re
from functools import lru_cache

_MODELS = {
    "blazeface": "blazeface",
    "bodyPix": "body-pix",
    "bodySegmentation": "body-segmentation",
    "cocoSsd": "coco-ssd",
    "deeplab": "deeplab",
    "depthEstimation": "depth-estimation",
    "faceDetection": "face-detection",
    "faceLandmarksDetection": "face-landmarks-detection",
    "facemesh": "facemesh",
    "handPoseDetection": "hand-pose-detection",
    "handpose": "handpose",
    "knnClassifier": "knn-classifier",
    "mobilenet": "mobilenet",
    "poseDetection": "pose-detection",
    "posenet": "posenet",
    "qna": "qna",
    "speechCommands": "speech-commands",
    "toxicity": "toxicity",
    "use": "universal-sentence-encoder",
}

GLOBALS = {
    "tf": "@tensorflow/tfjs",
    "tflite": "@tensorflow/tfjs-tflite",
    "ort": "onnxruntime-web",
    **{name: f"@tensorflow-models/{package}" for name, package in _MODELS.items()},
}
"""Global name -> the package that a page loads to have it."""

_NAME = r"(?P<name>@[\w.-]+/[\w.-]+|[\w.-]+)(?:@(?P<version>[^/?#]+))?"

_ADDRESSES = tuple(
    re.compile(pattern + _NAME)
    for pattern in (
        r"(?:https?:)?//(?:cdn|fastly)\.jsdelivr\.net/npm/",
        r"(?:https?:)?//(?:www\.)?unpkg\.com/",
        r"(?:https?:)?//(?:cdn\.)?esm\.(?:sh|run)/(?:stable/|v\d+/)?",
        r"(?:https?:)?//cdn\.skypack\.dev/",
        r"(?:https?:)?//ga\.jspm\.io/npm:",
        r"npm:/?",
    )
)
_CDNJS = re.compile(r"(?:https?:)?//cdnjs\.cloudflare\.com/ajax/libs/(?P<name>[^/]+)/(?P<version>[^/]+)/")
_CDNJS_NAMES = {"tensorflow": "@tensorflow/tfjs"}
_FILE = re.compile(r"(?:.*/)?(?:(?P<tf>tf(?:js)?)|ort)(?:\.[\w-]+)*\.min\.m?js(?:[?#].*)?")
_PACKAGE = re.compile(r"(@[\w.-]+/[\w.-]+|[\w.-]+)(?:/.*)?")


@lru_cache(maxsize=1024)
def package(module: str) -> tuple[str, str]:
    """The package that an import path or script address is in, and the version it names (``4.22.0``, ``4``, ``latest``), or "".

    A path that is in no package is returned as it is.
    """
    for address in _ADDRESSES:
        match = address.match(module)
        if match:
            return match["name"], match["version"] or ""
    match = _CDNJS.match(module)
    if match:
        return _CDNJS_NAMES.get(match["name"], match["name"]), match["version"]
    match = _FILE.fullmatch(module)
    if match:
        return GLOBALS["tf" if match["tf"] else "ort"], ""
    match = _PACKAGE.fullmatch(module)
    if match and not module.startswith("."):
        return match[1], ""
    return module, ""


def provides(package: str) -> str:
    """The global name a script of `package` gives a page, or ""."""
    if re.fullmatch(r"@tensorflow/tfjs(-(core|layers|converter|data|backend-[\w-]+))?", package):
        return "tf"
    return next((name for name, wanted in GLOBALS.items() if wanted == package), "")

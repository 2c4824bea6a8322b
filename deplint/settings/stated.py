"""What the people of a project say of the versions they use where no tool reads it: in a README, or in what a build installs.

Such words are too loose to accuse anybody with, and enough to be silent: where a README says "TensorFlow 1.12", code that needs it is
no fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

_DESCRIBES = re.compile(r"(?i)(readme|install|installation|requirements?)(\.(md|rst|txt|markdown|mdx))?|tox\.ini|noxfile\.py|jenkinsfile")
_BUILDS = (
    ".github/workflows/*.y*ml",
    ".travis.yml",
    ".gitlab-ci.yml",
    ".circleci/config.yml",
    "azure-pipelines*.yml",
    ".azure-pipelines/*.yml",
)
"""What builds and tests a project, from its top."""
_LIMIT = 200_000
"""Characters of a file that are looked at."""

_NAMES = {
    "tensorflow": ("tf",),
    "torch": ("pytorch",),
    "tensorrt": ("trt",),
    "onnxruntime": ("onnx runtime", "ort"),
    "scikit-learn": ("sklearn",),
}
"""What a package is called in prose besides its own name."""

_BETWEEN = r"(?:[\s`*_|:\"'()\[\]-]|v(?=\d)|versions?|release){0,14}?"
_NUMBER = r"\d{1,4}(?:\.(?:\d{1,5}|[x*]))+"
_SPECIFIER = r"(?:[<>=~!]=|[<>])\s*\d[\d.*]*(?:\s*,\s*[<>=~!]=?\s*\d[\d.*]*)*"
_FROM_ON = r"\s*(?:\+|(?:or|and) (?:later|newer|above|higher|greater|up))"


def descriptions(folder: Path, top: bool) -> str:
    """The text of the files in which a folder is described, and of the builds if it is the project's first."""
    found: list[Path] = []
    try:
        found += sorted(path for path in folder.iterdir() if _DESCRIBES.fullmatch(path.name))
        for pattern in _BUILDS if top else ():
            found += sorted(folder.glob(pattern))
    except OSError:
        return ""
    return "\n".join(map(_text, found[:40]))


def _text(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.read(_LIMIT)
    except OSError:
        return ""


def stated(text: str, names: Iterable[str]) -> list[str]:
    """The specifiers of what a text says of a package of these names: ``==1.12.*`` of "TensorFlow 1.12", ``>=8.4`` of "TensorRT 8.4+"."""
    found: list[str] = []
    for match in _mention(frozenset(names)).finditer(text):
        if match["specifier"]:
            found.append(match["specifier"])
        else:
            series = [re.sub(r"(\.[x*])+$", "", number) for number in re.findall(_NUMBER, match["numbers"])]
            found += [f">={one}" if match["open"] else f"=={one}.*" for one in series]
    return list(dict.fromkeys(found))


@lru_cache(maxsize=64)
def _mention(names: frozenset[str]) -> re.Pattern[str]:
    spoken = {*names, *(other for name in names for other in _NAMES.get(name, ()))}
    words = "|".join(re.escape(name).replace(r"\-", "[-_ ]") for name in sorted(spoken, key=len, reverse=True))
    listed = rf"(?P<numbers>{_NUMBER}(?:\s*(?:,|/|-|~|&|and|or|to)\s*v?{_NUMBER})*)(?P<open>{_FROM_ON})?"
    return re.compile(rf"(?i)(?<![\w.-])(?:{words})(?:\[[\w,-]*\])?{_BETWEEN}(?:(?P<specifier>{_SPECIFIER})|{listed}(?![\w.]*[A-Za-z]))")

"""What released packages say of where they install: interpreters, C libraries, and the packages they require.

    python -m tools.compatibility [PACKAGE...]

Writes `deplint/data/compatibility.json.gz` from the names of the files on the package index (their tags say for which interpreter and
which C library a wheel is) and from the metadata inside one wheel of each release. Nothing is installed.
"""

from __future__ import annotations

import datetime
import gzip
import json
import re
import sys
import tarfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from email.parser import HeaderParser
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.tags import Tag
from packaging.utils import canonicalize_name, parse_wheel_filename
from packaging.version import Version
from remotezip import RemoteZip

from tools.pypi import Released, fetch, released

DATA = Path(__file__).parents[1] / "deplint" / "data" / "compatibility.json.gz"

PACKAGES = """
    ai-edge-litert coremltools diffusers executorch fastapi flask grpcio h5py jax jaxlib keras keras-cv litert-torch mediapipe ml-dtypes
    numpy onnx onnxconverter-common onnxmltools onnxruntime onnxruntime-gpu onnxscript onnxsim opencv-python opencv-python-headless
    openvino openvino-dev optimum optimum-onnx pillow protobuf safetensors scikit-learn scipy skl2onnx tensorflow tensorflow-addons
    tensorflow-cpu tensorflow-estimator tensorflow-gpu tensorflow-hub tensorflow-intel tensorflow-io tensorflow-macos tensorflow-metal
    tensorflow-model-optimization tensorflow-probability tensorflow-serving-api tensorflow-text tensorflowjs tensorrt tf-keras tf2onnx
    tflite-model-maker tflite-runtime tflite-support timm tokenizers torch torchao torchaudio torchtext torchvision transformers
    tritonclient typing-extensions vllm werkzeug
""".split()  # noqa: SIM905 (a list of words reads better as words)

_SINCE = "2017-01-01"
"""Releases before this day are left out."""


def rows(package: str) -> list[dict[str, Any]]:
    """A row for each release that is no pre-release, in rising order."""
    known = {canonicalize_name(name) for name in PACKAGES}
    releases: dict[str, list[Released]] = {}
    for file in released(package):
        if file.day >= _SINCE and not Version(file.version).is_prerelease:
            releases.setdefault(file.version, []).append(file)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(partial(_row, package, known), releases.values()))
    print(package, len(found), file=sys.stderr)
    return sorted(found, key=lambda row: Version(row["version"]))


def _row(package: str, known: Iterable[str], files: list[Released]) -> dict[str, Any]:
    """One release: ``python`` what it says it needs, ``wheels`` by machine the interpreters of Linux wheels with the least glibc they need
    (musl: with "musl"), ``source`` whether it can be built, ``requires`` what it asks of the packages of the table."""
    wheels: dict[str, dict[str, str]] = {}
    for file in files:
        if file.name.endswith(".whl"):
            for tag in parse_wheel_filename(file.name)[3]:
                for machine, library in _linux(tag):
                    ours = wheels.setdefault(machine, {})
                    for python in _pythons(tag):
                        key = f"{python} musl" if library == "musl" else python
                        if key not in ours or _number(library) < _number(ours[key]):
                            ours[key] = library
    row: dict[str, Any] = {"package": package, "version": files[0].version, "day": min(file.day for file in files)}
    row |= {"python": next((file.python for file in files if file.python), ""), "wheels": wheels}
    row["source"] = any(file.name.endswith((".tar.gz", ".zip")) for file in files)
    row["requires"] = _requires(files, known)
    return row


def _number(text: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", text)))


def _linux(tag: Tag) -> Iterator[tuple[str, str]]:
    """The machines a tag is for, with the least glibc ("" any, "musl")."""
    if tag.platform == "any":
        yield "any", ""
    elif match := re.fullmatch(r"manylinux_(\d+)_(\d+)_(\w+)", tag.platform):
        yield match[3], f"{match[1]}.{match[2]}"
    elif match := re.fullmatch(r"(manylinux1|manylinux2010|manylinux2014)_(\w+)", tag.platform):
        yield match[2], {"manylinux1": "2.5", "manylinux2010": "2.12", "manylinux2014": "2.17"}[match[1]]
    elif match := re.fullmatch(r"musllinux_\d+_\d+_(\w+)", tag.platform):
        yield match[1], "musl"
    elif match := re.fullmatch(r"linux_(\w+)", tag.platform):
        yield match[1], ""


def _pythons(tag: Tag) -> Iterator[str]:
    """``3.11`` of cp311; with the stable ABI ``3.7+``; of pure Python ``3+``. Free-threaded builds are left out."""
    if (match := re.fullmatch(r"(?:cp|py)(\d)(\d*)", tag.interpreter)) and not tag.abi.endswith("t"):
        open_end = tag.abi in ("abi3", "none")
        yield f"{match[1]}.{match[2]}{'+' if open_end else ''}" if match[2] else f"{match[1]}+"


def _requires(files: list[Released], known: Iterable[str]) -> dict[str, list[list[str]]]:
    """By package: pairs of specifier and marker, of what is always required; a marker about an extra is not. Wheels of one release may
    differ (torchtext 0.16.2 asks for another torch on Python 3.12): the first and the last are read, and each may be the one."""
    wheels = sorted((file for file in files if file.name.endswith(".whl")), key=lambda file: (not _on_linux(file), file.name))
    ours = [file for file in wheels if _on_linux(file)] or wheels
    texts = [_metadata(wheel.url) for wheel in dict.fromkeys((*ours[:1], *ours[-1:]))] or [_sdist(files)]
    lines = [line for text in texts for line in HeaderParser().parsestr(text).get_all("Requires-Dist") or ()]
    found: dict[str, list[list[str]]] = {}
    for line in dict.fromkeys(lines):
        try:
            required = Requirement(line)
        except InvalidRequirement:
            continue
        name = canonicalize_name(required.name)
        marker = str(required.marker) if required.marker else ""
        if name in known and required.specifier and "extra ==" not in marker:
            found.setdefault(name, []).append([str(required.specifier), str(Marker(marker)) if marker else ""])
    return found


def _on_linux(file: Released) -> bool:
    return "-any." in file.name or ("linux" in file.name and "x86_64" in file.name)


def _metadata(url: str) -> str:
    for _ in range(3):
        try:
            with RemoteZip(url) as wheel:
                name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
                return str(wheel.read(name).decode("utf-8", "replace"))
        except (OSError, StopIteration):
            continue
    return ""


def _sdist(files: list[Released]) -> str:
    source = next((file for file in files if file.name.endswith(".tar.gz") and file.size < 3_000_000), None)
    if source is None:
        return ""
    with tarfile.open(fileobj=BytesIO(fetch(source.url))) as archive:
        for info in archive:
            file = archive.extractfile(info) if info.name.endswith("/PKG-INFO") else None
            if file is not None:
                return file.read().decode("utf-8", "replace")
    return ""


def main() -> None:
    meta = {
        "what": "for each release: the interpreters and the least glibc its Linux wheels are for, and what it requires of the others",
        "source": "names of files on PyPI and METADATA in one wheel of each release, read by tools/compatibility.py",
        "date": datetime.date.today().isoformat(),
    }
    chosen = [name for name in PACKAGES if name in sys.argv] or PACKAGES
    kept = json.loads(gzip.decompress(DATA.read_bytes()))["rows"] if DATA.exists() else []
    made = {name: [row for row in kept if row["package"] == name] for name in PACKAGES}
    for name in chosen:
        made[name] = list(rows(name))
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for name in PACKAGES for row in made[name])
    DATA.write_bytes(gzip.compress(f'{{"meta":{json.dumps(meta)},"rows":[\n{lines}\n]}}\n'.encode(), 9, mtime=0))


if __name__ == "__main__":
    main()

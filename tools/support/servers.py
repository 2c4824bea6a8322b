"""Model servers: the operators that a release of TensorFlow Serving knows, and what each image of Triton has for backends.

TensorFlow Serving is built from the TensorFlow release with its number, whose operators `tools.tensorflow_ops` reads from the wheels; its
BUILD links TensorFlow Text's operators too. Triton's ``build.py`` names the backends of an image and their versions at the tag of each
release; ``DEPLINT_TRITON`` names a clone of github:triton-inference-server/server.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from deplint.data import load
from tools.support.environment import Environment, installed
from tools.support.sources import Source
from tools.support.store import Row
from tools.tensorflow_history import RELEASES

TEXT = "tensorflow-text"

DECISION_FORESTS = (
    *("SimpleMLCreateModelResource", "SimpleMLInferenceLeafIndexOpWithHandle", "SimpleMLInferenceOp", "SimpleMLInferenceOpWithHandle"),
    *("SimpleMLLoadModelFromPath", "SimpleMLLoadModelFromPathWithHandle"),
)
"""The operators of TensorFlow Decision Forests for inference, which the server links (tensorflow_serving/model_servers/BUILD)."""


def serving(release: str) -> Sequence[Row]:
    since = {row["op"]: row["since"] for row in load("tensorflow_ops")["rows"]}
    names = {op for op in load("tensorflow_names")["rows"] if op not in since or _number(since[op]) <= _number(release)}
    return [{"op": op} for op in sorted(names | set(_text()) | set(DECISION_FORESTS))]


def _number(minor: str) -> tuple[int, ...]:
    return tuple(int(part) for part in minor.split("."))


@lru_cache
def _text() -> Sequence[str]:
    """What TensorFlow Text registers: counted for every release of the server, so that none is said to lack one that it links."""
    python = os.environ.get("DEPLINT_TENSORFLOW")
    if python:
        with installed(no_deps=(TEXT,), python=python) as environment:
            return _registered(environment)
    with installed("tensorflow-cpu", TEXT) as environment:
        return _registered(environment)


def _registered(environment: Environment) -> Sequence[str]:
    found: Sequence[str] = environment.ask("tensorflow_text")
    return found


def _git(*arguments: str) -> str:
    command = ["git", "-C", os.environ["DEPLINT_TRITON"], *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@lru_cache
def images() -> Mapping[str, Mapping[str, str]]:
    """The versions of the backends in each image, by its tag: ``{"24.05": {"onnxruntime": "1.18.0", "tensorflow": "", ...}}``. A
    backend whose version build.py does not say has an empty one."""
    found: dict[str, Mapping[str, str]] = {}
    for tag in _git("tag", "--sort=v:refname").split():
        if re.fullmatch(r"v2\.\d+\.\d+", tag) and int(tag.split(".")[1]) >= 20:
            program = _git("show", f"{tag}:build.py")
            versions = dict(_versions(program))
            container = re.match(r"\d\d\.\d\d", versions.pop("container", ""))
            if container:
                backends = {"pytorch": "", **({"tensorflow": ""} if "def tensorflow_cmake_args" in program else {})}
                found[container[0]] = {**backends, **{name: version for name, version in versions.items() if version}}
    return found


def _versions(program: str) -> Iterator[tuple[str, str]]:
    """What a build.py holds of versions: a dictionary with names, before 24.08 a tuple in a known order."""
    for node in ast.parse(program).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and "TRITON_VERSION_MAP" in node.targets[0].id:
            value: Any = ast.literal_eval(node.value)
            if "ort_version" in value:
                yield "container", value["triton_container_version"]
                yield "onnxruntime", value["ort_version"]
                yield "openvino", value.get("standalone_openvino_version") or ""
            else:
                container, _, onnxruntime, _, openvino, *_rest = list(value.values())[-1]
                yield from {"container": container, "onnxruntime": onnxruntime, "openvino": openvino or ""}.items()


def triton(release: str) -> Sequence[Row]:
    return [{"op": name, **({"version": version} if version else {})} for name, version in sorted(images()[release].items())]


IMAGES = [
    *("22.03", "22.04", "22.05", "22.06", "22.07", "22.08", "22.09", "22.10", "22.11", "22.12"),
    *(f"23.{month:02}" for month in range(1, 13)),
    *(f"24.{month:02}" for month in range(1, 13)),
    *(f"25.{month:02}" for month in range(1, 13)),
    *(f"26.{month:02}" for month in range(1, 8)),
]

SOURCES = (
    Source(
        "tfserving",
        [minor for minor in RELEASES if minor.startswith("2.")],
        serving,
        {
            "source": "pypi:tensorflow-cpu (operators of each release), pypi:tensorflow-text, BUILD of tensorflow/serving",
            "licence": "Apache-2.0",
        },
    ),
    Source(
        "triton",
        IMAGES,
        triton,
        {"source": "github:triton-inference-server/server, build.py at the tag of each release", "licence": "BSD-3-Clause"},
    ),
)

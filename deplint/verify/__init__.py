"""The same question put to the real thing: converters and runtimes that are installed, asked in processes of their own.

An oracle is a script of `deplint/verify/oracles`. It imports nothing of deplint, so that any Python which has the runtime can run it: it
reads one JSON object a line, ``{"path", "target", "numeric", "inputs"}``, and answers each with ``{"works", "error", "version", ...}``.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

ORACLES = Path(__file__).parent / "oracles"

SECONDS = 120
"""Time one model may take."""

PATIENCE = 2
"""Seconds a runtime may take to end by itself."""

MEMORY = 8 << 30
"""Bytes of address space a runtime may take; TensorFlow alone maps more than one needs."""


NODE_MODULES = "DEPLINT_NODE_MODULES"
"""The variable of the environment that names a folder of npm packages."""


@dataclass(frozen=True)
class Oracle:
    """A script that answers for `targets`, the packages it needs, and what pip installs them by; or the package of npm it drives Node with,
    which is looked for in `node_modules`."""

    script: str
    targets: tuple[str, ...]
    packages: tuple[str, ...]
    extra: str = ""
    npm: str = ""
    uncompared: str = "source and converted model are not compared for this target"


KNOWN: tuple[Oracle, ...] = (
    Oracle("onnxruntime", ("onnxruntime-cpu",), ("onnxruntime",), "onnxruntime"),
    Oracle("onnxruntime_web", ("onnxruntime-web-wasm", "onnxruntime-web-webgl"), (), npm="onnxruntime-web"),
    Oracle("opencv", ("opencv-dnn",), ("cv2",), "opencv"),
    Oracle("openvino", ("openvino",), ("openvino",), "openvino"),
    Oracle("tensorflow_lite", ("tflite", "tflite-select", "tflite-int8"), ("tensorflow",), "tensorflow"),
    Oracle("litert", ("litert",), ("ai_edge_litert",), "litert"),
    Oracle("tflm", ("tflm",), ("tflite_micro",), "tflm"),
    Oracle("vela", ("ethos-u55", "ethos-u65", "ethos-u85"), ("ethosu",), "vela"),
    Oracle("tensorflowjs", ("tfjs-graph",), ("tensorflowjs",), "tfjs"),
    Oracle("tfjs", ("tfjs-layers", "tfjs-cpu", "tfjs-webgl"), (), npm="@tensorflow/tfjs"),
    Oracle("tfjs", ("tfjs-wasm",), (), npm="@tensorflow/tfjs-backend-wasm"),
    Oracle("tfjs", ("tfjs-webgpu",), (), npm="@tensorflow/tfjs-backend-webgpu"),
    Oracle("keras", ("keras3",), ("keras",), "tensorflow"),
    Oracle("keras", ("keras2",), ("tf_keras",), "keras2"),
    Oracle("tensorflow", ("tfserving",), ("tensorflow",), "tensorflow"),
    Oracle("tf2onnx", ("onnx",), ("tf2onnx",), "tf2onnx"),
    Oracle(
        "coreml",
        ("coreml-mlprogram", "coreml-neuralnetwork"),
        ("coremltools",),
        "coreml",
        uncompared="not compared: Core ML runs on Apple's systems only",
    ),
    Oracle("executorch", ("executorch-xnnpack",), ("executorch",), "executorch"),
    Oracle("litert_torch", ("litert-torch",), ("litert_torch",), "litert-torch"),
    Oracle("torch_onnx", ("torch-onnx-dynamo", "torch-onnx-legacy"), ("torch", "onnxscript"), "torch"),
)


@dataclass(frozen=True)
class Answer:
    """What a runtime did with a model. `works` is None where it could not be asked: `error` then says why.

    `version` is that of the runtime. Where numbers were asked for, `difference` is the largest difference between what source and converted
    model compute, relative to the largest number, `tolerance` what its dtype allows, and `numbers` says of which output, or why nothing was
    compared.
    """

    target: str
    works: bool | None
    error: str = ""
    version: str = ""
    difference: float | None = None
    tolerance: float | None = None
    numbers: str = ""
    cached: bool = False

    @property
    def differs(self) -> bool | None:
        """Whether the numbers are further apart than they may be; None where none were compared."""
        return None if self.difference is None or self.tolerance is None else self.difference > self.tolerance


def oracle(target: str) -> Oracle | None:
    return next((oracle for oracle in KNOWN if target in oracle.targets), None)


class Asking:
    """Asks the oracles, each in one process that is started again when a model takes it down or takes too long.

    `pythons` names the Python to run an oracle with, by target; `cache` is the folder where answers are kept by the content of the model.
    """

    def __init__(self, pythons: Mapping[str, str] | None = None, cache: Path | None = None, seconds: float = SECONDS) -> None:
        self.pythons, self.cache, self.seconds = dict(pythons or {}), cache, seconds
        self._running: dict[tuple[str, str], subprocess.Popen[str]] = {}
        self._versions: dict[tuple[str, str], str] = {}

    def __enter__(self) -> Asking:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running.values():
            assert process.stdin
            process.stdin.close()  # which ends it, and what it started
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(PATIENCE)
            process.kill()
            process.wait()
        self._running.clear()

    def ask(self, path: Path, target: str, numeric: bool = False, inputs: Path | None = None) -> Answer:
        """What the real runtime does with the model; if `numeric`, also what it computes, compared with the source: from random inputs, and
        from the arrays of an ``.npz`` file `inputs`, named as the model's inputs are."""
        asked = oracle(target)
        if asked is None:
            return Answer(target, None, "no runtime that deplint can ask answers for this target")
        python = self.pythons.get(target, sys.executable)
        version = self._version(asked, python)
        if not version and asked.npm:
            return Answer(target, None, f"{asked.npm} is in no node_modules here: npm install {asked.npm}, or name one in {NODE_MODULES}")
        if not version:
            hint = f": pip install 'dl-deplint[{asked.extra}]'" if asked.extra else ""
            return Answer(target, None, f"{' and '.join(asked.packages)} cannot be imported here{hint}")
        kept = self._kept(path, target, version, numeric, inputs)
        if kept is not None and kept.exists():
            with suppress(ValueError, TypeError):
                return replace(Answer(**json.loads(kept.read_text("utf-8"))), cached=True)
        answer = self._asked(asked, python, path, target, version, numeric, inputs)
        if numeric and answer.works and not answer.numbers:
            answer = replace(answer, numbers=asked.uncompared)
        if kept is not None and answer.works is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_text(json.dumps(asdict(answer)), "utf-8")
        return answer

    def _version(self, asked: Oracle, python: str) -> str:
        """The versions of the packages an oracle needs; empty if one is not there. The packages are not imported for this."""
        key = asked.npm or " ".join(asked.packages), python
        if asked.npm and key not in self._versions:
            modules = node_modules(asked.npm)
            package = (modules / asked.npm / "package.json").read_bytes() if modules else b"{}"
            self._versions[key] = json.loads(package).get("version", "")
        if key not in self._versions:
            program = (
                "import sys, importlib.metadata as m; d = m.packages_distributions(); print(*(m.version(d[p][0]) for p in sys.argv[1:]))"
            )
            done = subprocess.run([python, "-c", program, *asked.packages], capture_output=True, text=True)
            self._versions[key] = done.stdout.strip() if done.returncode == 0 else ""
        return self._versions[key]

    def _asked(self, asked: Oracle, python: str, path: Path, target: str, version: str, numeric: bool, inputs: Path | None) -> Answer:
        process = self._running.get((asked.script, python)) or self._start(asked, python)
        assert process.stdin and process.stdout
        late = threading.Timer(self.seconds, process.kill)
        late.start()
        try:
            question = {
                "path": os.path.abspath(path),
                "target": target,
                "numeric": numeric,
                "inputs": os.path.abspath(inputs) if inputs else "",
            }
            process.stdin.write(json.dumps(question) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = ""
        finally:
            timely = late.is_alive()
            late.cancel()
        if line:
            told: dict[str, Any] = json.loads(line)
            numbers = {name: told[name] for name in ("difference", "tolerance", "numbers") if name in told}
            return Answer(target, told["works"], told.get("error", ""), version, **numbers)
        del self._running[asked.script, python]
        code = process.wait()
        if timely:
            return Answer(target, False, f"the runtime crashed (signal {-code})" if code < 0 else f"the runtime ended with {code}", version)
        return Answer(target, None, f"no answer within {self.seconds:g} seconds", version)

    def _start(self, asked: Oracle, python: str) -> subprocess.Popen[str]:
        env = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "", "TF_ENABLE_ONEDNN_OPTS": "0"}
        command = [python, str(ORACLES / f"ask_{asked.script}.py"), str(MEMORY), *([str(node_modules(asked.npm))] if asked.npm else ())]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env)
        self._running[asked.script, python] = process
        return process

    def _kept(self, path: Path, target: str, version: str, numeric: bool, inputs: Path | None) -> Path | None:
        """The file an answer is kept in: named by what was asked, and by the content of the oracle's own script."""
        asked = oracle(target)
        if self.cache is None or asked is None:
            return None
        digest = hashlib.sha256(f"{target} {version} {numeric}\0".encode() + (ORACLES / f"ask_{asked.script}.py").read_bytes())
        besides = [ORACLES / "comparing.py", *([inputs] if inputs else ())] if numeric else []
        for file in (path, *besides):
            for chunk in content(file):
                digest.update(chunk)
        return self.cache / target / f"{digest.hexdigest()[:32]}.json"


def node_modules(package: str) -> Path | None:
    """The folder of npm packages that has this one: the one that is named in the environment, or one of this folder or of those above."""
    named = os.environ.get(NODE_MODULES)
    here = Path.cwd()
    folders = [Path(named).absolute()] if named else [folder / "node_modules" for folder in (here, *here.parents)]
    return next((folder for folder in folders if (folder / package / "package.json").is_file()), None)


def content(path: Path) -> Iterator[bytes]:
    """What makes a model what it is: its bytes, and those of the weights beside an IR of OpenVINO; of a folder the names and bytes of all
    files in it."""
    beside = [weights for weights in (path.with_suffix(".bin"),) if path.suffix == ".xml" and weights.is_file()]
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path, *beside]
    for file in files:
        yield str(file.relative_to(path) if path.is_dir() else file.suffix if file != path else ".").encode() + b"\0"
        with open(file, "rb") as stream:
            while chunk := stream.read(1 << 20):
                yield chunk


def default_cache() -> Path:
    """The folder for answers, as the XDG base directory specification wants it."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "deplint" / "verify"

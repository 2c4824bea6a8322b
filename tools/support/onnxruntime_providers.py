"""What ONNX Runtime documents of its providers for the web and for phones: pages that the released packages themselves ship.

Of the conditions in them those are kept that can be looked up in a model, worded anew.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tools.support.environment import npm
from tools.support.sources import Source
from tools.support.store import Row

WEB = ["1.17.3", "1.20.1", "1.22.0", "1.24.3", "1.27.0", "1.30.0"]
WHEELS = ["1.20.1", "1.22.1", "1.24.4", "1.27.0", "1.30.0", "1.32.0"]

INTERNAL = {"com.ms.internal.nhwc"}
"""Domains that only ONNX Runtime's own passes use."""


def rank(*ranks: int) -> dict[str, Any]:
    return {"what": "rank", "of": 0, "in": list(ranks), "text": f"takes inputs of rank {' or '.join(map(str, ranks))} only"}


def constant(*inputs: int) -> Iterator[dict[str, Any]]:
    for number in inputs:
        yield {"what": "constant", "of": number, "text": f"wants its input {number} as a constant"}


def only(attribute: str, *values: object) -> dict[str, Any]:
    return {"what": "in", "of": attribute, "in": list(values), "text": f"takes {attribute} {' or '.join(map(str, values))} only"}


def lacks(attribute: str) -> dict[str, Any]:
    return {"what": "absent", "of": attribute, "text": f"does not take the attribute {attribute}"}


QUANTIZED = {"QuantizeLinear": (1, 2), "DequantizeLinear": (1, 2), "QLinearConv": (1, 2, 4, 5, 6, 7), "QLinearMatMul": (1, 2, 4, 5, 6, 7),
             "QLinearAdd": (1, 2, 4, 5, 6, 7), "QLinearSigmoid": (1, 2, 3, 4), "QLinearAveragePool": (1, 2, 3, 4)}  # fmt: skip
"""The inputs of operators that are scales and zero points."""

WEIGHTS = {"Conv": (1, 2), "QLinearConv": (3, 8), "ConvTranspose": (1, 2)}
NAMED = {"axes": (1,), "axis": (1,), "shape": (1,), "split": (1,), "splits": (1,), "repeats": (1,), "k": (1,), "B": (1,), "slope": (1,),
         "starts": (1, 2, 3, 4), "scales": (2, 3), "pads": (1, 2)}  # fmt: skip
"""The inputs that sentences name."""

SENTENCES: Sequence[tuple[str, str, Callable[[str], Iterable[dict[str, Any]]]]] = (
    (r"Only 2D (Pool|Conv|Resize)|4D input|Only supports 4-D input", ".*", lambda op: [rank(4)]),
    (r"Only 1D/2D Conv|Only supports 3-D or 4-D input|(?i:conv\w*3d is not supported)", ".*", lambda op: [rank(3, 4)]),
    (r"Weights? and bias (should|must) be constant", ".*", lambda op: constant(*WEIGHTS.get(op, ()))),
    (r"Bias if provided must be constant", "Conv", lambda op: constant(2)),
    (r"All quantization scales and zero points should be constant", ".*", lambda op: constant(*QUANTIZED.get(op, ()))),
    (r"Only DCR mode", "DepthToSpace", lambda op: [only("mode", "DCR")]),
    (r"Only constant mode", "Pad", lambda op: [only("mode", "constant")]),
    (r"modes == 'wrap' is not supported", "Pad", lambda op: [only("mode", "constant", "reflect", "edge")]),
    (r"batch_dims'? (must be|==) 0", "GatherND", lambda op: [only("batch_dims", 0)]),
    (r"'reduction' == 'none'", ".*", lambda op: [only("reduction", "none")]),
    (r"'training_mode' value is 0", ".*", lambda op: [only("training_mode", 0)]),
    (r"'p' value is 2", ".*", lambda op: [only("p", 2)]),
    (r"'layout' == 0", ".*", lambda op: [only("layout", 0)]),
    (r"'input_forget' == 0", ".*", lambda op: [only("input_forget", 0)]),
    (r"'clip' is not supported", ".*", lambda op: [lacks("clip")]),
    (r"'storage_order' != 1", ".*", lambda op: [only("storage_order", 0)]),
    (r"antialias == 0", ".*", lambda op: [only("antialias", 0)]),
    (r"exclude_outside`? == (0|false)", ".*", lambda op: [only("exclude_outside", 0)]),
    (r"'linear' and 'nearest' modes|`mode` == `linear` or `nearest`", "Resize", lambda op: [only("mode", "linear", "nearest")]),
    (r"keep_aspect_ratio_policy == 'stretch'", ".*", lambda op: [only("keep_aspect_ratio_policy", "stretch")]),
    (r"SAME_UPPER/SAME_LOWER is not supported", ".*", lambda op: [only("auto_pad", "NOTSET", "VALID")]),
    (r"output_shape is not supported", ".*", lambda op: [lacks("output_shape")]),
    (r"Attribute `end` is not supported", "Shape", lambda op: [lacks("end")]),
    (r"Attribute `start` with non-default", "Shape", lambda op: [only("start", 0)]),
    (r"both inputs are fp32", "Pow", lambda op: [{"what": "dtype", "of": 0, "in": ["float32"], "text": "takes float32 only"}]),
)


def limits(op: str, note: str) -> list[dict[str, Any]]:
    """The conditions that a note's sentences set."""
    found = [limit for pattern, ops, made in SENTENCES if re.fullmatch(ops, op) and re.search(pattern, note) for limit in made(op)]
    for sentence in re.split(r"<br\s*/?>|\. |; ", note):
        named = re.match(
            r"(?:If provided, |Only supports.*?, )?(?:[Ii]nputs? )?[`']?(\w+)[`']?.*(?:should|must) be (?:a )?constants?", sentence
        )
        number = re.search(r"input '?(scales)'? and 'sizes'", sentence) or named
        if number and "may be" not in sentence and "if not int32" not in sentence and number[1] in NAMED:
            found += [limit for limit in constant(*NAMED[number[1]]) if limit not in found]
    return found


def _row(op: str, domain: str, note: str, versions: Sequence[int | None] = ()) -> Row:
    found = limits(op, note)
    return {
        "op": op,
        **({"domain": domain} if domain else {}),
        **({"versions": list(versions)} if versions else {}),
        **({"limits": found} if found else {}),
    }


def ranges(text: str) -> Iterator[tuple[int, int | None]]:
    """``7-12, 13, 14+`` as pairs."""
    for first, last, opened in re.findall(r"(\d+)(?:\s*-\s*(\d+))?(\+)?", text):
        yield int(first), None if opened else int(last or first)


def web(backend: str, release: str) -> Sequence[Row]:
    with npm(f"onnxruntime-web@{release}") as folder:
        page = (folder / "node_modules" / "onnxruntime-web" / "docs" / f"{backend}-operators.md").read_text("utf-8")
    found = []
    for line in page.splitlines():
        cells = [re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", cell).strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("| ") or not re.fullmatch(r"\w+", cells[0]) or cells[0] == "Operator":
            continue
        if backend == "webgl":
            found += [_row(cells[0], "", "", versions) for versions in ranges(cells[1])]
            continue
        for domain, body in re.findall(r"([\w.]+)\(([^)]*)\)", cells[1]):
            if domain not in INTERNAL:
                own = "" if domain == "ai.onnx" else domain
                found += [_row(cells[0], own, cells[-1], versions) for versions in ranges(body)]
    return found


def wheel(pages: Sequence[str], release: str) -> Sequence[Row]:
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "-qqq", "--no-deps", "--dest", folder, f"onnxruntime=={release}"]
        subprocess.run(pip, check=True)
        with ZipFile(next(Path(folder).glob("*.whl"))) as packed:
            texts = [packed.read(f"onnxruntime/tools/mobile_helpers/{page}").decode() for page in pages]
    names = {row["name"].lower(): row["name"] for row in _schemas()}
    found: dict[tuple[str, str], list[list[dict[str, Any]]]] = {}
    for text in texts:
        for domain, op, note in re.findall(r"^\|\s*([\w.]+):(\w+)\s*\|(.*)\|\s*$", text, re.M):
            name = names.get(op.lower(), op) if domain == "ai.onnx" else op
            found.setdefault(("" if domain == "ai.onnx" else domain, name), []).append(limits(name, note))
    # Where a provider has two formats, what either takes is taken.
    return [
        {
            "op": op,
            **({"domain": domain} if domain else {}),
            **({"limits": common} if (common := [limit for limit in each[0] if all(limit in other for other in each)]) else {}),
        }
        for (domain, op), each in sorted(found.items())
    ]


def _schemas() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((Path(__file__).parents[2] / "deplint" / "data" / "onnx_operators.json").read_text("utf-8"))[
        "rows"
    ]
    return rows


_NHWC = {("Conv", 11, None), ("ConvTranspose", 1, 10), ("ConvTranspose", 11, None), ("Resize", 10, 10), ("Resize", 11, 12),
         ("Resize", 13, 17), ("Resize", 18, 18), ("Resize", 19, None), ("MaxPool", 11, 11), ("MaxPool", 12, None),
         ("AveragePool", 11, None), ("QLinearConv", 10, None), ("Softmax", 1, 12), ("Softmax", 13, None), ("Gemm", 7, 12),
         ("Gemm", 13, None), ("MatMul", 1, 12), ("MatMul", 13, None)}  # fmt: skip
"""The kernels of XNNPACK that xnnpack_execution_provider.cc registers, but for those of com.microsoft."""


def xnnpack(release: str) -> Sequence[Row]:
    own = [{"op": op, "domain": "com.microsoft"} for op in ("QLinearAveragePool", "QLinearConvTranspose", "QLinearSoftmax")]
    own += [{"op": op} for op in ("Clip", "Relu")]  # which FuseActivation of detail/utils.cc joins to a Conv or MaxPool
    return own + [{"op": op, "versions": [first, last]} for op, first, last in sorted(_NHWC, key=str)]


def _wheel(name: str, *pages: str) -> Source:
    facts = {"source": f"pypi:onnxruntime, tools/mobile_helpers of each wheel: {', '.join(pages)}", "licence": "MIT"}
    return Source(f"onnxruntime-mobile-{name}", WHEELS, partial(wheel, pages), facts)


SOURCES = (
    *(
        Source(
            f"onnxruntime-web-{backend}",
            WEB[backend == "webnn" :],  # whose page came with a later release
            partial(web, backend),
            {"source": f"npm:onnxruntime-web, docs/{backend}-operators.md of each package", "licence": "MIT"},
        )
        for backend in ("webgl", "webgpu", "webnn")
    ),
    _wheel("nnapi", "nnapi_supported_ops.md"),
    _wheel("coreml", "coreml_supported_neuralnetwork_ops.md", "coreml_supported_mlprogram_ops.md"),
    Source(
        "onnxruntime-mobile-xnnpack",
        WHEELS[-1:],
        xnnpack,
        {
            "source": "github:microsoft/onnxruntime@1b38b5828ef20f49ec4a388570205c1e28092200, xnnpack_execution_provider.cc, transcribed; "
            "a commit of the main branch, taken for the newest release; others are not known",
            "licence": "MIT",
        },
    ),
)

"""What accelerators for microcontrollers and boards take: Arm's Ethos-U as its compiler says, Coral's Edge TPU as its documents did."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tools.support.environment import installed
from tools.support.sources import Source
from tools.support.store import Row

VELA = ("4.0.1", "4.2.0", "4.5.0", "5.0.0", "5.2.0")

ANY = ("int8", "uint8", "int16", "int32")
"""Dtypes of feature maps that Ethos-U takes, where an operator does not narrow them."""

PER_AXIS = ("CONV_2D", "DEPTHWISE_CONV_2D", "FULLY_CONNECTED", "TRANSPOSE_CONV")
"""Operators whose weights may have a scale for each channel."""

WEIGHTS = {"TRANSPOSE_CONV": (1, 3)}
"""Where the weights and the bias stand, if not second and third."""


def report(release: str) -> str:
    """What the compiler writes of the operators it supports."""
    with (
        installed(f"ethos-u-vela=={release}", *(["numpy<2"] if release < "4.3" else [])) as environment,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert environment.path is not None
        program = "import sys; from ethosu.vela.vela import main; main(['--supported-ops-report'])"
        subprocess.run(
            [environment.python, "-c", program],
            cwd=folder,
            env={"PYTHONPATH": str(environment.path)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return Path(folder, "SUPPORTED_OPS.md").read_text("utf-8")


_reports: dict[str, str] = {}


def ethos(table: str) -> Callable[[str], Sequence[Row]]:
    """The rows of the tables whose headings name the accelerator, or none."""

    def rows(release: str) -> Sequence[Row]:
        if release not in _reports:
            _reports[release] = report(release)
        sections: dict[str, list[str]] = {}
        for line in _reports[release].splitlines():
            if heading := re.match(r"#{2,4} (.*)", line):
                lines = sections.setdefault(heading[1].strip(), [])
            elif sections:
                lines.append(line)
        summaries = [name for name in sections if name.endswith("TFLite Summary Table")]
        mine = [name for name in summaries if table in name or "Ethos" not in name]
        found: list[Row] = []
        for name in mine:
            family = name.removesuffix("Summary Table").strip()
            for line in sections[name]:
                if cell := re.match(r"\| ([A-Z][A-Z0-9_]*) \|", line):
                    found.append(_row(cell[1], sections.get(f"{family} {cell[1]} Constraints", [])))
        if not found:
            raise SystemExit(f"vela {release}: no table of {table} among {summaries}")
        return found

    return rows


def _row(op: str, lines: Sequence[str]) -> Row:
    sentences = [line[2:].strip() for line in lines if line.startswith("- ")]
    taken = list(ANY)
    if any("32-bit feature-maps are not supported" in sentence for sentence in sentences):
        taken.remove("int32")
    for sentence in sentences:
        if match := re.match(r"IFM (?:and OFM datatypes must match, and )?must be ((?:U?Int\d+(?: or )?)+)$", sentence):
            taken = [dtype for dtype in taken if dtype in match[1].lower().split(" or ")]
    limits = [limit for sentence in sentences for limit in _limits(op, sentence)]
    return {"op": op, "types": {"in": taken}} | ({"limits": limits} if limits else {})


def _limits(op: str, sentence: str) -> Iterator[dict[str, Any]]:
    """A sentence of the report as conditions a model shows."""
    weights, bias = WEIGHTS.get(op, (1, 2))
    if sentence.startswith("Weight tensors must be 8-bit"):
        yield {"what": "dtype", "of": weights, "in": ["int8", "uint8"], "text": "takes weights of 8 bits only"}
    elif sentence.startswith(("Weight tensors must be constant", "Parameter tensors must be constant")):
        yield {"what": "constant", "of": weights, "text": "takes constant weights and parameters only"}
    elif sentence.startswith("Bias tensors must be constant"):
        yield {"what": "constant", "of": bias, "text": "takes a constant bias only"}
    elif sentence.startswith("Bias tensors precision"):
        yield {"what": "dtype", "of": bias, "in": ["int32", "int64"], "text": "takes a bias of int32 or int64 only"}
    elif re.match(r"Kernel stride must be in the range \(1, ?3\)|Stride values for both width and height must be .* 1 and 3", sentence):
        for attribute in ("stride_w", "stride_h") if op != "ARG_MAX" else ():
            yield {"what": "in", "of": attribute, "in": [1, 2, 3], "text": "takes strides of 1 to 3 only"}
    elif sentence.startswith(("The number of dimensions of IFM", "Rank must be in range 1..4")):
        yield {"what": "rank-at-most", "of": 0, "in": [4], "text": "takes 4 dimensions at most"}


def _one(attribute: str, value: Any, text: str) -> dict[str, Any]:
    return {"what": "in", "of": attribute, "in": [value], "text": text}


UNFUSED = _one("fused_activation_function", "NONE", "takes no fused activation")

EDGETPU: Mapping[str, Sequence[Mapping[str, Any]]] = {
    **dict.fromkeys(
        [
            *("ADD", "CONV_2D", "DEPTHWISE_CONV_2D", "EXPAND_DIMS", "L2_NORMALIZATION", "LOGISTIC", "LSTM", "MAXIMUM", "MEAN", "MINIMUM"),
            *("MUL", "PACK", "PAD", "PRELU", "QUANTIZE", "REDUCE_MAX", "REDUCE_MIN", "RELU", "RELU6", "RELU_N1_TO_1", "RESHAPE"),
            *("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", "SLICE", "SOFTMAX", "SPACE_TO_DEPTH", "SPLIT", "SQUEEZE", "SUB", "TANH"),
        ],
        (),
    ),
    "AVERAGE_POOL_2D": [UNFUSED],
    "MAX_POOL_2D": [UNFUSED],
    "CONCATENATION": [UNFUSED],
    "FULLY_CONNECTED": [_one("weights_format", "DEFAULT", "takes the default format of weights only")],
    "STRIDED_SLICE": [_one("ellipsis_mask", 0, "takes no ellipsis_mask"), _one("new_axis_mask", 0, "takes no new_axis_mask")],
}
"""Coral's table of operators and those of its limits that a model shows."""


def edgetpu(release: str) -> Sequence[Row]:
    return [
        {"op": op, "types": {"in": ["int8", "uint8"]}} | ({"limits": list(limits)} if limits else {})
        for op, limits in sorted(EDGETPU.items())
    ]


def _ethos(name: str, heading: str) -> Source:
    facts = {"source": "pypi:ethos-u-vela, vela --supported-ops-report", "licence": "Apache-2.0", "per_axis": list(PER_AXIS)}
    return Source(name, VELA, ethos(heading), facts)


SOURCES = (
    _ethos("ethos-u55", "Ethos-U55"),
    _ethos("ethos-u65", "Ethos-U65"),
    Source(
        "ethos-u85", VELA[2:], ethos("Ethos-U85"), {"source": "pypi:ethos-u-vela, vela --supported-ops-report", "licence": "Apache-2.0"}
    ),
    Source(
        "edgetpu",
        ("16.0",),
        edgetpu,
        {"source": "Coral's document 'TensorFlow models on the Edge TPU', read by hand; what it leaves out is unknown", "licence": "facts"},
    ),
)

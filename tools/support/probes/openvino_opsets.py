"""Which operators the sets of an OpenVINO wheel hold: asked of its reader of IR, with one layer each.

Names are those that the wheel's Python functions create, and `BESIDES`. The answer is ``{"versions": [IR version], "operators": [[name,
opset]]}``.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

IR = """<?xml version="1.0"?>
<net name="m" version="{version}"><layers>
<layer id="0" name="x" type="Parameter" version="opset1"><data shape="2,3" element_type="f32"/>
<output><port id="0" precision="FP32"><dim>2</dim><dim>3</dim></port></output></layer>
<layer id="1" name="a" type="{kind}" version="{opset}"><input><port id="0"><dim>2</dim><dim>3</dim></port></input>
<output><port id="1" precision="FP32"><dim>2</dim><dim>3</dim></port></output></layer>
<layer id="2" name="r" type="Result" version="opset1"><input><port id="0"><dim>2</dim><dim>3</dim></port></input></layer>
</layers><edges>
<edge from-layer="0" from-port="0" to-layer="1" to-port="0"/><edge from-layer="1" from-port="1" to-layer="2" to-port="0"/>
</edges></net>"""

BESIDES = (
    *("Parameter", "Result", "Constant", "If", "Loop", "TensorIterator", "Xor", "ExperimentalDetectronDetectionOutput"),
    *("ExperimentalDetectronPriorGridGenerator", "ExperimentalDetectronROIFeatureExtractor", "ExperimentalDetectronTopKROIs"),
    "ExperimentalDetectronGenerateProposalsSingleImage",
)
"""Operators that no function of Python creates by name."""

ABSENT = re.compile("doesn't contain the operation|unsupported opset")

NEWEST = 24
"""An opset that no release has: those of before are asked about."""

VERSIONS = range(1, 16)


def main() -> None:
    import openvino

    from tools.support.probes.openvino_frontends import answers

    folder = Path(openvino.__file__).parent
    sources = [path.read_text("utf-8") for path in sorted(folder.rglob("opset*/ops.py"))]
    names = sorted({*BESIDES, *(name for text in sources for name in re.findall(r"create\(\s*\"(\w+)\"", text))})
    with tempfile.TemporaryDirectory() as place:

        def said(asked: Sequence[tuple[int, str, int]]) -> Sequence[str]:
            paths = [Path(place, f"{number}.xml") for number in range(len(asked))]
            for path, (version, kind, opset) in zip(paths, asked, strict=True):
                path.write_text(IR.format(version=version, kind=kind, opset=f"opset{opset}"), "utf-8")
                path.with_suffix(".bin").touch()
            return list(answers(paths))

        read = said([(version, "ReLU", 1) for version in VERSIONS])
        versions = [version for version, words in zip(VERSIONS, read, strict=True) if not words]
        asked = [(versions[-1], name, opset) for name in names for opset in range(1, NEWEST)]
        held = [[name, opset] for (_, name, opset), words in zip(asked, said(asked), strict=True) if not ABSENT.search(words)]
    Path(sys.argv[1]).write_text(json.dumps({"versions": versions, "operators": held}), "utf-8")


if __name__ == "__main__":
    main()

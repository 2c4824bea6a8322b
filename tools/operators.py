"""Write the tables of ``deplint/data`` that say what a converter, an exporter or a runtime refuses.

    python -m tools.operators tflite --python TF_ENV/bin/python --reference tflite_convert_probe.json
    python -m tools.operators torch --python TORCH_ENV/bin/python
    python -m tools.operators onnxruntime --python PYTHON_3_8
    python -m tools.operators history

``tflite`` and ``torch`` execute every example call of `tools.tensorflow_probe` and `tools.torch_probe` in an environment that has the
libraries. ``onnxruntime`` installs one wheel a release into a temporary folder and asks it. ``history`` reads the released TensorFlow
wheels without importing them. Every table is ``{"meta": {...}, "rows": [...]}`` with its source, the versions asked and the date; the
facts are our own measurements.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tools import tensorflow_history

ROOT = Path(__file__).parent.parent
DATA = ROOT / "deplint" / "data"

# The last patch release of each minor release; the old ones have no wheel for a current Python.
OLD_ONNXRUNTIME = ["1.5.2", "1.6.0", "1.7.0", "1.8.1", "1.9.0", "1.10.0", "1.11.1", "1.12.1", "1.13.1", "1.14.1"]
ONNXRUNTIME = [
    *("1.15.1", "1.16.3", "1.17.3", "1.18.1", "1.19.2", "1.20.1", "1.21.1", "1.22.1"),
    *("1.23.2", "1.24.4", "1.25.1", "1.26.0", "1.27.0", "1.28.0", "1.29.0", "1.30.0", "1.31.1", "1.32.0"),
]

# Operations that the converter fuses, folds or places depending on what surrounds them: their name alone proves nothing.
CONTEXT_DEPENDENT = [
    *("Complex", "DynamicStitch", "Erf", "Erfc", "HashTableV2", "IRFFT", "LookupTableFindV2", "LookupTableImportV2", "NonMaxSuppressionV4"),
    *("NonMaxSuppressionV5", "RFFT", "StridedSlice", "TensorListReserve", "TensorListSetItem", "TensorListStack"),
]


def write(name: str, meta: Mapping[str, Any], rows: Iterable[Mapping[str, Any]], **extra: Any) -> None:
    """One row a line, so that a change of the table reads as a change of rows."""
    meta = {**meta, "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat()}
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    parts = [
        f'"meta": {json.dumps(meta)}',
        f'"rows": [\n{lines}\n]',
        *(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in extra.items()),
    ]
    (DATA / f"{name}.json").write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")
    print(f"{name}: {lines.count(chr(10)) + 1} rows")


def asked(python: str, module: str) -> dict[str, Any]:
    """What a probe module answers in another environment."""
    with tempfile.TemporaryDirectory() as folder:
        answer = Path(folder, "answer.json")
        subprocess.run([python, "-m", module, str(answer)], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        answered: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        return answered


def torch_export(python: str) -> None:
    answer = asked(python, "tools.torch_probe")
    meta = {
        "what": "calls an exporter has no translation for, with the operation it names: torchscript = torch.onnx.export(dynamo=False), "
        "dynamo = torch.onnx.export(dynamo=True), coreml = coremltools.convert of a traced module; method = so is the Tensor method",
        "source": "executed, tools/torch_probe.py",
        "versions": answer["versions"],
    }
    write("torch_export", meta, answer["rows"])


def tflite_conversion(python: str, reference: Path) -> None:
    answer = asked(python, "tools.tensorflow_probe")
    rows = answer["rows"]
    probed = {row["op"]: row["result"] for row in json.loads(reference.read_text(encoding="utf-8"))["rows"]}
    seen = {op: row["needs"] for row in rows for op in row["ops"]}
    again = sum({"flex": "select"}.get(probed.get(op, ""), probed.get(op)) == needs for op, needs in seen.items())
    meta = {
        "what": "rows: calls whose operations have no builtin form; select = converts with SELECT_TF_OPS and then needs the Flex runtime, "
        "custom = refused even then. ops: the same for operations of a graph, without those whose name alone proves nothing",
        "source": "rows executed, tools/tensorflow_probe.py; ops measured one by one on TensorFlow 2.21.0 (one-operation graphs through "
        f"the converter), {again} of them met again in the rows",
        "versions": answer["versions"],
    }
    ops = {
        needs: sorted(
            op for op in {*probed, *seen} - set(CONTEXT_DEPENDENT) if probed.get(op) == result or (op in seen and seen[op] == needs)
        )
        for needs, result in (("select", "flex"), ("custom", "custom"))
    }
    write("tflite_conversion", meta, rows, ops=ops, context_dependent=CONTEXT_DEPENDENT)


def onnxruntime_releases(old_python: str) -> None:
    import onnx
    from onnx import TensorProto, helper

    def model(path: Path, domain: str, opset: int, ir: int) -> str:
        node = helper.make_node("Binarizer" if domain else "Identity", ["x"], ["y"], domain=domain)
        values = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1]) for name in "xy"]
        opsets = [helper.make_opsetid(domain, opset), *([helper.make_opsetid("", 13)] if domain else [])]
        graph = helper.make_graph([node], "g", values[:1], values[1:])
        path.write_bytes(helper.make_model(graph, opset_imports=opsets, ir_version=ir).SerializeToString())
        return str(path)

    rows = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        models = [
            model(folder / "opset.onnx", "", 999, 3),
            model(folder / "ml.onnx", "ai.onnx.ml", 999, 3),
            model(folder / "ir.onnx", "", 7, 999),
        ]
        for release in OLD_ONNXRUNTIME + ONNXRUNTIME:
            python = old_python if release in OLD_ONNXRUNTIME else sys.executable
            target = folder / release
            # Wheels before 1.19 were built for NumPy 1, which the later ones still accept.
            wheels = [f"onnxruntime=={release}", "numpy<2", "protobuf<4", "six", "coloredlogs", "humanfriendly", "flatbuffers", "packaging"]
            install = [python, "-m", "pip", "install", "-q", "--no-deps", "--no-compile", "--target", str(target), *wheels]
            subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
            child = [python, str(ROOT / "tools" / "onnxruntime_probe.py"), *models]
            done = subprocess.run(child, env={**os.environ, "PYTHONPATH": str(target)}, capture_output=True, text=True)
            if done.returncode:
                print(f"onnxruntime {release}: {done.stderr[-300:]}", file=sys.stderr)
                continue
            answer = json.loads(done.stdout)
            assert answer.pop("asked") == release, answer
            rows.append({"release": release.rpartition(".")[0], "asked": release, **answer})
    meta = {
        "what": "highest ai.onnx opset, ai.onnx.ml opset and IR version a release accepts (unless ALLOW_RELEASED_ONNX_OPSET_ONLY=0); "
        "null: not said",
        "source": "each wheel asked with models that are too new, tools/onnxruntime_probe.py",
        "versions": {"onnx": onnx.__version__},
    }
    write("onnxruntime_releases", meta, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", choices=["tflite", "torch", "onnxruntime", "history"])
    parser.add_argument("--python", default=sys.executable, help="the interpreter of an environment that has the libraries")
    parser.add_argument("--reference", type=Path, help="tflite: the one-operation measurements")
    options = parser.parse_args()
    if options.table == "torch":
        torch_export(options.python)
    elif options.table == "tflite":
        tflite_conversion(options.python, options.reference)
    elif options.table == "onnxruntime":
        onnxruntime_releases(options.python)
    else:
        for name, meta, rows in tensorflow_history.tables():
            write(name, meta, rows)


if __name__ == "__main__":
    main()

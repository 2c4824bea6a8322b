"""Show with the real libraries that the faults marked "executed" in expected.json are faults.

Each case runs a script of a (copied) example project, or a few lines against its models, and looks for what the library
says. Besides the environments of common.py two old ones and Node are used where they are named: DEPLINT_OLD_TF_PYTHON (2.14),
DEPLINT_OLD_ORT_PYTHON (onnxruntime 1.16.3), and NODE_PATH with @tensorflow/tfjs 4.22.0, @tensorflow/tfjs-backend-wasm 3.21.0
and onnxruntime-node. What has no environment is skipped and said.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from common import EXAMPLES, PYTHON, run

PYTHON |= {kind: os.environ.get(f"DEPLINT_{kind.upper()}_PYTHON", "") for kind in ("old_tf", "old_ort")}


@dataclass(frozen=True)
class Case:
    """A rule, the environment, what to run (a script of the examples, or code after "-"), and what has to be said."""

    rule: str
    kind: str
    script: str
    says: str
    arguments: tuple[str, ...] = ()


ORT = "import numpy as np, onnxruntime as ort\n"
LITE = "from ai_edge_litert.interpreter import Interpreter\nI = lambda name: Interpreter('mobile/android/app/src/main/assets/' + name)\n"
SHAPE = LITE + "d = I({!r}).get_input_details()[0]\nprint(d['shape'].tolist(), d['dtype'].__name__)\n"
CASES = [
    Case("R012", "tf", "server/training/train_labels.py", "Invalid filepath extension for saving"),
    Case("R013", "tf", "server/training/warm_start.py", "File format not supported"),
    Case("R014", "tf", "server/training/export_routing.py", "has no attribute 'simple_save'"),
    Case("R160", "torch", "server/training/export_conveyor.py", "No ONNX function found for <OpOverload(op='aten.median'"),
    Case(
        "R122",
        "torch",
        "-import os, sys; sys.path.insert(0, 'server/training')\nimport export_embedder as e\ne.main()\n"
        + ORT
        + "s = ort.InferenceSession(str(e.TARGET))\nx = np.random.rand(4, 3, 32, 32).astype('f')\n"
        + "print('equal', np.allclose(s.run(None, {'image': x})[0], s.run(None, {'image': x})[0]))\n"
        + "os.remove(str(e.TARGET) + '.data')",
        "equal False",
    ),
    Case(
        "R022",
        "tf",
        "-import tensorflow as tf\nprint('keys', list(tf.saved_model.load('server/serving/models/address/1').signatures))",
        "keys []",
    ),
    Case(
        "R043",
        "old_tf",
        "-import tensorflow as tf\ntf.saved_model.load('server/serving/models/photos/1')",
        "Op type not registered 'DecodeWebP'",
    ),
    Case(
        "R089",
        "tf",
        "-import json, numpy\njson.dumps({'instances': numpy.zeros(3)})",
        "Object of type ndarray is not JSON serializable",
    ),
    Case(
        "R067",
        "torch",
        "-" + ORT + "s = ort.InferenceSession('server/triton/model_repository/damage/1/model.onnx')\n"
        "s.run(None, {'image': np.zeros((2, 3, 32, 32), 'f')})",
        "Got: 2 Expected: 1",
    ),
    Case(
        "R061",
        "torch",
        "-" + ORT + "ort.InferenceSession('server/triton/model_repository/embedder/1/model.onnx')",
        "External data path",
    ),
    Case("R044", "old_ort", "-" + ORT + "ort.InferenceSession('server/api/models/weight.onnx')", "Unsupported model IR version: 10"),
    Case(
        "R106",
        "torch",
        "-" + ORT + "s = ort.InferenceSession('server/api/models/weight.onnx')\n"
        "s.run(None, {'image': np.zeros((1, 3, 32, 32), np.uint8) / 255.0})",
        "Actual: (tensor(double)) , expected: (tensor(float))",
    ),
    Case("R008", "torch", "-" + ORT + "ort.InferenceSession('server/api/models/barcode.onnx')", "Protobuf parsing failed"),
    Case("R162", "tf", "mobile/convert/leaf_int8.py", "a `representative_dataset` must be specified"),
    Case("R163", "tf", "mobile/convert/pest_float16.py", ""),
    Case(
        "R163",
        "tf",
        "-" + LITE + "i = I('pest_float16.tflite')\nprint({t['dtype'].__name__ for t in i.get_tensor_details()})",
        "{'int32', 'float32'}|{'float32', 'int32'}|{'float32'}",
    ),
    Case("R164", "tf", "mobile/convert/ripeness_uint8.py", "The inference_input_type and inference_output_type must be tf.float32"),
    Case(
        "R145",
        "tf",
        "-import tensorflow as tf\nc = tf.lite.TFLiteConverter.from_concrete_functions([])\nc.representative_datasets = 1\n"
        "print('unused', c.representative_dataset)",
        "unused None",
    ),
    Case("R144", "tf", "mobile/convert/legacy_batch.py", "has no attribute 'from_keras_model_file'", ("old.h5",)),
    Case("R159", "tf", "mobile/convert/watering.py", "Lowering tensor list ops is failed"),
    Case("R157", "tf", "mobile/convert/symptoms.py", "ERROR_NEEDS_FLEX_OPS|neither a custom op nor a flex op"),
    Case("R174", "tf", "-" + LITE + "I('harvest_interval.tflite').allocate_tensors()", "Encountered unresolved custom op: Erfinv"),
    Case("R173", "tf", "-" + LITE + "I('symptoms.tflite').allocate_tensors()", "Select TensorFlow op(s)"),
    Case("R149", "torch", "mobile/convert/segmenter_coreml.py", "extension must be .mlpackage (not .mlmodel)"),
    Case("R161", "torch", "mobile/convert/texture_coreml.py", "function for op 'quantile' not implemented"),
    Case("R188", "tf", "-" + SHAPE.format("leaf_int8.tflite"), "[1, 96, 96, 3] uint8"),
    Case("R189", "tf", "-" + SHAPE.format("pest_uint8.tflite"), "[1, 64, 64, 3] uint8"),
    Case("R192", "tf", "-" + SHAPE.format("pest_uint8.tflite"), "[1, 64, 64, 3] uint8"),
    Case("R167", "tf", "-" + LITE + "I('ripeness.tflite')", "not a valid Flatbuffer"),
    Case(
        "R236",
        "tf",
        "-import os, sys; sys.path[:0] = ['browser/convert', os.environ.get('DEPLINT_TFJS_PATH', '')]\nimport models\n"
        "models.gesture().save('gesture.keras')\nfrom tensorflowjs.converters.converter import convert\n"
        "convert(['--input_format=tf_saved_model', 'gesture.keras', 'out'])",
        "SavedModel file does not exist",
    ),
]
BROWSER = ("R241", "R254", "R249", "R270", "R261", "R281", "R233", "R280", "R255", "R284", "R025")


def said(case: Case, folder: Path) -> str:
    """Run the case in a copy of the examples and return all that was printed."""
    if not case.script.startswith("-"):
        done = run(case.kind, folder / case.script, *case.arguments)
    else:
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        done = subprocess.run(
            [PYTHON[case.kind], "-c", case.script[1:]], cwd=folder, env=environment, capture_output=True, text=True, timeout=600
        )
    return done.stdout + done.stderr


def main() -> int:
    """Run all cases and count them."""
    passed: list[str] = []
    failed: list[str] = []
    skipped: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(shutil.copytree(EXAMPLES, Path(scratch) / "examples"))
        for case in CASES:
            if not PYTHON[case.kind]:
                skipped.append(case.rule)
                continue
            text = said(case, folder)
            right = any(words in text for words in case.says.split("|"))
            (passed if right else failed).append(case.rule)
            if not right:
                print(f"{case.rule}: expected {case.says!r}, got ...{text[-600:]}")
        if os.environ.get("NODE_PATH"):
            done = subprocess.run(["node", EXAMPLES / "build" / "prove.cjs", folder / "browser"], capture_output=True, text=True)
            proved = done.stdout.split()
            passed += proved
            failed += sorted({*BROWSER} - {*proved})
            print(done.stderr[-2000:] if failed else "", end="")
        else:
            skipped += BROWSER
    claimed = {entry["rule"] for entry in json.loads((EXAMPLES / "expected.json").read_text()) if entry["proof"] == "executed"}
    failed += sorted(claimed - {*passed, *failed, *skipped})
    print(f"skipped: {', '.join(skipped) or 'none'}; failed: {', '.join(failed) or 'none'}")
    print(f"{len(passed)} passed, {len(failed)} failed, {len(skipped)} skipped")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())

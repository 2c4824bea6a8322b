"""Writes deplint/data/tflite_custom_kernels.json: custom operators of TensorFlow Lite models that some runtime brings a kernel for.

The candidates are the names that `AddCustom` registers in the sources below. Each is put in a model of one operator, and the Python
runtimes are asked: a row is ``runtime`` only if they find a kernel, and any other only if they do not. Run it with a Python that has
ai_edge_litert and tensorflow:

    python -m tools.tflite_kernels
"""

from __future__ import annotations

import faulthandler
import json
import os
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

CANDIDATES = {
    "runtime": (
        "google-ai-edge/LiteRT tflite/core/kernels/register.cc",
        ["NumericVerify", "Mfcc", "AudioSpectrogram", "TFLite_Detection_PostProcess", "aeq.hadamard_rotation"],
    ),
    "mediapipe": (
        "google-ai-edge/mediapipe mediapipe/tasks/cc/core/mediapipe_builtin_op_resolver.cc",
        [
            *("MaxPoolingWithArgmax2D", "MaxUnpooling2D", "Convolution2DTransposeBias", "TransformTensorBilinear", "TransformLandmarks"),
            *("Landmarks2TransformMatrix", "NGramHash", "KmeansEmbeddingLookup", "TFSentencepieceTokenizeOp", "RaggedTensorToTensor"),
            "FusedBatchNormV3",
        ],
    ),
    "accelerator": (
        "google-coral/libedgetpu tflite/public/edgetpu.h; tensorflow/tflite-micro kernels/ethos_u/ethosu.cc; LiteRT's dispatch delegate",
        ["edgetpu-custom-op", "ethos-u", "DISPATCH_OP"],
    ),
}
"""Who brings the kernel, where that is written, and the operators. `accelerator`: a delegate or driver runs them."""


def model(custom_code: str) -> bytes:
    """A model of one custom operator, float32[1] to float32[1]."""
    import flatbuffers  # type: ignore[import-untyped]
    from ai_edge_litert import schema_py_generated as schema

    made = schema.ModelT()
    made.version = 3
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = custom_code, 1
    made.operatorCodes = [code]
    graph, op = schema.SubGraphT(), schema.OperatorT()
    graph.tensors = []
    for name in ("x", "y"):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type = name, [1], schema.TensorType.FLOAT32
        graph.tensors.append(tensor)
    op.opcodeIndex, op.inputs, op.outputs = 0, [0], [1]
    graph.operators, graph.inputs, graph.outputs = [op], [0], [1]
    made.subgraphs, made.buffers = [graph], [schema.BufferT()]
    builder = flatbuffers.Builder(256)
    builder.Finish(made.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def runtimes() -> Iterator[tuple[str, Any]]:
    """The stock interpreters of this environment."""
    import tensorflow as tf
    from ai_edge_litert.interpreter import Interpreter

    yield "ai-edge-litert", Interpreter
    yield "tensorflow", tf.lite.Interpreter


def has_kernel(interpreter: Any, custom_code: str) -> bool:
    """Whether a runtime knows the operator. A kernel may refuse this model's inputs, or crash on them: a child process asks."""
    child = os.fork()
    if not child:
        faulthandler.disable()
        try:
            interpreter(model_content=model(custom_code)).allocate_tensors()
        except RuntimeError as error:
            os._exit(int("unresolved custom op" in str(error)))
        os._exit(0)
    return os.waitpid(child, 0)[1] != 1 << 8


def main() -> None:
    rows = []
    for kernel, (source, names) in CANDIDATES.items():
        for name in names:
            known = [runtime for runtime, interpreter in runtimes() if has_kernel(interpreter, name)]
            assert len(known) == (2 if kernel == "runtime" else 0), (name, known)
            rows.append({"name": name, "kernel": kernel, "source": source})
    meta = {
        "what": "custom operators that need no registration by the project, and who brings their kernel: runtime = every stock runtime, "
        "mediapipe = MediaPipe's, accelerator = a delegate or driver",
        "source": "executed: ai-edge-litert and tensorflow were asked for each name, tools/tflite_kernels.py",
        "versions": {package: version(package) for package, _ in runtimes()},
        "date": date.today().isoformat(),
    }
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    target = Path(__file__).parent.parent / "deplint" / "data" / "tflite_custom_kernels.json"
    target.write_text(f'{{"meta": {json.dumps(meta)},\n"rows": [\n{lines}\n]}}\n', encoding="utf-8")
    print(f"{target.name}: {len(rows)} rows")


if __name__ == "__main__":
    main()

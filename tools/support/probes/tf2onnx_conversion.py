"""What tf2onnx makes of each TensorFlow operator: measured with random models of one operator (`tools.agreement.build_tensorflow`), and the
operators its converters are registered for.

A try is written with the dtype, the rank and the kind (fed or constant) of every input, because those decide whether a converter takes the
operator. Results: ``ok``; ``unsupported`` (the converter names the operator, and copies it as it is); ``error`` (it raises); ``invalid``
(what it writes is no valid ONNX). Batches run in processes of their own: a converter may take its process down.

    python -m tools.support.probes.tf2onnx_conversion ANSWER registry
    python -m tools.support.probes.tf2onnx_conversion ANSWER BATCHES
"""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

TRIES = 600
"""Models of one batch that are tried."""

AGAIN = 12
"""Models of one operator and dtype, for operators that tf2onnx has a converter for."""


def registry() -> dict[str, Any]:
    """The operators of TensorFlow and of TensorFlow Lite that have converters: the lowest ONNX operator set of each."""
    import_module("tf2onnx.convert")  # registers them
    from tf2onnx import constants, handler

    tensorflow: dict[str, int] = {}
    for domain, versions in handler.tf_op.get_opsets().items():
        if domain in (constants.ONNX_DOMAIN, constants.AI_ONNX_ML_DOMAIN):
            for version, found in enumerate(versions):
                for op in found:
                    tensorflow.setdefault(op, version if domain == constants.ONNX_DOMAIN else 1)
    lite = handler.tfl_op.create_tfl_to_tf_mapping()
    return {"opset": constants.PREFERRED_OPSET, "tensorflow": tensorflow, "lite": sorted(lite)}


class Unsupported(logging.Handler):
    """Notes the operators that the converter has to leave as they are: it only logs them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = ""

    def emit(self, record: logging.LogRecord) -> None:
        if "Unsupported ops" in str(record.msg):
            self.seen = record.getMessage()


def tried(chosen: Iterable[tuple[Any, str]], rng: random.Random, out: Path) -> None:
    """Build and convert a model of each operator that is chosen, and write what came of it."""
    import tensorflow as tf

    from tools.agreement.build_tensorflow import single

    logging.getLogger("tf2onnx").setLevel(logging.ERROR)
    heard = Unsupported()
    logging.getLogger("tf2onnx.tfonnx").addHandler(heard)
    logging.getLogger("tf2onnx.tfonnx").propagate = False
    with open(out, "a", buffering=1) as lines:
        for op, dtype in chosen:
            build = single(op, rng, dtype)
            with tf.Graph().as_default() as graph:
                try:
                    fed, outputs = build()
                except Exception:
                    continue
                made = next((o for o in graph.get_operations() if o.type == op.name), None)
                if not fed or not outputs or made is None:
                    continue
                inputs = [(t.dtype.base_dtype.name, t.shape.rank, t.op.type == "Const") for t in made.inputs]
                definition = graph.as_graph_def()
            heard.seen = ""
            result, error = convert(tf, definition, [t.name for t in fed], [t.name for t in outputs], heard)
            print(json.dumps({"op": op.name, "inputs": inputs, "result": result, "error": error}), file=lines)


def convert(tf: Any, definition: Any, fed: list[str], outputs: list[str], heard: Unsupported) -> tuple[str, str]:
    import onnx
    from tf2onnx import convert as converter
    from tf2onnx import tf_loader

    try:
        with tf.Graph().as_default(), tf.device("/cpu:0"):
            frozen = tf_loader.tf_optimize(fed, outputs, definition)
        model, _ = converter._convert_common(frozen, input_names=fed, output_names=outputs)
    except Exception as error:
        return "error", f"{type(error).__name__}: {error}".strip().splitlines()[0][:200]
    if heard.seen:
        return "unsupported", heard.seen[:200]
    try:
        onnx.checker.check_model(model)
    except Exception as error:
        if "Field 'shape'" not in str(error):  # an output of unknown rank, which runtimes take
            return "invalid", str(error).strip()[:300]
    try:
        onnx.shape_inference.infer_shapes(model, check_type=True)
    except Exception as error:
        return "invalid", str(error).strip()[:300]
    return "ok", ""


def batch(seed: int, count: int, out: Path) -> None:
    from tools.agreement.build_tensorflow import DTYPES, operators

    rng = random.Random(seed)
    known = operators()
    supported = registry()["tensorflow"]
    part = [op for op in known if op.name in supported][seed::count]
    every = [(op, dtype) for op in part for dtype in dict.fromkeys(DTYPES) for _ in range(AGAIN)]
    tried([*every, *((rng.choice(known), "") for _ in range(TRIES))], rng, out)


def main() -> None:
    answer = Path(sys.argv[1])
    if sys.argv[2] == "registry":
        answer.write_text(json.dumps(registry()), "utf-8")
        return
    if len(sys.argv) == 4:
        batch(int(sys.argv[3]), int(sys.argv[2]), answer)
        return
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "lines")
        lines.touch()
        for seed in range(int(sys.argv[2])):
            command = [sys.executable, "-m", __spec__.name, str(lines), sys.argv[2], str(seed)]
            subprocess.run(command, check=False, stderr=subprocess.DEVNULL)
        answer.write_text(json.dumps([json.loads(line) for line in lines.read_text().splitlines()]), "utf-8")


if __name__ == "__main__":
    main()

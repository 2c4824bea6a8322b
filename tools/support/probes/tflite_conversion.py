"""What the TensorFlow Lite converter makes of each TensorFlow operator, by dtype: measured with models of one operator.

Each model is random (`tools.agreement.build_tensorflow`), so an operator is tried many times, on several ranks, with inputs that are fed or
constant. The converter may take its process down: batches run in processes of their own.

    python -m tools.support.probes.tflite_conversion ANSWER [BATCHES]
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

TRIES = 1500
"""Models of one batch that are tried."""

AGAIN = 5
"""Models of one operator and dtype that the first batches did not meet."""


def batch(seed: int, out: Path) -> None:
    """Try models of operators drawn at random."""
    from tools.agreement.build_tensorflow import operators

    rng = random.Random(seed)
    known = operators()
    tried(((rng.choice(known), "") for _ in range(TRIES)), rng, out)


def rest(numbers: tuple[int, int], out: Path) -> None:
    """Try what became built-in operators in other dtypes: the part of that work that the two numbers name."""
    from tools.agreement.build_tensorflow import DTYPES, operators

    measured = [json.loads(line) for line in out.read_text().splitlines()]
    met = {(line["op"], line["dtype"]) for line in measured}
    builtin = {line["op"] for line in measured if line["result"] == "builtin"}
    rng = random.Random(numbers[0])
    part = [op for op in operators() if op.name in builtin][numbers[0] :: numbers[1]]
    tried(((op, dtype) for op in part for dtype in dict.fromkeys(DTYPES) if (op.name, dtype) not in met for _ in range(AGAIN)), rng, out)


def tried(chosen: Iterable[tuple[Any, str]], rng: random.Random, out: Path) -> None:
    """Build and convert a model of each operator that is chosen, and write what came of it."""
    import tensorflow as tf

    from tools.agreement.build_tensorflow import single

    with open(out, "a", buffering=1) as lines:
        for op, dtype in chosen:
            build = single(op, rng, dtype)
            with tf.Graph().as_default(), tf.compat.v1.Session() as session:
                try:
                    fed, outputs = build()
                except Exception:
                    continue
                made = next((o for o in session.graph.get_operations() if o.type == op.name), None)
                if not fed or not outputs or made is None:
                    continue
                first = next((tensor.dtype.base_dtype.name for tensor in made.inputs), "")
                line = {"op": op.name, "dtype": first, **convert(tf, session, fed, outputs)}
            print(json.dumps(line), file=lines)


def convert(tf: Any, session: Any, fed: list[Any], outputs: list[Any]) -> dict[str, Any]:
    """What the converter says: ``builtin``, or which operators it wants from TensorFlow (``flex``) or from the user (``custom``);
    ``kernel`` where TensorFlow itself does not compute the operator in this dtype."""
    try:
        content = tf.compat.v1.lite.TFLiteConverter.from_session(session, fed, outputs).convert()
    except Exception as error:
        message = str(error)
        flex = re.search(r"TF Select ops: ([\w, ]+)", message)
        custom = re.search(r"Custom ops: ([\w, ]+)", message)
        if "No OpKernel was registered" in message:
            return {"result": "kernel", "named": ""}
        if flex or custom:
            return {"result": "custom" if custom else "flex", "named": (custom or flex)[1]}  # type: ignore[index]
        return {"result": "error", "named": message.strip().splitlines()[-1][:200] if message.strip() else ""}
    try:
        tf.lite.Interpreter(model_content=content).allocate_tensors()
    except Exception as error:
        return {"result": "refused", "named": str(error)[:200]}
    return {"result": "builtin", "named": ""}


def main() -> None:
    if len(sys.argv) == 4:
        out, seed = Path(sys.argv[1]), int(sys.argv[3])
        batch(seed, out) if sys.argv[2] == "any" else rest((seed, int(sys.argv[2])), out)
        return
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    with tempfile.TemporaryDirectory() as folder:
        lines = Path(folder, "lines")
        lines.touch()
        for kind in ("any", str(count)):
            for seed in range(count):
                subprocess.run([sys.executable, "-m", __spec__.name, str(lines), kind, str(seed)], check=False, stderr=subprocess.DEVNULL)
        found: list[dict[str, Any]] = [json.loads(line) for line in lines.read_text().splitlines()]
    Path(sys.argv[1]).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()

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
from pathlib import Path
from typing import Any

TRIES = 1500
"""Models of one batch."""


def batch(seed: int, out: Path) -> None:
    import tensorflow as tf

    from tools.agreement.build_tensorflow import operators, single

    rng = random.Random(seed)
    known = operators()
    with open(out, "a", buffering=1) as lines:
        for _ in range(TRIES):
            op = rng.choice(known)
            build = single(op, rng)
            with tf.Graph().as_default(), tf.compat.v1.Session() as session:
                try:
                    fed, outputs = build()
                except Exception:
                    continue
                if not fed or not outputs:
                    continue
                made = next((o for o in session.graph.get_operations() if o.type == op.name), None)
                if made is None:
                    continue
                dtypes = [tensor.dtype.base_dtype.name for tensor in made.inputs] or [""]
                line = {
                    "op": op.name,
                    "dtype": dtypes[0],
                    "ranks": [t.shape.rank for t in made.inputs],
                    **convert(tf, session, fed, outputs),
                }
            print(json.dumps(line), file=lines)


def convert(tf: Any, session: Any, fed: list[Any], outputs: list[Any]) -> dict[str, Any]:
    """What the converter says: ``builtin``, or which operators it wants from TensorFlow (``flex``) or from the user (``custom``)."""
    try:
        content = tf.compat.v1.lite.TFLiteConverter.from_session(session, fed, outputs).convert()
    except Exception as error:
        message = str(error)
        flex = re.search(r"TF Select ops: ([\w, ]+)", message)
        custom = re.search(r"Custom ops: ([\w, ]+)", message)
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
        batch(int(sys.argv[3]), Path(sys.argv[1]))
        return
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 8
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "lines")
        for seed in range(count):
            subprocess.run([sys.executable, "-m", __spec__.name, str(out), "-", str(seed)], check=False, stderr=subprocess.DEVNULL)
        found = [json.loads(line) for line in out.read_text().splitlines()]
    Path(sys.argv[1]).write_text(json.dumps(found), "utf-8")


if __name__ == "__main__":
    main()

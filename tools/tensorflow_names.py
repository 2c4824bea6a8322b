"""Write ``deplint/data/tensorflow_names.json``: the names of all operators that TensorFlow itself has. Run with a Python that has it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

TARGET = Path(__file__).parent.parent / "deplint" / "data" / "tensorflow_names.json"


def main() -> None:
    import tensorflow as tf
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session as session

    operators = op_def_pb2.OpList()
    operators.ParseFromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    meta = {"source": "the operators registered in the tensorflow wheel", "version": tf.__version__, "date": date.today().isoformat()}
    TARGET.write_text(json.dumps({"meta": meta, "rows": sorted(op.name for op in operators.op)}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()

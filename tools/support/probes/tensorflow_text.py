"""The operators that TensorFlow Text registers: those that TensorFlow has after its libraries are loaded, and had not before."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path


def registered() -> set[str]:
    from tensorflow.core.framework import op_def_pb2
    from tensorflow.python.client import pywrap_tf_session as session

    operators = op_def_pb2.OpList()
    operators.ParseFromString(session.TF_GetBuffer(session.TF_GetAllOpList()))
    return {op.name for op in operators.op}


def main() -> None:
    import tensorflow as tf

    before = registered()
    spec = find_spec("tensorflow_text")
    assert spec is not None and spec.origin is not None
    for library in Path(spec.origin).parent.rglob("*.so"):
        with suppress(Exception):  # not all of them hold operators
            tf.load_op_library(str(library))
    Path(sys.argv[1]).write_text(json.dumps(sorted(registered() - before)), "utf-8")


if __name__ == "__main__":
    main()

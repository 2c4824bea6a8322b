"""The TensorFlow.js converter: is the model converted to a graph model?"""

from __future__ import annotations

import tempfile

from serve import serve
from tensorflowjs_graph import convert


def answer(path: str, target: str, numeric: bool) -> None:
    with tempfile.TemporaryDirectory() as folder:
        convert(path, folder)


serve(answer)

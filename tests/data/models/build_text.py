"""Write the text form of the models among the test data, next to each. Look at the difference before committing it.

Run from this folder: ``python build_text.py``.
"""

from __future__ import annotations

from pathlib import Path

from deplint.formats import keras, onnx, tensorflow, tfjs, tflite
from deplint.model.text import format_model
from deplint.project import File

READERS = {
    "onnx/*.onnx": onnx.read,
    "savedmodel/*/saved_model.pb": tensorflow.read_saved_model,
    "graphdef/*.pb": tensorflow.read_graph_def,
    "tflite/*.tflite": tflite.read,
    "keras/*.keras": keras.read,
    "keras/*.h5": lambda file: keras.read_h5(file)[0],
    "tfjs/*/model.json": lambda file: tfjs.read(file)[0],
}

if __name__ == "__main__":
    for pattern, read in READERS.items():
        for path in sorted(Path().glob(pattern)):
            model = read(File(path.absolute(), path.name))
            path.with_suffix(path.suffix + ".txt").write_text(format_model(model))

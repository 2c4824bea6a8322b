"""R157: what deplint says of a model's code, or of a SavedModel's graph, is what the TFLite converter does with it.

Every model below is converted for real. Where deplint names an operation the converter must refuse; where it does not, the converter
must take the model, but for those said to be missed.
"""

from __future__ import annotations

import importlib.util

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
pytest.importorskip("keras")
from deplint import code, formats  # noqa: E402
from deplint.code.facts import Call  # noqa: E402
from deplint.code.keras import operations, running  # noqa: E402
from deplint.code.python import PythonFile  # noqa: E402
from deplint.data import load  # noqa: E402
from deplint.model import Model  # noqa: E402
from deplint.model.flow import worked  # noqa: E402
from deplint.project import File, Project  # noqa: E402

HEAD = """
import tensorflow as tf
import keras
from keras import layers

class Module(tf.Module):
    def __init__(self):
        super().__init__()
        self.weight = tf.Variable([[2.0, 0.0], [0.0, 3.0]])
        self.table = tf.constant([[2.0, 0.0], [0.0, 3.0]])

"""

FUNCTIONS = {  # what the function returns, and whether it converts
    "input": ("tf.linalg.inv(x)", False),
    "derived": ("tf.linalg.inv(tf.nn.relu(x) + 1.0)", False),
    "element": ("tf.linalg.det(x[None])[0]", False),
    "variable": ("x @ tf.linalg.inv(self.weight)", True),
    "constant": ("x @ tf.linalg.inv(self.table)", True),
    "helper": ("self.twice(x)", False),
    "helper of a constant": ("x @ self.twice(self.table)", True),
    "unused": ("(tf.linalg.inv(x), x * 2.0)[1]", True),
    "gelu": ("x * 0.5 * (1.0 + tf.math.erf(x / 1.4142135))", True),
    "beyond": ("tf.math.asinh(x)", False),
    "fine": ("tf.nn.softmax(tf.roll(x, 1, 0))", True),
}

MODELS = {
    "pooling": ("keras.Sequential([layers.Input((4, 8, 8, 1), batch_size=1), layers.MaxPool3D(2)])", False),
    "lambda": ("keras.Sequential([layers.Input((4,)), layers.Lambda(lambda t: tf.math.acos(t))])", False),
    "text": ("keras.Sequential([layers.Input((1,), dtype='string'), layers.TextVectorization(vocabulary=['a'])])", False),
    "one hot": ("keras.Sequential([layers.Input((1,), dtype='int32'), layers.CategoryEncoding(4, output_mode='one_hot')])", True),
    "fine": ("keras.Sequential([layers.Input((8, 8, 3)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(2)])", True),
}


def written(folder, name: str, text: str) -> File:
    (folder / name).write_text(HEAD + text)
    return File(folder / name, name)


def convert_call(file: File) -> Call:
    [facts] = Project(file.path.parent, [file], code.READERS).facts(file, PythonFile)
    [call] = facts.calls("**.convert")
    return call.receiver.origin


def reported(found) -> list[str]:
    rows = {name: row for row in load("tflite_conversion")["rows"] for name in (row["name"], *row.get("aliases", ()))}
    names = ((operation.name.replace("tensorflow.", "tf.", 1), operation.made) for operation in found)
    return [n for n, made in names if n in rows and all(made.argument(a).missing for a in rows[n].get("unless", ()))]


def converts(make) -> bool:
    try:
        make().convert()
    except Exception as error:
        assert "Ops: " in str(error) or "ops: " in str(error), error
        return False
    return True


def loaded(file: File):
    spec = importlib.util.spec_from_file_location("probed", file.path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def body(expression: str) -> str:
    signature = "    @tf.function(input_signature=[tf.TensorSpec([2, 2], tf.float32)])\n"
    return (
        signature
        + f"    def run(self, x):\n        return {expression}\n\n    def twice(self, t):\n        return tf.linalg.inv(t) * 2.0\n\n"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(tmp_path, name):
    expression, right = FUNCTIONS[name]
    main = "if __name__ == '__main__':\n    m = Module()\n"
    main += "    tf.lite.TFLiteConverter.from_concrete_functions([m.run.get_concrete_function()], m).convert()\n"
    file = written(tmp_path, "main.py", body(expression) + main)
    [function] = convert_call(file).argument("funcs", 0).items
    assert bool(reported(running(function.origin.receiver.body()))) is not right
    module = loaded(file).Module()
    assert converts(lambda: tf.lite.TFLiteConverter.from_concrete_functions([module.run.get_concrete_function()], module)) is right


@pytest.mark.parametrize("name", FUNCTIONS)
def test_graphs(tmp_path, name):
    expression, right = FUNCTIONS[name]
    module = loaded(written(tmp_path, "main.py", body(expression))).Module()
    folder = tmp_path / "saved"
    tf.saved_model.save(module, str(folder), signatures=module.run)
    file = File(folder / "saved_model.pb")
    [model] = Project(folder, [file], formats.READERS).facts(file, Model)
    known = load("tflite_conversion")["ops"]
    types = {op.type for op in worked(model)}
    assert bool(types & {*known["select"], *known["custom"]}) is not right
    assert converts(lambda: tf.lite.TFLiteConverter.from_saved_model(str(folder))) is right


@pytest.mark.parametrize("name", MODELS)
def test_keras_models(tmp_path, name):
    source, right = MODELS[name]
    text = f"    pass\n\ndef build():\n    return {source}\n\n"
    file = written(
        tmp_path, "main.py", text + "if __name__ == '__main__':\n    tf.lite.TFLiteConverter.from_keras_model(build()).convert()\n"
    )
    assert bool(reported(operations(convert_call(file).argument("model", 0)))) is not right
    model = loaded(file).build()
    assert converts(lambda: tf.lite.TFLiteConverter.from_keras_model(model)) is right

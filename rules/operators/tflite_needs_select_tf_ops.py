"""A model that built-in TFLite operators cannot express, converted with these alone.

The converter stops where an operation of the model has no built-in counterpart: ``error: failed while converting: 'main':
Some ops are not supported by the native TFLite runtime, you can enable TF kernels fallback using TF Select.`` and
``ERROR_NEEDS_FLEX_OPS``. Most are available as select TensorFlow operators, which make the app larger. Some are in
neither set, and fail with these as well (``ERROR_NEEDS_CUSTOM_OPS``). The table of both was made by converting every call
in it.

```python bad
import tensorflow as tf

class Finder(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([1, 96, 96, 3]), tf.TensorSpec([4, 4])])
    def find(self, photo, boxes):
        spots = tf.image.crop_and_resize(photo, boxes, tf.zeros([4], tf.int32), [16, 16])
        return tf.reduce_mean(spots, axis=[1, 2])

finder = Finder()
converter = tf.lite.TFLiteConverter.from_concrete_functions([finder.find.get_concrete_function()], finder)
tflite = converter.convert()  # <-
```

```python bad
import tensorflow as tf
from tensorflow import keras

model = keras.Sequential([
    keras.layers.Input((8, 16, 16, 1), batch_size=1),
    keras.layers.Conv3D(4, 3),
    keras.layers.MaxPooling3D(2),
    keras.layers.Lambda(lambda x: tf.math.asinh(x)),
])
converter = tf.lite.TFLiteConverter.from_keras_model(model)
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
tflite = converter.convert()  # <- asinh is not even a select operator
```

Of a SavedModel in the project the graph is read.

```python bad path=convert.py
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_saved_model("export/1")
tflite = converter.convert()  # <-
```

```graph + path=export/1/saved_model.pb
model savedmodel
signature serving_default (x=x float32[2,2]) -> (y=y float32[2,2])
graph main
  input x float32[2,2]
  op Placeholder x -> (x)
  op MatrixInverse inverse (x) -> (y float32[2,2])
  output y float32[2,2]
```

```python good
import tensorflow as tf

@tf.function
def predict(image, model=None):
    return tf.linalg.inv(image)

def augment(image):
    return tf.image.adjust_contrast(image, 2.0)

data = tf.data.Dataset.from_tensor_slices([0.0]).map(augment)
run = predict.get_concrete_function(tf.TensorSpec([1, 4, 4]))
converter = tf.lite.TFLiteConverter.from_concrete_functions([run])
converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS]
tflite = converter.convert()
```

What works on weights alone is computed during conversion; what a branch may leave out, or nobody uses, need not be there;
with `allow_custom_ops` anything converts (see DPL305).

```python good
import tensorflow as tf

class Net(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.mixing = tf.Variable(tf.eye(4))
        self.dense = tf.keras.layers.Dense(4)

    def call(self, x, training=False):
        if training:
            x = tf.image.random_contrast(x, 0.1, 0.2)
        size = tf.strings.length("abc")
        unused = tf.linalg.det(x)
        return self.dense(x) @ tf.linalg.inv(self.mixing)

tf.lite.TFLiteConverter.from_keras_model(Net()).convert()

@tf.function
def upper(text):
    return tf.strings.upper(text)

converter = tf.lite.TFLiteConverter.from_concrete_functions([upper.get_concrete_function(tf.TensorSpec([1], tf.string))])
converter.allow_custom_ops = True
converter.convert()
```

References: every row of the table is converted again by `tests/claims/test_tflite_operators.py` (TensorFlow 2.21).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.facts import Call
from deplint.code.keras import Operation, operations, running
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.data import load
from deplint.finding import Placed
from deplint.model.flow import worked

from ..conversion import selects
from . import named, read

CONVERTER = "tensorflow.lite.TFLiteConverter.{from_keras_model,from_concrete_functions,from_saved_model}()"
Needed = dict[str, Placed]
"""Operations by name, and where each is."""


@rule("DPL301", severity="error", leaves=["M.2.5"], see=["https://ai.google.dev/edge/litert/conversion/tensorflow/ops_select"])
def tflite_needs_select_tf_ops(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(CONVERTER + ".convert"):
        converter = call.receiver
        made, custom = converter.origin, converter.value("allow_custom_ops")
        if made is None or call.guarded or not (custom.missing or custom.python() is False):
            continue
        if made.name.endswith(".from_saved_model"):
            select, beyond = _stored(made, project)
        else:
            select, beyond = _called(made)
        if beyond:
            yield Finding(
                call,
                f"the model uses {named(beyond, file)}, which neither built-in nor select TensorFlow operators express: "
                "convert() raises ConverterError",
                help="rewrite it with other operations, or move it out of the model",
            )
        elif select and selects(converter) is Truth.no:
            yield Finding(
                call,
                f"the model uses {named(select, file)}, which built-in TFLite operators cannot express: convert() raises ConverterError",
                help="rewrite it, or add tf.lite.OpsSet.SELECT_TF_OPS to converter.target_spec.supported_ops and ship the Flex runtime",
            )


def _called(made: Call) -> tuple[Needed, Needed]:
    """Of what the model's code certainly does: what needs select operators, and what needs more than these."""
    rows = {name: row for row in load("tflite_conversion")["rows"] for name in (row["name"], *row.get("aliases", ()))}
    found: dict[str, Needed] = {"select": {}, "custom": {}}
    for operation in _operations(made):
        name = operation.name.replace("tensorflow.", "tf.", 1)
        row = rows.get(name)
        if row is not None and _applies(row.get("unless", ()), operation.made):
            found[row["needs"]].setdefault(name, operation)
    return found["select"], found["custom"]


def _operations(made: Call) -> Iterator[Operation]:
    if made.name.endswith(".from_keras_model"):
        yield from operations(made.argument("model", 0))
        return
    for function in made.argument("funcs", 0).items or ():
        concrete = function.origin
        if concrete is not None and concrete.name.endswith(".get_concrete_function"):
            yield from running(concrete.receiver.body())


def _applies(without: list[str], made: Call) -> bool:
    """None of the arguments is given without which the row was measured."""
    return not without or (len(made.arguments) < 2 and all(made.argument(name).missing for name in without))


def _stored(made: Call, project: Project) -> tuple[Needed, Needed]:
    """The same of the operators in a SavedModel of the project, of which all signatures are converted."""
    folder = made.argument("saved_model_dir", 0).text
    file = project.resolve(folder.rstrip("/") + "/saved_model.pb", made) if folder else None
    known = load("tflite_conversion")["ops"]
    select: Needed = {}
    beyond: Needed = {}
    for model in read(project, file, Model) if made.argument("signature_keys").missing else ():
        types = sorted({op.type for op in worked(model)})
        select |= {name: model for name in types if name in known["select"]}
        beyond |= {name: model for name in types if name in known["custom"]}
    return select, beyond

"""R157, R159, R173, R174: what the builtins cannot express, and what then happens at run time."""

from __future__ import annotations

import functools

import numpy as np
import pytest
from shipped import table

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")
from tools import tensorflow_probe  # noqa: E402  needs the path conftest sets

ROWS = table("tflite_conversion")["rows"]
BUILTINS, SELECT = tf.lite.OpsSet.TFLITE_BUILTINS, tf.lite.OpsSet.SELECT_TF_OPS


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_the_builtins_do_not_express_it(row):
    needed = tensorflow_probe.missing(row["example"], select=False)
    assert needed["select"] or needed["custom"]
    assert tensorflow_probe.missing(row["example"], select=True)["custom"] == (row["ops"] if row["needs"] == "custom" else [])


@pytest.mark.parametrize("row", [row for row in ROWS if "aliases" in row], ids=lambda row: row["name"])
def test_an_alias_is_the_same_thing(row):
    def resolved(name):
        library, *path = name.split(".")
        return functools.reduce(getattr, path, {"tf": tf, "keras": keras}[library])

    for alias in row["aliases"]:
        assert resolved(alias) is resolved(row["name"])


@pytest.mark.parametrize(
    "expression",
    [
        *(
            "tf.linalg.norm(x)",
            "tf.linalg.diag(q)",
            "tf.roll(x, 1, 0)",
            "tf.image.resize(i, [4, 4])",
            "tf.math.lgamma(x)",
            "tf.einsum('ij,kj->ik', x, y)",
        ),
        *(
            "tf.signal.stft(a, 16, 8)",
            "tf.unique(k)[0]",
            "tf.sort(x)",
            "tf.nn.gelu(x)",
            "tf.random.normal([4])",
            "tf.where(x > 0)",
            "tf.math.top_k(x, 2)[0]",
        ),
        *(
            "x * 0.5 * (1.0 + tf.math.erf(x / 1.4142135))",
            "tf.math.angle(x)",
            "tf.signal.dct(a, type=1)",
            "tf.ragged.stack([q, q]).flat_values",
        ),
        *("keras.layers.TextVectorization(vocabulary=['a'], standardize=None, split=None)(texts)",),
        *("keras.layers.CategoryEncoding(num_tokens=6, output_mode='one_hot')(n)",),
        *("keras.layers.StringLookup(vocabulary=['a'])(texts)", "keras.layers.Rescaling(0.5)(i)", "keras.layers.Conv3D(2, 2)(v)"),
    ],
)
def test_the_builtins_express_these(expression):
    try:
        assert tensorflow_probe.missing(expression, select=False) == {"select": [], "custom": []}
    except Exception as error:  # a complex output is refused for its type, after every operation was placed
        assert "stft" in expression, error


def layers(library):
    made = library.layers
    return {
        "LSTM": lambda **keywords: made.LSTM(4, **keywords),
        "GRU": lambda **keywords: made.GRU(4, **keywords),
        "SimpleRNN": lambda **keywords: made.SimpleRNN(4, **keywords),
        "Bidirectional": lambda **keywords: made.Bidirectional(made.LSTM(4, **keywords)),
        "RNN": lambda **keywords: made.RNN(made.LSTMCell(4), **keywords),
    }


def converter(layer, batch=None, library=keras):
    model = library.Sequential([library.Input((5, 3), batch_size=batch), layer])
    return tf.lite.TFLiteConverter.from_keras_model(model)


STATIC = "'tf.TensorListReserve' op requires element_shape to be static"


@pytest.mark.parametrize("name", layers(keras))
def test_recurrent_layers_need_a_static_batch(name):
    make = layers(keras)[name]
    with pytest.raises(Exception, match=STATIC):
        converter(make()).convert()
    assert converter(make(), batch=1).convert()


def test_recurrent_layers_of_legacy_keras_too():
    legacy = pytest.importorskip("tf_keras")
    with pytest.raises(Exception, match=STATIC):
        converter(layers(legacy)["LSTM"](), library=legacy).convert()


def test_convolutional_recurrent_layers_too():
    model = keras.Sequential([keras.Input((3, 6, 6, 1)), keras.layers.ConvLSTM2D(2, 3)])
    with pytest.raises(Exception, match=STATIC):
        tf.lite.TFLiteConverter.from_keras_model(model).convert()


def test_recurrent_layers_from_a_saved_model_too(tmp_path):
    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4)])
    model.export(str(tmp_path), verbose=False)
    with pytest.raises(Exception, match=STATIC):
        tf.lite.TFLiteConverter.from_saved_model(str(tmp_path)).convert()


def test_what_else_lets_a_recurrent_layer_convert():
    assert converter(keras.layers.LSTM(4, unroll=True)).convert()
    select = converter(keras.layers.LSTM(4))
    select.target_spec.supported_ops = [BUILTINS, SELECT]
    assert select.convert()
    single = converter(keras.layers.LSTM(4))
    single._experimental_default_to_single_batch_in_tensor_list_ops = True
    assert single.convert()
    model = keras.Sequential([keras.Input((5, 3)), keras.layers.LSTM(4)])
    function = tf.function(lambda x: model(x)).get_concrete_function(tf.TensorSpec([1, 5, 3]))
    assert tf.lite.TFLiteConverter.from_concrete_functions([function], model).convert()
    assert converter(keras.layers.TimeDistributed(keras.layers.Dense(2))).convert()


def test_lowering_off_without_select_fails_otherwise():
    off = converter(keras.layers.LSTM(4))
    off._experimental_lower_tensor_list_ops = False
    with pytest.raises(Exception, match="ERROR_NEEDS_FLEX_OPS"):
        off.convert()


def flex_model() -> bytes:
    asked = tensorflow_probe.converter("tf.linalg.inv(s)")
    asked.target_spec.supported_ops = [BUILTINS, SELECT]
    return asked.convert()


def custom_model() -> bytes:
    asked = tensorflow_probe.converter("tf.math.erfinv(x)")
    asked.allow_custom_ops = True
    return asked.convert()


def interpreters():
    made = {"tensorflow": tf.lite.Interpreter}
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError:
        return made
    return {**made, "ai_edge_litert": Interpreter}


@pytest.mark.parametrize("runtime", interpreters())
def test_python_interpreters_have_no_flex_delegate(runtime):
    interpreter = interpreters()[runtime](model_content=flex_model())
    with pytest.raises(
        RuntimeError, match=r"Select TensorFlow op\(s\), included in the given model, is\(are\) not supported by this interpreter"
    ):
        interpreter.allocate_tensors()


@pytest.mark.parametrize("runtime", interpreters())
def test_a_custom_op_needs_a_kernel(runtime):
    interpreter = interpreters()[runtime](model_content=custom_model())
    with pytest.raises(RuntimeError, match="Encountered unresolved custom op: Erfinv"):
        interpreter.allocate_tensors()


@pytest.mark.parametrize("runtime", interpreters())
def test_interpreter_refuses_float64(runtime):
    model = keras.Sequential([keras.Input((4,), batch_size=1), keras.layers.Dense(2)])
    interpreter = interpreters()[runtime](model_content=tf.lite.TFLiteConverter.from_keras_model(model).convert())
    interpreter.allocate_tensors()
    index = interpreter.get_input_details()[0]["index"]
    for wrong, dtype in ((np.ones((1, 4)), "FLOAT64"), ([[1.0, 2, 3, 4]], "FLOAT64"), (np.ones((1, 4), np.uint8), "UINT8")):
        with pytest.raises(ValueError, match=f"Got value of type {dtype} but expected type FLOAT32"):
            interpreter.set_tensor(index, wrong)
    interpreter.set_tensor(index, np.ones((1, 4), np.float32))
    interpreter.invoke()
    assert model.predict(np.ones((1, 4)), verbose=0).dtype == np.float32  # keras casts by itself

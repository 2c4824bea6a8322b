"""R022, R024, R043: which objects get a signature, and what a missing one does."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
keras = pytest.importorskip("keras")

SPEC = tf.TensorSpec([None, 2], name="x")


class Plain(tf.Module):
    def __init__(self) -> None:
        super().__init__()
        self.weight = tf.Variable(2.0)

    @tf.function
    def __call__(self, x):
        return x * self.weight


class Specified(Plain):
    @tf.function(input_signature=[SPEC])
    def predict(self, x):
        return x * self.weight


class Twice(Specified):
    @tf.function(input_signature=[SPEC])
    def other(self, x):
        return x + self.weight


class Subclass(keras.Model):
    def __init__(self) -> None:
        super().__init__()
        self.dense = keras.layers.Dense(2)

    def call(self, x):
        return self.dense(x)


def graph(folder) -> object:
    from tensorflow.core.protobuf import saved_model_pb2

    saved = saved_model_pb2.SavedModel()
    saved.ParseFromString((folder / "saved_model.pb").read_bytes())
    return saved.meta_graphs[0]


def signatures(thing, folder, **keywords) -> set[str]:
    tf.saved_model.save(thing, str(folder), **keywords)
    return set(graph(folder).signature_def) - {"__saved_model_init_op"}


def called(thing):
    thing(tf.ones((1, 2)))
    return thing


def functional():
    return keras.Sequential([keras.Input((2,)), keras.layers.Dense(2)])


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (Plain, set()),
        (lambda: called(Plain()), set()),
        (Specified, {"serving_default"}),
        (Twice, set()),
        (functional, {"serving_default"}),
        (Subclass, set()),
        (lambda: called(Subclass()), {"serving_default"}),
        (lambda: called(keras.layers.Dense(2)), set()),
    ],
    ids=["module", "module-called", "one-input-signature", "two-input-signatures", "functional", "subclass", "subclass-called", "layer"],
)
def test_which_objects_get_a_signature(make, expected, tmp_path):
    assert signatures(make(), tmp_path) == expected


def test_signatures_can_be_given(tmp_path):
    module = Plain()
    assert signatures(module, tmp_path, signatures=module.__call__.get_concrete_function(SPEC)) == {"serving_default"}


def test_keras_exports_two_signatures_of_a_built_model(tmp_path):
    functional().export(str(tmp_path), verbose=False)
    assert set(graph(tmp_path).signature_def) >= {"serve", "serving_default"}
    with pytest.raises(ValueError, match="has not yet been built"):
        Subclass().export(str(tmp_path / "unbuilt"), verbose=False)


def test_without_a_signature_nothing_converts_or_reloads_as_a_layer(tmp_path):
    signatures(Plain(), tmp_path)
    with pytest.raises(ValueError, match="Only support at least one signature key"):
        tf.lite.TFLiteConverter.from_saved_model(str(tmp_path)).convert()
    with pytest.raises(ValueError, match="endpoint 'serve' is neither"):
        keras.layers.TFSMLayer(str(tmp_path))


def test_a_missing_signature_is_a_key_error(tmp_path):
    signatures(functional(), tmp_path)
    loaded = tf.saved_model.load(str(tmp_path))
    assert loaded.signatures["serving_default"]
    with pytest.raises(KeyError):
        loaded.signatures["predict"]
    with pytest.raises(ValueError, match="endpoint 'serve' is neither"):
        keras.layers.TFSMLayer(str(tmp_path))  # call_endpoint is "serve" unless given


def test_a_model_with_variables_uses_an_operation_that_old_servers_lack(tmp_path):
    signatures(functional(), tmp_path)
    names = {node.op for function in graph(tmp_path).graph_def.library.function for node in function.node_def}
    assert "DisableCopyOnRead" in names
    assert graph(tmp_path).meta_info_def.tensorflow_version == tf.__version__

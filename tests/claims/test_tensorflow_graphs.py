"""DPL490, DPL497, DPL499, DPL532 to DPL534, DPL545: what TensorFlow says of graphs that were exported or frozen as they were trained, or
broken, or that say little of their outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from deplint.formats import tensorflow
from deplint.project import File
from deplint.rules.export.savedmodel_output_unknown_rank import savedmodel_output_unknown_rank

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")

v1 = tf.compat.v1


def graph_def(*nodes: tuple[Any, ...]) -> Any:
    """A GraphDef of ``(name, operator, inputs, attributes)``."""
    graph = v1.GraphDef()
    for name, operator, inputs, attributes in nodes:
        node = graph.node.add(name=name, op=operator, input=inputs)
        for key, value in attributes.items():
            node.attr[key].CopyFrom(value)
    graph.versions.producer = 2000
    return graph


FLOAT = v1.AttrValue(type=tf.float32.as_datatype_enum)
X = ("x", "Placeholder", [], {"dtype": FLOAT})


def imported(graph: Any) -> str:
    with tf.Graph().as_default():
        try:
            tf.import_graph_def(graph, name="")
        except (ValueError, tf.errors.OpError) as error:
            return str(error)
    return ""


def test_loose_ends_are_refused():
    relu = {"T": FLOAT}
    assert imported(graph_def(X, ("y", "Relu", ["x"], relu))) == ""
    assert "Unknown input node 'lost'" in imported(graph_def(X, ("y", "Relu", ["lost"], relu)))
    assert "is not unique" in imported(graph_def(X, ("y", "Relu", ["x"], relu), ("y", "Relu", ["x"], relu)))


def test_a_function_that_is_not_there_cannot_be_called():
    types = v1.AttrValue(list=v1.AttrValue.ListValue(type=[tf.float32.as_datatype_enum]))
    name = v1.AttrValue(func=v1.NameAttrList(name="__inference_gone_12"))
    with tf.Graph().as_default(), pytest.raises((ValueError, tf.errors.OpError)):
        tf.import_graph_def(graph_def(X, ("w", "PartitionedCall", ["x"], {"Tin": types, "Tout": types, "f": name})), name="")
        v1.Session().run("w:0", {"x:0": [1.0]})


def test_an_operator_nobody_registered():
    assert "Op type not registered 'Addons>Gelu'" in imported(graph_def(X, ("y", "Addons>Gelu", ["x"], {})))


def test_a_graph_without_its_variables():
    with tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        with v1.variable_scope("s", use_resource=False):
            weight = v1.get_variable("w", [4, 2])
        tf.matmul(x, weight, name="y")
        stored = graph.as_graph_def()
    with tf.Graph().as_default():
        tf.import_graph_def(stored, name="")
        with pytest.raises(tf.errors.FailedPreconditionError, match="uninitialized value s/w"):
            v1.Session().run("y:0", {"x:0": np.ones((1, 4))})


def test_an_update_of_what_became_a_constant():
    content = v1.AttrValue(tensor=tf.make_tensor_proto(np.ones(4, np.float32)))
    constant = ("w", "Const", [], {"dtype": FLOAT, "value": content})
    message = imported(graph_def(X, constant, ("up", "AssignSub", ["w", "x"], {"T": FLOAT})))
    assert "was passed float from w:0 incompatible with expected float_ref" in message


def test_an_iterator_that_nobody_starts():
    with tf.Graph().as_default():
        v1.data.make_initializable_iterator(tf.data.Dataset.from_tensor_slices(np.ones((4, 2), np.float32))).get_next("next")
        stored = v1.get_default_graph().as_graph_def()
    with tf.Graph().as_default():
        tf.import_graph_def(stored, name="")
        name = next(node.name for node in stored.node if node.op == "IteratorGetNext")
        with pytest.raises(tf.errors.FailedPreconditionError, match="has not been initialized"):
            v1.Session().run(f"{name}:0")


@pytest.mark.parametrize("tags", [["train"], []])
def test_no_served_graph(tmp_path: Path, tags: list[str]):
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 4], name="x")
        builder = v1.saved_model.Builder(str(tmp_path / "m"))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": tf.nn.relu(x)})
        builder.add_meta_graph_and_variables(session, tags, {"serving_default": signature})
        builder.save()
    with tf.Graph().as_default(), pytest.raises(RuntimeError, match="could not be found in SavedModel"):
        v1.saved_model.load(v1.Session(), ["serve"], str(tmp_path / "m"))
    with pytest.raises((RuntimeError, ValueError)):
        tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "m")).convert()


def saved(tmp_path: Path, function: Any, **parts: Any) -> Any:
    module = tf.Module()
    for name, part in parts.items():
        setattr(module, name, part)
    module.f = tf.function(function, input_signature=[tf.TensorSpec([None, 4, 4, 3])])
    tf.saved_model.save(module, str(tmp_path / "m"), signatures=module.f)
    return tf.saved_model.load(str(tmp_path / "m")).signatures["serving_default"]


def test_dropout_in_training_is_another_result_each_time(tmp_path: Path):
    f = saved(tmp_path, lambda x: {"y": tf.nn.dropout(x, 0.5)})
    x = tf.ones([1, 4, 4, 3])
    assert not np.array_equal(f(x=x)["y"], f(x=x)["y"])


def test_normalization_in_training_depends_on_the_batch(tmp_path: Path):
    layer = tf.keras.layers.BatchNormalization()
    layer.build([None, 4, 4, 3])
    f = saved(tmp_path, lambda x: {"y": layer(x, training=True)}, layer=layer)
    x = tf.random.normal([2, 4, 4, 3])
    assert not np.allclose(f(x=x)["y"][:1], f(x=x[:1])["y"], atol=1e-3)


def test_keras_keeps_the_mode_of_a_call(tmp_path: Path):
    x = tf.keras.Input((64,))
    tf.keras.Model(x, tf.keras.layers.Dropout(0.5)(x, training=True)).save(tmp_path / "m.keras")
    model = tf.keras.models.load_model(tmp_path / "m.keras")
    assert not np.array_equal(model(np.ones((1, 64))), model(np.ones((1, 64))))


def test_an_output_without_a_rank(tmp_path: Path):
    """The shape of what is decoded from bytes is in them; the signature says what the function says."""

    def undecided(text):
        return {"y": tf.io.parse_tensor(text, tf.float32)}

    def ensured(text):
        return {"y": tf.ensure_shape(tf.io.parse_tensor(text, tf.float32), [None, None])}

    ranks = {}
    for name, function in (("open", undecided), ("given", ensured)):
        made = tf.Module()
        made.serve = tf.function(function, input_signature=[tf.TensorSpec([], tf.string, name="text")])
        tf.saved_model.save(made, str(tmp_path / name), signatures={"serving_default": made.serve})
        loaded = tf.saved_model.load(str(tmp_path / name)).signatures["serving_default"]
        ranks[name] = loaded.structured_outputs["y"].shape.rank is None
        read = tensorflow.read_saved_model(File(tmp_path / name / "saved_model.pb"))
        assert len(list(savedmodel_output_unknown_rank(read))) == ranks[name]
    assert ranks == {"open": True, "given": False}

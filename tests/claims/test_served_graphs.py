"""What becomes of graphs that are exported and served (DPL144 to DPL148), asked of TensorFlow itself."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")
v1 = tf.compat.v1


def picture() -> bytes:
    return tf.io.encode_png(tf.zeros((4, 4, 3), tf.uint8)).numpy()


def test_map_fn_takes_the_type_of_what_goes_in():
    """DPL144."""
    with pytest.raises(tf.errors.InvalidArgumentError, match="TensorArray dtype is string"):
        tf.map_fn(lambda one: tf.io.decode_png(one, channels=3), tf.constant([picture()]))
    assert tf.map_fn(lambda one: tf.io.decode_png(one, channels=3), tf.constant([picture()]), fn_output_signature=tf.uint8).shape == (
        1,
        4,
        4,
        3,
    )
    bytes_of_one = picture()
    with tf.Graph().as_default():
        given = v1.placeholder(tf.string, [None])
        images = v1.map_fn(lambda one: tf.io.decode_png(one, channels=3), given)
        with v1.Session() as session, pytest.raises(tf.errors.InvalidArgumentError, match=r"nvalid data types|list elements string"):
            session.run(images, {given: [bytes_of_one]})


@pytest.mark.parametrize("told", [False, True])
def test_tables_are_empty_unless_somebody_fills_them(tmp_path, told):
    """DPL145."""
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.int64, [None], name="x")
        table = v1.lookup.StaticHashTable(v1.lookup.KeyValueTensorInitializer([0, 1], ["cat", "dog"], tf.int64, tf.string), "?")
        y = table.lookup(x)
        session.run(v1.tables_initializer())
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder = v1.saved_model.Builder(str(tmp_path / "1"))
        more = {"main_op": v1.tables_initializer()} if told else {}
        builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map={"serving_default": signature}, **more)
        builder.save()
        name = y.name
    with tf.Graph().as_default(), v1.Session() as session:
        v1.saved_model.load(session, ["serve"], str(tmp_path / "1"))
        if told:
            assert session.run(name, {"x:0": [1]}) == [b"dog"]
        else:
            with pytest.raises(tf.errors.FailedPreconditionError, match="Table not initialized"):
                session.run(name, {"x:0": [1]})


def test_initializers_forget_what_was_restored(tmp_path):
    """DPL146."""
    with tf.Graph().as_default(), v1.Session() as session:
        w = v1.get_variable("w", [], initializer=v1.zeros_initializer())
        saver = v1.train.Saver()
        session.run(w.assign(5.0))
        path = saver.save(session, str(tmp_path / "model.ckpt"))
        saver.restore(session, path)
        assert session.run(w) == 5.0
        session.run(v1.global_variables_initializer())
        assert session.run(w) == 0.0


def test_placeholders_are_no_outputs():
    """DPL147."""
    with tf.Graph().as_default(), v1.Session() as session:
        x, y = v1.placeholder(tf.float32, [None], name="x"), v1.placeholder(tf.float32, [None], name="y")
        with pytest.raises(tf.errors.InvalidArgumentError, match="You must feed a value for placeholder tensor 'y'"):
            session.run(y, {x: [1.0]})


def test_an_open_batch_is_no_number():
    """DPL148."""
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, 3])
        assert x.get_shape()[0] is None
        with pytest.raises((TypeError, ValueError), match="None"):
            tf.zeros([x.get_shape()[0], 4])


def test_what_signatures_are_called(tmp_path):
    """The names of inputs that `deplint.code.signatures` tells from code."""

    class Module(tf.Module):
        @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32, name="features"), tf.TensorSpec([None], tf.float32)])
        def serve(self, x, scale):
            return {"y": x * scale[:, None]}

    @tf.function
    def other(x):
        return x + 1

    module = Module()
    tf.saved_model.save(module, str(tmp_path / "1"), signatures={"serving_default": module.serve})
    _, taken = tf.saved_model.load(str(tmp_path / "1")).signatures["serving_default"].structured_input_signature
    assert set(taken) == {"features", "scale"}
    tf.saved_model.save(module, str(tmp_path / "2"), signatures=other.get_concrete_function(tf.TensorSpec([None], tf.float32, name="z")))
    _, taken = tf.saved_model.load(str(tmp_path / "2")).signatures["serving_default"].structured_input_signature
    assert set(taken) == {"z"}

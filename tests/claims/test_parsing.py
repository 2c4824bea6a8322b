"""Claims about the graphs of TensorFlow 1 that are exported: DPL140, DPL141."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.tensorflow


def test_a_placeholder_is_no_feature() -> None:
    tf = pytest.importorskip("tensorflow")
    with tf.Graph().as_default():
        serialized = tf.compat.v1.placeholder(tf.string, [None])
        with pytest.raises(ValueError, match="Unsupported"):
            tf.io.parse_example(serialized, {"times": tf.compat.v1.placeholder(tf.float32)})
        assert tf.io.parse_example(serialized, {"times": tf.io.FixedLenFeature([], tf.float32)})["times"].shape.rank == 1


def test_a_session_that_was_just_opened_has_no_values(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow")
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, 2])
        y = x + v1.get_variable("v", [2])
        with v1.Session() as session, pytest.raises(tf.errors.FailedPreconditionError):
            v1.saved_model.simple_save(session, str(tmp_path / "1"), {"x": x}, {"y": y})
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            v1.saved_model.simple_save(session, str(tmp_path / "2"), {"x": x}, {"y": y})
        assert (tmp_path / "2" / "saved_model.pb").exists()


def test_a_builder_stores_the_signatures_it_is_given(tmp_path: Path) -> None:
    tf = pytest.importorskip("tensorflow")
    v1 = tf.compat.v1
    with tf.Graph().as_default():
        x = v1.placeholder(tf.float32, [None, 2])
        y = x + 1
        with v1.Session() as session:
            builder = v1.saved_model.builder.SavedModelBuilder(str(tmp_path / "1"))
            builder.add_meta_graph_and_variables(session, ["serve"])
            builder.save()
            builder = v1.saved_model.builder.SavedModelBuilder(str(tmp_path / "2"))
            signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
            builder.add_meta_graph_and_variables(session, ["train"], signature_def_map={"serving_default": signature})
            builder.save()
    assert list(tf.saved_model.load(str(tmp_path / "1")).signatures) == []
    with v1.Session(graph=tf.Graph()) as session, pytest.raises(RuntimeError, match="MetaGraphDef associated with tags"):
        v1.saved_model.loader.load(session, ["serve"], str(tmp_path / "2"))

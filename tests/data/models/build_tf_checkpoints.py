"""Write tensorflow/VERSION/: checkpoints, MetaGraphs, models as text and TensorFlow Hub modules, as one TensorFlow release writes them,
and beside each checkpoint what that release reads from it (``NAME.json``).

Run from this folder: ``python build_tf_checkpoints.py``, in an environment with TensorFlow 1.15 (and tensorflow-hub), 2.15 or 2.21.
It is written for Python 3.7, which TensorFlow 1 needs.
"""

import json
import os
import shutil

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
VERSION = ".".join(tf.__version__.split(".")[:2])
HERE = os.path.join("tensorflow", "tf" + VERSION)
TF2 = not VERSION.startswith("1.")


def network():
    """Variables of TensorFlow 1 and 2, of several types, one in parts, on two devices; constants in several codings."""
    graph = v1.Graph()
    with graph.as_default():
        v1.set_random_seed(1)
        x = v1.placeholder(tf.float32, (None, 4), name="x")
        with v1.device("/cpu:0"):
            kernel = v1.get_variable("dense/kernel", (4, 3), use_resource=False)
            bias = v1.get_variable("dense/bias", (3,), initializer=v1.ones_initializer(), use_resource=True)
        with v1.device("/cpu:1"):
            parts = v1.get_variable("table", (6, 3), partitioner=v1.fixed_size_partitioner(2, axis=0), use_resource=False)
            v1.get_variable("step", (), tf.int64, v1.zeros_initializer(), use_resource=True)
            v1.get_variable("half", (2,), tf.float16, v1.ones_initializer(), use_resource=True)
            v1.get_variable("flag", (2,), tf.bool, v1.zeros_initializer(), use_resource=True)
        y = tf.nn.relu(tf.matmul(x, kernel) + bias, name="y")
        rows = tf.gather(tf.concat(list(parts), 0), tf.constant([0, 5], name="rows"))
        words = tf.constant([b"plain", "\u00e9\u4e2d\"'\\\n\t".encode("utf-8"), b"\xff\x00\x01"], name="words")
        double = tf.constant([0.1, -np.inf, 1e300], tf.float64, name="double")
        tf.constant(np.arange(12, dtype=np.uint8).reshape(3, 4), name="bytes")
        tf.constant([1 + 2j], tf.complex64, name="complex")
        tf.constant([-1, 1 << 40], tf.int64, name="long")
        tf.constant(1.5, tf.bfloat16, (3, 2), name="splat")
        scores = tf.identity(y + v1.reduce_sum(rows) + tf.cast(v1.reduce_sum(double), tf.float32), name="scores")
        tf.identity(words, name="said")
    return graph, x, scores


def session(graph):
    s = v1.Session(graph=graph, config=v1.ConfigProto(device_count={"CPU": 2}))
    with graph.as_default():
        s.run(v1.global_variables_initializer())
    return s


def told(prefix, path):
    """What TensorFlow reads from a checkpoint."""
    reader = v1.train.NewCheckpointReader(prefix)
    shapes, types = reader.get_variable_to_shape_map(), reader.get_variable_to_dtype_map()
    found = {}
    for name in sorted(shapes):
        try:
            value = reader.get_tensor(name)
        except tf.errors.UnimplementedError:  # float16 in the oldest format
            value = None
        content = value.tobytes().hex() if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biuf" else None
        found[name] = {"dtype": types[name].name, "shape": shapes[name], "bytes": content}
    with open(path, "w") as stream:
        json.dump(found, stream, indent=1, sort_keys=True)


def graphs():
    graph, x, scores = network()
    with session(graph) as s:
        with graph.as_default():
            saver, sharded = v1.train.Saver(max_to_keep=2), v1.train.Saver(sharded=True)
            old = v1.train.Saver(write_version=v1.train.SaverDef.V1)
        for step in (3, 7):
            prefix = saver.save(s, os.path.join(HERE, "saver", "model.ckpt"), global_step=step)
        os.rename(prefix + ".meta", os.path.join(HERE, "saver", "kept"))
        for name in os.listdir(os.path.join(HERE, "saver")):
            if "ckpt-3" in name:
                os.remove(os.path.join(HERE, "saver", name))
        os.rename(os.path.join(HERE, "saver", "kept"), prefix + ".meta")
        told(prefix, os.path.join(HERE, "saver", "model.ckpt-7.json"))
        prefix = sharded.save(s, os.path.join(HERE, "sharded", "model.ckpt"), write_meta_graph=False, write_state=False)
        told(prefix, os.path.join(HERE, "sharded", "model.ckpt.json"))
        prefix = old.save(s, os.path.join(HERE, "v1", "old.ckpt"), write_meta_graph=False, write_state=False)
        told(prefix, os.path.join(HERE, "v1", "old.ckpt.json"))
        with graph.as_default():
            saver.export_meta_graph(os.path.join(HERE, "saver", "model.ckpt-7.pbtxt"), as_text=True)
        definition = graph.as_graph_def()
        tf.io.write_graph(definition, HERE, "graph.pb", as_text=False)
        tf.io.write_graph(definition, HERE, "graph.pbtxt")
        for folder, as_text in ("builder", False), ("builder_text", True):
            builder = v1.saved_model.Builder(os.path.join(HERE, folder))
            signature = v1.saved_model.predict_signature_def({"x": x}, {"scores": scores})
            with graph.as_default():
                builder.add_meta_graph_and_variables(s, ["serve"], {"serving_default": signature}, saver=saver)
            builder.save(as_text=as_text)


def hub_module():
    import tensorflow_hub as hub

    def embed():
        words = v1.placeholder(tf.int32, (None,), name="words")
        table = v1.get_variable("embedding", (5, 2), use_resource=True)
        hub.add_signature(inputs={"words": words}, outputs={"default": tf.gather(table, words)})

    spec = hub.create_module_spec(embed)
    with v1.Graph().as_default():
        module = hub.Module(spec)
        with v1.Session() as s:
            s.run(v1.global_variables_initializer())
            module.export(os.path.join(HERE, "hub_module"), s)


def objects():
    """A checkpoint of objects, and the SavedModel that Keras 2 writes."""
    import keras

    layers = [keras.layers.Input((4,)), keras.layers.Dense(3, name="one"), keras.layers.Dense(2, name="two")]
    model = keras.Sequential(layers)
    model.compile("adam", "mse")
    model.fit(np.ones((2, 4)), np.ones((2, 2)), verbose=0)
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer, step=tf.Variable(1, dtype=tf.int64))
    manager = tf.train.CheckpointManager(checkpoint, os.path.join(HERE, "objects"), 2)
    prefix = manager.save()
    told(prefix, os.path.join(HERE, "objects", "ckpt-1.json"))
    if keras.__version__.startswith("2."):
        model.save(os.path.join(HERE, "keras_saved"), include_optimizer=False)


if __name__ == "__main__":
    shutil.rmtree(HERE, ignore_errors=True)
    for folder in "saver", "sharded", "v1":
        os.makedirs(os.path.join(HERE, folder))
    graphs()
    if TF2:
        objects()
    else:
        hub_module()

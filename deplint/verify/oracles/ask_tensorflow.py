"""TensorFlow, standing in for TensorFlow Serving of the same release: is the SavedModel restored under the tag ``serve``, with a signature?

The server restores models with the C++ loader that ``tf.compat.v1.saved_model.loader`` follows: operators of the graph must be registered,
variables are restored, initializers run.
"""

from __future__ import annotations

import tensorflow as tf
from serve import serve


def answer(path: str, target: str, numeric: bool) -> None:
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        loaded = tf.compat.v1.saved_model.loader.load(session, ["serve"], path)
        if not [name for name in loaded.signature_def if not name.startswith("__")]:
            raise ValueError("the model has no signature that could be asked for")


serve(answer)

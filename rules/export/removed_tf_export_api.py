"""Export code that uses what TensorFlow 2 no longer has.

`tf.contrib`, `tf.estimator`, `tf.saved_model.simple_save` and `tf.saved_model.builder`, the graph tools under
`tf.graph_util` and Keras' `tf.keras.experimental.export_saved_model` are gone: ``AttributeError: module 'tensorflow'
has no attribute 'contrib'``. Most live on in `tf.compat.v1`, `tf.contrib` and (since 2.16) `tf.estimator` nowhere.

```python bad
import tensorflow as tf

with tf.compat.v1.Session() as session:
    tf.saved_model.simple_save(session, "export/1", inputs={"x": x}, outputs={"y": y})  # <-

estimator = tf.estimator.Estimator(model_fn)  # <-
estimator.export_saved_model("export", serving_input_fn)
```

```python bad
import tensorflow as tf
from tensorflow.contrib import lite  # <-

graph = tf.graph_util.convert_variables_to_constants(session, definition, ["out"])  # <-
```

```python good
import tensorflow as tf

tf.compat.v1.saved_model.simple_save(session, "export/1", inputs={"x": x}, outputs={"y": y})
tf.saved_model.save(module, "export/2")

if hasattr(tf, "contrib"):
    tf.contrib.quantize.create_eval_graph()
try:
    from tensorflow.contrib import lite
except ImportError:
    lite = tf.lite
if tf.__version__.startswith("1."):
    builder = tf.saved_model.builder.SavedModelBuilder("export/1")
```

```python good
import tensorflow.compat.v1 as tf

builder = tf.saved_model.builder.SavedModelBuilder("export/1")
```

Where an older TensorFlow is pinned, its names exist.

```python good versions=tensorflow==1.15
import tensorflow as tf

tf.saved_model.simple_save(session, "export/1", inputs={}, outputs={})
```

```python good versions=tensorflow==2.12
import tensorflow as tf

estimator = tf.estimator.Estimator(model_fn)
```

What was imported where a failure is caught is used where it is there.

```python good
import tensorflow as tf

try:
    import tensorflow.contrib.graph_editor as ge
except:
    pass

def walk(ys):
    return ge.get_backward_walk_ops([y.op for y in ys], inclusive=True)
```

References: the names are read from the wheels of every minor release, 1.15 to 2.21 (`tools/tensorflow_history.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

from . import removed_names


@rule(
    "DPL403",
    severity="error",
    leaves=["S.2.1", "S.2.4", "M.2.3"],
    see=["https://www.tensorflow.org/guide/migrate/saved_model", "https://www.tensorflow.org/guide/migrate/migrating_estimator"],
)
def removed_tf_export_api(file: PythonFile, project: Project) -> Iterator[Finding]:
    yield from removed_names(
        file,
        project,
        "tensorflow.{contrib,estimator,GraphDef,MetaGraphDef}",
        "tensorflow.{saved_model,graph_util,keras.experimental}.**",
        "tensorflow.keras.{experimental,estimator}",
        "tensorflow.train.{write_graph,import_meta_graph}",
    )

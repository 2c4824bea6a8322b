"""A TFLite converter of TensorFlow 1 on TensorFlow 2.

`tf.lite.TocoConverter`, `tf.lite.toco_convert` and the constructors `from_session`, `from_frozen_graph` and
`from_keras_model_file` are not in TensorFlow 2: ``AttributeError: type object 'TFLiteConverterV2' has no attribute
'from_frozen_graph'``. They exist under `tf.compat.v1.lite`.

```python bad
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_frozen_graph("graph.pb", ["input"], ["output"])  # <-
tf.lite.TocoConverter.from_saved_model("export/1")  # <-
```

```python good
import tensorflow as tf

converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph("graph.pb", ["input"], ["output"])
try:
    converter = tf.lite.TFLiteConverter.from_keras_model_file("net.h5")
except AttributeError:
    converter = tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model("net.h5"))
```

TensorFlow's own module `tensorflow.lite.python.lite` keeps the converter of TensorFlow 1 under its old name.

```python good
from tensorflow.lite.python import lite

converter = lite.TFLiteConverter.from_session(session, [x], [y])
```

```python good versions=tensorflow==1.14
import tensorflow as tf

converter = tf.lite.TFLiteConverter.from_session(session, [x], [y])
```

References: https://stackoverflow.com/questions/53680660; the names are read from the wheels of every minor release, 1.15 to 2.21
(`tools/tensorflow_history.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile

from ..export import removed_names


@rule(
    "DPL102",
    severity="error",
    leaves=["M.2.2"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/lite/TFLiteConverter", "https://stackoverflow.com/questions/51863312"],
)
def removed_lite_api(file: PythonFile, project: Project) -> Iterator[Finding]:
    yield from removed_names(file, project, "tensorflow.lite.**")

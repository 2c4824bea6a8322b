"""Devices or threads of TensorFlow that are set up after TensorFlow has started them.

The first operation, and so the first model that is loaded, starts the runtime. After it `set_memory_growth`, virtual devices and the
number of threads can no longer be changed: ``RuntimeError: Physical devices cannot be modified after being initialized``, ``Intra op
parallelism cannot be modified after initialization``.

```python bad path=server.py
import tensorflow as tf
from gpu import limit

model = tf.keras.models.load_model("m.keras")  # <-
limit()
```

```python + path=gpu.py
import tensorflow as tf

def limit():
    for gpu in tf.config.list_physical_devices("GPU"):
        tf.config.experimental.set_memory_growth(gpu, True)
```

```python bad
import tensorflow as tf

x = tf.constant([1.0])  # <-
gpus = tf.config.list_physical_devices("GPU")
tf.config.set_logical_device_configuration(gpus[0], [tf.config.LogicalDeviceConfiguration(memory_limit=2048)])
```

```python good
import tensorflow as tf

tf.random.set_seed(42)
for gpu in tf.config.list_physical_devices("GPU"):
    tf.config.experimental.set_memory_growth(gpu, True)
tf.config.threading.set_intra_op_parallelism_threads(2)
model = tf.keras.models.load_model("m.keras")

def later():
    try:
        tf.config.set_visible_devices([], "GPU")
    except RuntimeError:
        pass

def first():
    return tf.constant([1.0])

def threads():
    tf.config.threading.set_inter_op_parallelism_threads(1)
```

References: executed with TensorFlow 2.21 (`tests/claims/test_export_families_tensorflow.py`); `python/eager/context.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.facts import Call
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile

STARTS = matcher(
    "tensorflow.{constant,zeros,ones,Variable,convert_to_tensor,range,random.{normal,uniform},saved_model.load}",
    "tensorflow.keras.{models.load_model,applications.**}",
    "tensorflow.config.{list_logical_devices,experimental.list_logical_devices}",
    "tensorflow.test.{gpu_device_name,is_gpu_available}",
)
"""What certainly starts the runtime."""
SETS = (
    "tensorflow.config.{experimental.,}set_memory_growth",
    "tensorflow.config.{experimental.set_virtual_device_configuration,set_logical_device_configuration}",
    "tensorflow.config.threading.set_{intra,inter}_op_parallelism_threads",
)


@rule(
    "DPL989",
    severity="error",
    leaves=["S.3.3", "S.4.4"],
    since={"tensorflow": "2.1"},
    see=["https://www.tensorflow.org/guide/gpu#limiting_gpu_memory_growth"],
)
def devices_set_too_late(file: PythonFile) -> Iterator[Finding]:
    if not file.calls(*SETS):
        return
    sets = matcher(*SETS)
    start: Call | None = None
    for call in file.calls("tensorflow.**"):
        if start is None and STARTS(call.name) and call.file is file and call.certain and not call.functions and not call.guarded:
            start = call
        elif start is not None and sets(call.name) and not call.guarded and _run(call, file):
            yield Finding(
                start,
                f"this starts TensorFlow's devices, and {call.name.rpartition('.')[2]} comes after it"
                + (f" ({call.place.path})" if call.file is not file else "")
                + ": RuntimeError, it cannot be modified after initialization",
                help="set devices and threads up before anything else is done with TensorFlow",
            )
            return


def _run(call: Call, file: PythonFile) -> bool:
    """It runs while the module does: by itself, or in a function that a statement of the module calls."""
    if not call.functions:
        return True
    statements = [one for one in file.shape.tree.body if not isinstance(one, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    named = {n.func.id for one in statements for n in ast.walk(one) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    return call.functions[0].name in named

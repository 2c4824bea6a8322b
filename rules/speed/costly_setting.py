"""A setting for finding faults, left on in a service.

Each costs time in every request, or fills the disk: graph optimization switched off, a profile written for every run,
functions of TensorFlow run step by step, PyTorch looking for anomalies in every operation.

```python bad
import onnxruntime as ort
from flask import Flask

options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL  # <-
options.enable_profiling = True  # <-
session = ort.InferenceSession("net.onnx", options)
app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    return str(session.run(None, {"x": read()}))
```

```python bad
import tensorflow as tf
import torch
from fastapi import FastAPI

tf.config.run_functions_eagerly(True)  # <-
torch.autograd.set_detect_anomaly(True)  # <-
app = FastAPI()

@app.post("/predict")
def predict():
    return {}
```

```python good
import onnxruntime as ort
import tensorflow as tf
from flask import Flask

options = ort.SessionOptions()
options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
options.enable_profiling = False
session = ort.InferenceSession("net.onnx", options)
tf.config.run_functions_eagerly(False)
app = Flask(__name__)

@app.route("/predict", methods=["POST"])
def predict():
    return str(session.run(None, {"x": read()}))
```

A benchmark or a test may want them.

```python good
import onnxruntime as ort

options = ort.SessionOptions()
options.enable_profiling = True
session = ort.InferenceSession("net.onnx", options)
session.run(None, {"x": read()})
```

References: https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html;
https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection ("should be enabled only for debugging");
https://www.tensorflow.org/api_docs/python/tf/config/run_functions_eagerly
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.services import serves
from deplint.finding import Place

OPTIONS = {
    ("graph_optimization_level", "ORT_DISABLE_ALL"): "graph optimization is off: no operators are fused",
    ("enable_profiling", True): "every run is profiled into a file that grows",
}
CALLS = {
    "tensorflow.config.run_functions_eagerly": ("run_eagerly", "functions run step by step, not as graphs"),
    "tensorflow.config.experimental_run_functions_eagerly": ("run_eagerly", "functions run step by step, not as graphs"),
    "torch.autograd.set_detect_anomaly": ("mode", "every operation is checked for anomalies"),
}


@rule(
    "DPL654",
    severity="warning",
    leaves=["S.1.1", "S.3.3"],
    see=[
        "https://onnxruntime.ai/docs/performance/model-optimizations/graph-optimizations.html",
        "https://docs.pytorch.org/docs/stable/autograd.html#anomaly-detection",
        "https://www.tensorflow.org/api_docs/python/tf/config/run_functions_eagerly",
    ],
)
def costly_setting(file: PythonFile) -> Iterator[Finding]:
    if not serves(file):
        return
    found: list[tuple[Place, str]] = []
    for assignment in file.sets("onnxruntime.SessionOptions()"):
        known = assignment.value.python()
        last = known.rpartition(".")[2] if isinstance(known, str) else known
        if not assignment.guarded and assignment.file is file and (assignment.path, last) in OPTIONS:
            found.append((assignment.place, OPTIONS[assignment.path, last]))
    for call in file.calls(*CALLS):
        name, what = CALLS[call.name]
        if call.argument(name, 0).python() is True and not call.guarded and call.file is file:
            found.append((call.place, what))
    for place, what in dict(found).items():
        yield Finding(place, f"a setting for finding faults is on in a service: {what}", help="leave it out where requests are served")

"""Rows asked of a model of which an output has no axis.

TensorFlow Serving answers `instances` with one element for each row, and takes every output apart along its first axis. An output
without one cannot be taken apart: ``Tensor name: label has no shape information``, status 400, though the model ran. Asked with
`inputs`, and over gRPC, it answers.

```python bad
import requests

url = "http://localhost:8501/v1/models/pets:predict"
requests.post(url, json={"instances": [[0.5, 1.0]]})  # <-
requests.post(url, json={"inputs": [[0.5, 1.0]]})
```

```graph + path=models/pets/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (label=label string[])
```

The code that exports the model says it as well.

```python bad path=ask.py
import requests

requests.post("http://localhost:8501/v1/models/pets:predict", json={"signature_name": "label", "instances": [[0.5, 1.0]]})  # <-
```

```python + path=export.py
import tensorflow as tf

label = tf.cond(score > 0.5, lambda: tf.constant("dog"), lambda: tf.constant("cat"))
signature = tf.compat.v1.saved_model.predict_signature_def({"x": x}, {"label": label})
builder = tf.compat.v1.saved_model.Builder("models/pets/1")
builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map={"label": signature})
```

```python good
import requests

requests.post("http://localhost:8501/v1/models/pets:predict", json={"instances": [[0.5, 1.0]]})
```

```graph + path=models/pets/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (label=label string[?], free=free float32)
```

References: `MakeRowFormatJsonFromTensors` in `tensorflow_serving/util/json_tensor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asked, entry, rest
from deplint.code.signatures import reached


@rule(
    "DPL626",
    severity="error",
    leaves=["S.6.4", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/api_rest#predict_api", "https://stackoverflow.com/q/57553489"],
)
def rows_of_scalar_output(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        if request.verb != "predict" or entry(request.body, "instances") is None or request.body is None:
            continue
        signatures = asked(request, reached(project, request.model, file, request.version))
        scalars = [{name for name, tensor in signature.outputs.items() if tensor.shape == ()} for signature in signatures]
        if scalars and all(scalars):
            name = sorted(scalars[0])[0]
            yield Finding(
                request.body,
                f'the output "{name}" of the model has no axis, and rows are asked for: Tensor name: {name} has no shape information',
                help="ask with 'inputs' in place of 'instances', or give the output a first axis when exporting (tf.expand_dims)",
            )

"""A request that names a signature the SavedModel does not have.

TensorFlow Serving answers ``Serving signature key "predict_images" not found.`` over gRPC, and ``Serving signature name: "predict_images"
not found in signature def`` over REST. Without a name it takes `serving_default`.

```python bad path=client.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

def classify(crops):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "labels"
    request.model_spec.signature_name = "predict_images"  # <-
    request.inputs["image"].CopyFrom(crops)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
    return stub.Predict(request, 10.0)
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image=image float32[?,32,32,3]) -> (y=y float32[?,5])
```

Over REST it is a key of the body.

```python bad path=client.py
import requests

body = {"signature_name": "predict_images", "instances": [[1.0, 2.0]]}
requests.post("http://localhost:8501/v1/models/labels:predict", json=body)  # <-
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (y=y float32[?,5])
```

TensorFlow itself raises `KeyError` for it, and the TFLite converter `ValueError`.

```python bad path=predict.py
import tensorflow as tf

loaded = tf.saved_model.load("models/labels")
infer = loaded.signatures["predict_images"]
print(infer(x=tf.zeros((1, 2))))  # <-
tf.lite.TFLiteConverter.from_saved_model("models/labels", signature_keys=["predict_images"])  # <-
```

```graph + path=models/labels/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (y=y float32[?,5])
```

What is served under the name is what the project's settings say. Only a model that is there can be compared.

```python good path=client.py
import requests

body = {"signature_name": "predict_images", "instances": [[1.0, 2.0]]}
requests.post("http://localhost:8501/v1/models/labels:predict", json=body)
requests.post("http://localhost:8501/v1/models/elsewhere:predict", json=body)
requests.post("http://localhost:8501/v1/models/labels:predict", json={"instances": [[1.0, 2.0]]})
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,2]) -> (y=y float32[?,5])
signature predict_images (x=x float32[?,2]) -> (y=y float32[?,5])
```

A request that names none asks for `serving_default`. Without the model, the code that exports it says what there is.

```python bad path=client.py
import grpc
import requests
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

requests.post("http://localhost:8501/v1/models/mnist:predict", json={"instances": [[0.0, 1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/mnist:predict", json={"signature_name": "predict_images", "instances": [[0.0, 1.0]]})

def classify(image):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "mnist"
    request.inputs["images"].CopyFrom(image)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
    return stub.Predict(request, 10.0)  # <-
```

```python + path=export.py
import tensorflow as tf

info = tf.compat.v1.saved_model.build_tensor_info(x)
signature = tf.compat.v1.saved_model.build_signature_def({"images": info}, {"y": info}, "tensorflow/serving/predict")
builder = tf.compat.v1.saved_model.Builder("export/mnist/1")
builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map={"predict_images": signature})
builder.save()
```

References: `GetInfoMap` in `http_rest_api_handler.cc` and `RunPredict` in `predict_util.cc` of TensorFlow Serving.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.facts import Call
from deplint.code.loaded import called_signatures, model_at
from deplint.code.python import PythonFile
from deplint.code.requests import entry, grpc, keys, rest
from deplint.code.signatures import reached
from deplint.finding import Placed

DEFAULT = "serving_default"


@rule(
    "DPL604",
    severity="error",
    leaves=["S.2.3", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/signature_defs", "https://stackoverflow.com/q/53662280"],
)
def signature_key_mismatch(file: PythonFile, project: Project) -> Iterator[Finding]:
    for sent in grpc(file):
        given = sent.signature
        yield from _unknown(
            file, project, sent.model.text or "", "", sent.call if given.missing else given, DEFAULT if given.missing else given.text
        )
    for posted in rest(file):
        named = entry(posted.body, "signature_name")
        if named is not None:
            yield from _unknown(file, project, posted.model, posted.version, named, named.text)
        elif keys(posted.body) is not None:
            yield from _unknown(file, project, posted.model, posted.version, posted.call, DEFAULT)
    for call, model, name in called_signatures(file, project):
        if name not in model.signatures:
            yield _absent(call, model, name, "this raises KeyError")
    for call in file.calls("tensorflow.lite.TFLiteConverter.from_saved_model"):
        wanted, path = call.argument("signature_keys", 1), call.argument("saved_model_dir", 0).text
        read = model_at(path.rstrip("/") + "/saved_model.pb", call, project) if path and wanted.items else None
        for key in wanted.items or () if read is not None and not call.guarded else ():
            if read is not None and key.text is not None and key.text not in read.signatures:
                yield _absent(call, read, key.text, "this raises ValueError")
                break


def _absent(call: Call, model: Model, name: str, consequence: str) -> Finding:
    there = ", ".join(model.signatures) or "none at all"
    return Finding(call, f'the SavedModel has no signature "{name}": {consequence}', help=f"{model.path} has: {there}")


def _unknown(file: PythonFile, project: Project, model: str, version: str | None, at: Placed, name: str | None) -> Iterator[Finding]:
    served = reached(project, model, file, version) if model and name else []
    if served and not any(name in candidate.signatures for candidate in served):
        there = ", ".join(served[0].signatures) or "none at all"
        yield Finding(
            at,
            f'the model "{model}" has no signature "{name}"{", which is what a request without a name means" if name == DEFAULT else ""}: '
            "the server refuses the request",
            help=f"{served[0].path} has: {there}",
        )

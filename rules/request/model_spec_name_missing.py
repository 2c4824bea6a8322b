"""A request to TensorFlow Serving over gRPC that names no model.

A server may serve many models, so a request says which: ``request.model_spec.name = "flowers"``. One that does not is
answered with INVALID_ARGUMENT: ``Missing ModelSpec``, or ``ModelSpec has no name specified.`` where only the signature
was set.

```python bad
import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = predict_pb2.PredictRequest()
request.model_spec.signature_name = "serving_default"
request.inputs["x"].CopyFrom(tf.make_tensor_proto([[1.0, 2.0]]))
response = stub.Predict(request, 10.0)  # <-
```

```python good
import grpc
import tensorflow as tf
from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = predict_pb2.PredictRequest()
request.model_spec.name = "flowers"
stub.Predict(request, 10.0)
stub.Predict(predict_pb2.PredictRequest(model_spec=model_pb2.ModelSpec(name="flowers")), 10.0)
```

A function of elsewhere, or what a text is parsed into, may set it.

```python good
import grpc
from google.protobuf import json_format
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc
from helpers import fill

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
stub.Predict(json_format.ParseDict({"modelSpec": {"name": "flowers"}}, predict_pb2.PredictRequest()), 10.0)
request = predict_pb2.PredictRequest()
fill(request)
stub.Predict(request, 10.0)
```

References: `ServableRequestFromModelSpec` in `tensorflow_serving/model_servers/server_core.cc`, `TensorflowPredictor::Predict` in
`tensorflow_serving/servables/tensorflow/predict_impl.cc`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.requests import grpc

ELSEWHERE = re.compile(r"json_format|text_format|ParseFromString|MergeFrom|model_spec\.CopyFrom|SerializeToString")
"""Other ways to fill a message."""


@rule(
    "DPL607",
    severity="error",
    leaves=["S.5.2"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.19.0/tensorflow_serving/model_servers/server_core.cc",
        "https://stackoverflow.com/q/49425147",
    ],
)
def model_spec_name_missing(file: PythonFile) -> Iterator[Finding]:
    for request in () if ELSEWHERE.search(file.text) else grpc(file):
        if request.model.missing and not request.call.guarded:
            yield Finding(
                request.call,
                "the request names no model: TensorFlow Serving answers INVALID_ARGUMENT, ModelSpec has no name specified",
                help='set request.model_spec.name = "..." to the name the server serves the model under',
            )

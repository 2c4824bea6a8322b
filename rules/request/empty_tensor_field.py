"""A field of a TensorProto that is empty for what the model answers.

An answer over gRPC holds its values in one field, by the type of the output: `float_val` for float32, `int64_val` for int64,
`string_val` for text, and so on. The other fields are there, and empty: nothing fails but what comes next. `tf.make_ndarray` reads
the right one, and gives the shape as well.

```python bad
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = predict_pb2.PredictRequest()
request.model_spec.name = "labels"
request.inputs["x"].CopyFrom(made())
answer = stub.Predict(request, 10.0)
classes = answer.outputs["classes"].float_val  # <-
scores = answer.outputs["scores"].float_val
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (classes=classes int64[?], scores=scores float32[?,3])
```

```python good
import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = predict_pb2.PredictRequest()
request.model_spec.name = "labels"
request.inputs["x"].CopyFrom(made())
answer = stub.Predict(request, 10.0)
classes = tf.make_ndarray(answer.outputs["classes"])
numbers = answer.outputs["classes"].int64_val
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (classes=classes int64[?], scores=scores float32[?,3])
```

References: `tensorflow/core/framework/tensor.proto`
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asked, grpc
from deplint.code.signatures import reached

FIELDS = {
    "half_val": {"float16", "bfloat16"},
    "float_val": {"float32"},
    "double_val": {"float64"},
    "int_val": {"int32", "int16", "uint16", "int8", "uint8"},
    "int64_val": {"int64"},
    "string_val": {"string"},
    "bool_val": {"bool"},
    "uint32_val": {"uint32"},
    "uint64_val": {"uint64"},
}


@rule(
    "DPL647",
    severity="error",
    leaves=["S.6.4"],
    see=["https://www.tensorflow.org/api_docs/python/tf/make_ndarray", "https://stackoverflow.com/q/46233068"],
)
def empty_tensor_field(file: PythonFile, project: Project) -> Iterator[Finding]:
    read = list(_read(file)) if "_val" in file.text else []
    requests = list(grpc(file)) if read else []
    if len({(request.model.text, request.signature.text) for request in requests}) != 1:
        return
    request = requests[0]
    known = request.signature.text or "" if request.signature.missing or request.signature.text is not None else None
    signatures = asked(known, reached(project, request.model.text or "", file))
    for node, name in read:
        types = {s.outputs[name].dtype if name in s.outputs else "" for s in signatures}
        dtype = types.pop() if len(types) == 1 else ""
        right = next((field for field, kinds in FIELDS.items() if dtype in kinds), "")
        if right and right != node.attr:
            yield Finding(
                file.place_of(node),
                f'the output "{name}" is {dtype}, which is not in {node.attr}: the list is empty',
                help=f'use tf.make_ndarray(....outputs["{name}"]), or {right}',
            )


def _read(file: PythonFile) -> Iterator[tuple[ast.Attribute, str]]:
    """Where a field of an answer's output is read, with the output's name."""
    for node in file.shape.nodes:
        match node:
            case ast.Attribute(attr=field, value=ast.Subscript(value=ast.Attribute(attr="outputs"), slice=ast.Constant(value=str(name)))):
                if field in FIELDS:
                    yield node, name

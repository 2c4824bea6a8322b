"""A client that installs all of TensorFlow for a few message classes.

The package `tensorflow-serving-api` holds the gRPC stubs of TensorFlow Serving, and depends on `tensorflow`: more than a gigabyte on a
client that sends arrays and reads arrays, too much for a serverless function, and unavailable on many small devices.

```requirements bad path=client/requirements.txt
grpcio==1.68.1
tensorflow-serving-api==2.19.1  # <-
```

```python + path=client/classify.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
```

Code that uses TensorFlow for more than building and reading the messages needs it anyway.

```requirements good path=client/requirements.txt
grpcio==1.68.1
tensorflow-serving-api==2.19.1
```

```python + path=client/classify.py
import grpc
import tensorflow as tf
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

image = tf.io.decode_jpeg(tf.io.read_file("cat.jpg"))
```

Where TensorFlow is asked for by name, somebody has decided so.

```requirements good path=client/requirements.txt
tensorflow==2.19.1
tensorflow-serving-api==2.19.1
```

References: the metadata of the package on the index, which requires `tensorflow` in every release since 1.13.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.patterns import matcher
from deplint.code.python import PythonFile
from deplint.settings.pins import Requirements

MESSAGES = matcher(
    "tensorflow",
    "tensorflow.{make_tensor_proto,make_ndarray,TensorProto}",
    "tensorflow.core.framework.**",
    "tensorflow.{float16,float32,float64,uint8,int8,int16,int32,int64,bool,string}",
    "tensorflow.python.framework.tensor_util.**",
)
"""What of TensorFlow only builds and reads messages."""


@rule(
    "DPL507",
    severity="info",
    leaves=["S.3.1"],
    see=["https://pypi.org/project/tensorflow-serving-api/", "https://stackoverflow.com/q/53876946"],
)
def thin_client_pulls_tensorflow(requirements: Requirements, project: Project) -> Iterator[Finding]:
    pins = [pin for name in ("tensorflow-serving-api", "tensorflow-serving-api-gpu") for pin in requirements.named(name)]
    if not pins or requirements.named("tensorflow") or requirements.named("keras") or pins[0].locked:
        return
    folder = Path(os.path.abspath(requirements.path)).parent
    code = [file for file in project.all(PythonFile) if file.file.path.is_relative_to(folder)]
    if any(file.has("tensorflow_serving") for file in code) and not any(_computes(file) for file in code):
        yield Finding(
            pins[0],
            "tensorflow-serving-api installs all of TensorFlow, and nothing here uses more of it than the messages",
            help="ask over REST, or generate the stubs from TensorFlow Serving's .proto files",
        )


def _computes(file: PythonFile) -> bool:
    return any(not MESSAGES(name.dotted) for name in file.names("tensorflow.**", "tensorflow", "keras.**", "tf_keras.**"))

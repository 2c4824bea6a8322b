"""A request for a model that TensorFlow Serving is not told to serve.

The name in a request is the one that the server was given for the model, by `model_name`, `MODEL_NAME` or in its ``models.config``,
and not that of a file: ``Servable not found for request: Latest(mnist)``, status 404.

```python bad path=client.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

def classify(image):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "mnist"  # <-
    request.inputs["images"].CopyFrom(image)
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
    return stub.Predict(request, 10.0)
```

```text + path=models.config
model_config_list {
  config { name: "digits" base_path: "/models/digits" model_platform: "tensorflow" }
  config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" }
}
```

So it is over REST.

```python bad path=ask.py
import requests

requests.post("http://localhost:8501/v1/models/fruits:predict", json={"instances": [[1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/fruit:predict", json={"instances": [[1.0]]})
```

```bash + path=serve.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
```

Nothing is said where a server's models are not known, or something else mentions the name.

```python good path=ask.py
import requests

requests.post("http://localhost:8501/v1/models/fruits:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:8501/v1/models/berries:predict", json={"instances": [[1.0]]})
```

```bash + path=serve.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
```

```markdown + path=README.md
Or serve the berries: `docker run -v "$PWD/berries:/models/berries" -e MODEL_NAME=berries tensorflow/serving`; and the
fruits with `tensorflow_model_server --model_name=fruits --model_base_path=/models/fruits`.
```

References: `AvailableServable` in `tensorflow_serving/core/manager.cc` and `server_core.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Place, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import grpc, rest, written
from deplint.settings.serving import answers, kserve, listing, mentioned, saved_models, servers
from deplint.settings.triton import ServingModels


@rule(
    "DPL627",
    severity="warning",
    leaves=["S.4.4", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/serving_config", "https://stackoverflow.com/q/53662280"],
)
def model_not_served(file: PythonFile, project: Project) -> Iterator[Finding]:
    asked = list(_asked(file, project))
    served = _served(file, project) if asked else set()
    for name, place in asked:
        if not served or name in served or kserve(project) or saved_models(project, name, file):
            continue
        told = rf"(?i)model_name[\"'=: \\]+{re.escape(name)}\b|(?<!v1/)models/{re.escape(name)}\b|name: *\"{re.escape(name)}\""
        if not mentioned(project, told, inside=project.area(file)):
            yield Finding(
                place,
                f'no server of the project serves a model called "{name}": Servable not found for request',
                help=f"the names served are: {', '.join(sorted(served))}",
            )


def _asked(file: PythonFile, project: Project) -> Iterator[tuple[str, Place]]:
    """The names that requests to TensorFlow Serving ask for."""
    for request in rest(file):
        if request.model and answers(project, "", request.port, file):
            yield request.model, written(request.url, f"models/{request.model}")
    for sent in grpc(file):
        if sent.model.text:
            yield sent.model.text, sent.model.place


def _served(near: PythonFile, project: Project) -> set[str]:
    """The names under which models are served around a file; empty if they are not all known."""
    inside = project.area(near)
    running = [server for server in servers(project) if server.path.is_relative_to(inside)]
    listed = [facts for facts in project.all(ServingModels) if Path(os.path.abspath(facts.path)).is_relative_to(inside)]
    if any(server.models is None for server in running) and not listed:
        return set()
    return {served.name for server in running for served in server.models or ()} | {
        served.name for facts in listed for served in listing(facts)
    }

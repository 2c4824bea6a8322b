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

So it is with a server made of KServe's classes, whose models have the name that they are made with.

```python bad path=ask.py
import requests

def ask(host, rows):
    return requests.post(f"http://{host}/v1/models/segmenter:predict", json={"instances": rows}, timeout=30).json()  # <-

def ask_well(host, rows):
    return requests.post(f"http://{host}/v1/models/custom-model:predict", json={"instances": rows}, timeout=30).json()
```

```python + path=predictor/model.py
import kserve
import torch

class Segmenter(kserve.Model):
    def __init__(self, name: str):
        super().__init__(name)
        self.net = torch.jit.load("/mnt/models/net.pt").eval()
        self.ready = True

    def predict(self, payload, headers=None):
        return {"predictions": self.net(torch.tensor(payload["instances"])).tolist()}

if __name__ == "__main__":
    kserve.ModelServer().start([Segmenter("custom-model")])
```

References: `AvailableServable` in `tensorflow_serving/core/manager.cc` and `server_core.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Place, Project, rule
from deplint.code.pipelines import files_with
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
    yield from _own(file, project)
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


def _own(file: PythonFile, project: Project) -> Iterator[Finding]:
    """Requests to a model server that is the project's own, made with KServe's classes, whose models are called otherwise."""
    asked = [(request.model, written(request.url, f"models/{request.model}")) for request in rest(file) if request.model]
    serving = files_with(project, re.compile(r"^\s*(?:from|import)\s+kserve\b", re.M), project.area(file)) if asked else []
    made = [call.argument("name", 0) for one in serving for call in one.calls("kserve.Model().__init__")]
    names = {name.text for name in made}
    if not names or None in names or servers(project) or not any("ModelServer(" in one.text for one in serving):
        return
    if any("predictor_host" in one.text or "model_name" in one.text for one in serving):
        return
    for name, place in asked:
        if name not in names:
            yield Finding(
                place,
                f'the project\'s own server has no model called "{name}": KServe answers 404, Model with name {name} does not exist',
                help=f"the names it gives its models are: {', '.join(sorted(name or '' for name in names))}",
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

"""A client asks TensorFlow Serving for a version that is not loaded.

Unless told otherwise the server loads the latest version alone, the folder with the highest number; `model_version_policy` may name
others. A request for any other is answered with 404: ``Servable not found for request: Specific(fruit, 1)``.

```python bad path=client.py
import requests

requests.post("http://localhost:8501/v1/models/fruit/versions/1:predict", json={"instances": [[1.0]]})  # <-
requests.post("http://localhost:8501/v1/models/fruit/versions/42:predict", json={"instances": [[1.0]]})
```

```textproto + path=models.config
model_config_list {
  config {
    name: "fruit"
    base_path: "/models/fruit"
    model_platform: "tensorflow"
    model_version_policy { specific { versions: 42 versions: 43 } }
  }
}
```

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/fruit/versions/1:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:8501/v1/models/fruit:predict", json={"instances": [[1.0]]})
```

```textproto + path=models.config
model_config_list {
  config {
    name: "fruit"
    base_path: "/models/fruit"
    model_platform: "tensorflow"
    model_version_policy { all {} }
  }
}
```

Without a policy the latest is served, whichever that is; here both versions are in the project.

```python bad path=client.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
request = predict_pb2.PredictRequest()
request.model_spec.name = "fruit"
request.model_spec.version.value = 1  # <-
stub.Predict(request, 10.0)
```

```bash + path=run.sh
docker run -p 8500:8500 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
```

```graph + path=fruit/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```graph + path=fruit/2/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/fruit/versions/3:predict", json={"instances": [[1.0]]})
```

```textproto + path=models.config
model_config_list { config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" } }
```

References: `serving_config.md` of TensorFlow Serving, "Serving a Specific Version of a Model".
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import grpc, rest, written
from deplint.finding import Place
from deplint.settings.serving import Served, kserve, listing, servers, versions
from deplint.settings.triton import ServingModels


@rule(
    "DPL514",
    severity="error",
    leaves=["S.4.4", "S.5.2"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/g3doc/serving_config.md#serving-a-specific-version-of-a-model",
        "https://stackoverflow.com/q/47807066",
    ],
)
def tfs_version_not_loaded(file: PythonFile, project: Project) -> Iterator[Finding]:
    for name, version, place in _asked(file):
        if kserve(project):
            return
        answers = [_loaded(served, folder, project) for served, folder in _served(name, file, project)]
        loaded = [numbers for numbers in answers if numbers]
        if loaded and len(loaded) == len(answers) and all(version not in numbers for numbers in loaded):
            there = ", ".join(map(str, sorted(set().union(*loaded))))
            yield Finding(
                place,
                f'version {version} of "{name}" is not loaded: TensorFlow Serving is told to serve {there}',
                help=f"model_version_policy {{ specific {{ versions: {version} }} }}, or ask without a version",
            )


def _asked(file: PythonFile) -> Iterator[tuple[str, int, Place]]:
    for request in rest(file):
        if request.version and request.model:
            yield request.model, int(request.version), written(request.url, f"versions/{request.version}")
    for call in grpc(file):
        asked = call.call.argument("request", 0).value("model_spec.version.value")
        version = asked.python()
        if call.model.text and isinstance(version, int):
            yield call.model.text, version, asked.place


def _served(name: str, near: PythonFile, project: Project) -> list[tuple[Served, Path | None]]:
    """What the project says is served under that name, with the folder of its versions."""
    inside = project.area(near)
    found: list[tuple[Served, Path | None]] = [
        (served, server.folder(served.base))
        for server in servers(project)
        for served in server.models or ()
        if served.name == name and server.path.is_relative_to(inside)
    ]
    found += [
        (served, None)
        for facts in project.all(ServingModels)
        for served in listing(facts)
        if served.name == name and Path(os.path.abspath(facts.path)).is_relative_to(inside) and served.versions
    ]
    return found


def _loaded(served: Served, folder: Path | None, project: Project) -> set[int]:
    """The versions that are loaded; empty if nobody can tell."""
    if served.versions is None:
        return set()
    if served.versions:
        return set(served.versions)
    there = versions(project, folder) if folder is not None else {}
    # One version alone may stand for those that are built elsewhere.
    return {max(there)} if len(there) > 1 else set()

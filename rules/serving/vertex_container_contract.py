"""A container for Vertex AI that does not answer where Vertex AI asks.

A container of one's own is asked at the routes and the port that `Model.upload` names. Without them it is asked at paths that Vertex AI
makes up (``/v1/endpoints/...:predict``, in `AIP_PREDICT_ROUTE` and `AIP_HEALTH_ROUTE`) and at port 8080. Where the service answers
elsewhere, the deployment ends after its time is up: ``Model server exited unexpectedly``, ``Failed to deploy: model server never became
ready``.

```python bad path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(  # <-
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
    serving_container_predict_route="/invocations",
    serving_container_health_route="/health",
)
```

```python + path=serve.py
import torch
from fastapi import FastAPI

app = FastAPI()

@app.get("/health")
def health():
    return {}

@app.post("/predict")
def predict(body: dict):
    return {"predictions": []}
```

```python good path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
    serving_container_predict_route="/predict",
    serving_container_health_route="/health",
)
```

```python + path=serve.py
import torch
from fastapi import FastAPI

app = FastAPI()

@app.get("/health")
def health():
    return {}

@app.post("/predict")
def predict(body: dict):
    return {"predictions": []}
```

Without routes the service has to ask the environment for them.

```python bad path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(  # <-
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
)
```

```python + path=serve.py
import torch
from fastapi import FastAPI

app = FastAPI()

@app.post("/predict")
def predict(body: dict):
    return {"predictions": []}
```

```python good path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(display_name="fruit", serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1")
```

```python + path=serve.py
import os
import torch
from fastapi import FastAPI

app = FastAPI()

@app.post(os.environ["AIP_PREDICT_ROUTE"])
def predict(body: dict):
    return {"predictions": []}
```

Google's own containers know where they are asked; of a service that is not in the project nothing is known.

```python good path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/vertex-ai/prediction/tf2-cpu.2-15:latest",
)
```

The port is 8080 unless `serving_container_ports` says otherwise.

```python bad path=deploy.py
from google.cloud import aiplatform

aiplatform.Model.upload(  # <-
    display_name="fruit",
    serving_container_image_uri="europe-docker.pkg.dev/project/images/fruit:1",
    serving_container_predict_route="/predict",
    serving_container_health_route="/predict",
)
```

```dockerfile + path=Dockerfile
FROM python:3.12
COPY serve.py .
CMD ["uvicorn", "serve:app", "--host", "0.0.0.0", "--port", "8000"]
```

```python + path=serve.py
import torch
from fastapi import FastAPI

app = FastAPI()

@app.post("/predict")
def predict(body: dict):
    return {"predictions": []}
```

References: "Custom container requirements for inference" in the documentation of Vertex AI.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.python import PythonFile
from deplint.code.services import routes
from deplint.settings.commands import started
from deplint.settings.containers import Deployment

OWN = re.compile(
    r".*-docker\.pkg\.dev/vertex-ai(-restricted)?/|gcr\.io/cloud-aiplatform/|.*(tritonserver|torchserve|tensorflow/serving|vllm)"
)
"""Images that are no service of the project's."""

ELSEWHERE = re.compile(r"add_api_route|add_url_rule|include_router|register_blueprint|\.mount\(|MethodView|Resource\b")
"""Other ways to make routes."""

ROUTES = {"serving_container_predict_route": "requests", "serving_container_health_route": "questions whether it is well"}
PORT = 8080


@rule(
    "DPL575",
    severity="error",
    leaves=["S.3.3"],
    see=["https://docs.cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements"],
)
def vertex_container_contract(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("google.cloud.aiplatform.{Model.upload,models.Model.upload}"):
        image = call.argument("serving_container_image_uri")
        inside = project.area(file)
        served = [route for route in routes(project) if route.file.file.path.is_relative_to(inside)]
        files = {route.file.path for route in served}
        told = any("AIP_" in other.text for other in project.all(PythonFile)) or call.open
        told = told or any(ELSEWHERE.search(route.file.text) for route in served)
        if image.missing or any(OWN.match(text) for text in image.texts) or len(files) != 1 or told:
            continue
        fault = next(filter(None, (_route(call, name, {route.path for route in served}) for name in ROUTES)), None) or _port(call, project)
        if fault:
            yield Finding(call, f"Vertex AI {fault[0]}: the model cannot be deployed", help=fault[1])


def _route(call: Call, name: str, paths: set[str]) -> tuple[str, str] | None:
    given = call.argument(name)
    listed = ", ".join(sorted(paths))
    if given.missing and name == "serving_container_predict_route":
        return (
            "asks at a path it makes up, as no routes are given",
            f"{name}=..., one of {listed}; or read AIP_PREDICT_ROUTE in the service",
        )
    if given.text is not None and given.text.rstrip("/") not in {path.rstrip("/") for path in paths}:
        return f"sends {ROUTES[name]} to {given.text}, where the service has no route", f"its routes are {listed}"
    return None


def _port(call: Call, project: Project) -> tuple[str, str] | None:
    """The service listens on another port than 8080, if a command line says so and no other does."""
    ports = set()
    for deployment in project.all(Deployment):
        for program in started(deployment, project) if deployment.kind == "dockerfile" else ():
            flag = program.flags.get("port")
            if program.name in ("uvicorn", "fastapi") and flag is not None:
                ports.add(flag.number)
    if call.argument("serving_container_ports").missing and len(ports) == 1 and None not in ports and PORT not in ports:
        port = next(iter(ports))
        return f"asks at port {PORT}, and the service listens on {port}", f"serving_container_ports=[{port}]"
    return None

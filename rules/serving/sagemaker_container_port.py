"""A container for SageMaker that listens on another port than 8080.

SageMaker asks `/ping` and `/invocations` of port 8080, whatever the image exposes. A service of one's own that listens on 5000 or 8000 is
never found well: ``The primary container for production variant AllTraffic did not pass the ping health check``.

```dockerfile bad
FROM python:3.11-slim
WORKDIR /opt/program
COPY program ./
EXPOSE 5000
ENTRYPOINT ["gunicorn", "--workers", "2", "--bind", "0.0.0.0:5000", "wsgi:app"]  # <-
```

```python + path=program/wsgi.py
from flask import Flask

app = Flask(__name__)

@app.route("/ping")
def ping():
    return ""

@app.route("/invocations", methods=["POST"])
def invocations():
    return "{}"
```

```python + path=deploy.py
from sagemaker.model import Model

Model("123456789012.dkr.ecr.eu-central-1.amazonaws.com/demand:1", role="demand").deploy(1, "ml.m5.large")
```

```dockerfile good
FROM python:3.11-slim
WORKDIR /opt/program
COPY program ./
ENTRYPOINT ["gunicorn", "--workers", "2", "--bind", "0.0.0.0:8080", "wsgi:app"]
```

```python + path=program/wsgi.py
from flask import Flask

app = Flask(__name__)

@app.route("/ping")
def ping():
    return ""

@app.route("/invocations", methods=["POST"])
def invocations():
    return "{}"
```

```python + path=deploy.py
from sagemaker.model import Model

Model("123456789012.dkr.ecr.eu-central-1.amazonaws.com/demand:1", role="demand").deploy(1, "ml.m5.large")
```

A server in front may pass requests on, and a service that nobody gives to SageMaker listens where it likes.

```dockerfile good
FROM python:3.11-slim
RUN apt-get update && apt-get install -y nginx
COPY program /opt/program
ENTRYPOINT ["gunicorn", "--bind", "0.0.0.0:5000", "wsgi:app"]
```

```python + path=program/wsgi.py
from flask import Flask
import sagemaker_inference

app = Flask(__name__)

@app.route("/ping")
def ping():
    return ""

@app.route("/invocations", methods=["POST"])
def invocations():
    return "{}"
```

References: https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.services import routes
from deplint.settings.containers import Deployment
from deplint.settings.listening import of_image
from deplint.settings.serving import mentioned

PORT = 8080
ASKED = frozenset(("/ping", "/invocations"))
ELSEWHERE = r"nginx|SAGEMAKER_BIND_TO_PORT|accept-bind-to-port|haproxy|traefik|caddy"
"""What may stand between port 8080 and the service."""


@rule(
    "DPL883",
    severity="error",
    leaves=["S.3.3", "S.5.2"],
    see=[
        "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html",
        "https://github.com/aws/amazon-sagemaker-examples/issues/1113",
    ],
)
def sagemaker_container_port(image: Deployment, project: Project) -> Iterator[Finding]:
    if image.kind != "dockerfile":
        return
    listening = of_image(image, project)
    if listening is None or PORT in listening.ports or not _is_deployed(image, project):
        return
    inside = project.area(image)
    paths = {route.path.rstrip("/") for route in routes(project) if route.file.file.path.is_relative_to(inside)}
    if paths >= ASKED and not mentioned(project, ELSEWHERE, inside=inside):
        yield Finding(
            listening.place,
            f"SageMaker asks /ping and /invocations of port {PORT}, and the service listens on "
            f"{', '.join(map(str, sorted(listening.ports)))}: the endpoint fails its ping health check",
            help=f"listen on 0.0.0.0:{PORT}",
        )


def _is_deployed(image: Deployment, project: Project) -> bool:
    """Code near the Dockerfile gives an image to SageMaker."""
    inside = project.area(image)
    return any(
        "sagemaker" in file.text
        and file.calls("sagemaker.**.{Model,Estimator}", "boto3.client().create_model", "boto3.client().create_endpoint_config")
        for file in project.all(PythonFile)
        if file.file.path.is_relative_to(inside)
    )

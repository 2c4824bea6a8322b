"""A model is mounted at /models/NAME, but TensorFlow Serving looks for another name.

The image serves ``${MODEL_BASE_PATH}/${MODEL_NAME}``, which is `/models/model` unless somebody says otherwise. A model mounted anywhere
else is not found: ``Could not find base path /models/model for servable model``. The flag `--model_name` alone does not help: it names
the model, and the base path stays.

```bash bad path=run.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" tensorflow/serving:2.19.0  # <-
```

```bash good path=run.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
docker run -p 8501:8501 -v "$PWD/fruit:/models/model" tensorflow/serving:2.19.0
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" tensorflow/serving:2.19.0 --model_base_path=/models/fruit
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" --env-file serving.env tensorflow/serving:2.19.0
docker run -p 8501:8501 -v "$PWD/models:/models" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
```

In a compose file, in Kubernetes and in a Dockerfile it is the same.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment:
      MODEL_NAME: fruits  # the folder is called fruit
    volumes:
      - ./models/fruit:/models/fruit  # <-
```

```dockerfile bad
FROM tensorflow/serving:2.19.0
COPY fruit /models/fruit  # <-
```

```dockerfile good
FROM tensorflow/serving:2.19.0
ENV MODEL_NAME=fruit
COPY fruit /models/fruit
```

Of a list of models, each base path has to be mounted.

```textproto bad path=models.config
model_config_list {
  config { name: "fruit" base_path: "/serving/fruit" model_platform: "tensorflow" }  # <-
  config { name: "price" base_path: "/models/price" model_platform: "tensorflow" }
  config { name: "bucket" base_path: "s3://models/bucket" model_platform: "tensorflow" }
}
```

```yaml + path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    command: [--model_config_file=/config/models.config]
    volumes: ["./export:/models:ro", "./models.config:/config/models.config:ro"]
```

What nobody can know is not reported: here the script may be given the name.

```bash good path=run.sh
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" $OPTIONS tensorflow/serving:2.19.0
docker run -p 8501:8501 -v "$PWD/fruit:/models/fruit" -e MODEL_NAME tensorflow/serving:2.19.0
```

References: `tensorflow_serving/tools/docker/Dockerfile` and `g3doc/docker.md` of TensorFlow Serving.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment
from deplint.settings.serving import Content, Server, below, mentioned, run_by

_NO_MODEL = re.compile(r"\.(config|conf|cfg|txt|pbtxt|json|ya?ml|pem|key|crt)$")


@rule(
    "DPL504",
    severity="error",
    leaves=["S.3.3"],
    see=["https://github.com/tensorflow/serving/blob/master/tensorflow_serving/g3doc/docker.md", "https://stackoverflow.com/q/58585816"],
)
def tfs_model_name_mount_mismatch(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for server in run_by(deployment, project):
        if not server.plain or "mounts" in server.unknown or not server.models:
            continue
        (served, *_) = server.models
        if "model_config_file" in server.flags:
            yield from _listed(server)
            continue
        if "://" in served.base or _provided(server, served.base):
            continue
        models = posixpath.dirname(served.base)
        for content in server.contents:
            if content.target is None or not re.fullmatch(re.escape(models) + r"/[^/]+(/\d+)?", content.target) or _is_no_model(content):
                continue
            if deployment.kind == "dockerfile" and mentioned(project, r"MODEL_NAME|model_base_path|model_config_file", deployment.path):
                continue
            flag = "model_base_path" in server.flags
            named = "" if flag or "MODEL_NAME" in server.env else " (MODEL_NAME is not set)"
            name = posixpath.relpath(content.target, models).partition("/")[0]
            yield Finding(
                content,
                f"TensorFlow Serving looks for the model in {served.base}{named}, where nothing is: the model is at {content.target}",
                help=f"--model_base_path={models}/{name}" if flag else f"set the environment variable MODEL_NAME={name}",
            )
            break


def _listed(server: Server) -> Iterator[Finding]:
    """The models of a list whose base path nothing is mounted at, where models are mounted elsewhere."""
    models = [content.target for content in server.contents if content.target is not None and not _is_no_model(content)]
    for served in server.models or () if models else ():
        if not served.base.startswith("/") or _provided(server, served.base):
            continue
        if not mentioned(server.project, re.escape(served.base), served.place.path):
            yield Finding(
                served.place,
                f"TensorFlow Serving looks for the model in {served.base}, where nothing is: models are mounted at {', '.join(models)} "
                f"({server.deployment.path})",
                help=f'write base_path: "{models[0]}/{served.name}", or mount the models where the list says',
            )


def _provided(server: Server, base: str) -> bool:
    """Something may be at the base path, in it, or around it."""
    return any(c.target is None or below(base, c.target) or below(c.target, base) for c in server.contents)


def _is_no_model(content: Content) -> bool:
    return _NO_MODEL.search(content.target or "") is not None or (content.source is not None and content.source.is_file())

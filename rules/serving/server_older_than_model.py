"""A TensorFlow Serving release that lacks an operator of the model it serves.

A model exported by a newer TensorFlow runs on an older server as long as it uses nothing new. An operator that the server's release does
not have is another matter: ``Op type not registered 'DecodeWebP' in binary running on ...``.

```dockerfile bad
FROM tensorflow/serving:2.14.1  # <-
COPY models /models
ENV MODEL_NAME=photos
```

```graph + path=models/photos/1/saved_model.pb
model savedmodel version="2.21.0" tags=[serve]
signature serving_default (image=image string[?]) -> (y=y uint8[?,32,32,3])
graph main
  op Placeholder image () -> (image string[?])
  op DecodeWebP (image) -> (y uint8[?,32,32,3])
  output y
```

The same server is good enough for a model of the same exporter without such an operator.

```dockerfile good
FROM tensorflow/serving:2.14.1
COPY models /models
ENV MODEL_NAME=photos
```

```graph + path=models/photos/1/saved_model.pb
model savedmodel version="2.21.0" tags=[serve]
signature serving_default (image=image string[?]) -> (y=y uint8[?,32,32,3])
graph main
  op Placeholder image () -> (image string[?])
  op DecodeJpeg (image) -> (y uint8[?,32,32,3])
  output y
```

A server of the release that has it is, too.

```dockerfile good
FROM tensorflow/serving:2.21.0
COPY models /models
ENV MODEL_NAME=photos
```

```graph + path=models/photos/1/saved_model.pb
model savedmodel version="2.21.0" tags=[serve]
signature serving_default (image=image string[?]) -> (y=y uint8[?,32,32,3])
graph main
  op Placeholder image () -> (image string[?])
  op DecodeWebP (image) -> (y uint8[?,32,32,3])
  output y
```

References: the operators of every release from 2.0 on (`tools/tensorflow_ops.py`). TensorFlow Serving is built from the TensorFlow
release with its number.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.data import load
from deplint.settings.containers import Deployment
from deplint.settings.ranges import between
from deplint.settings.serving import Server, loaded, only, run_by


@rule(
    "DPL501",
    severity="error",
    leaves=["S.3.2"],
    see=["https://www.tensorflow.org/guide/versions", "https://stackoverflow.com/q/49451229"],
)
def server_older_than_model(deployment: Deployment, project: Project) -> Iterator[Finding]:
    for server in run_by(deployment, project):
        since = {row["op"]: row["since"] for row in load("tensorflow_ops")["rows"]}
        pin = next(iter(server.image.pins), None)
        if server.image.place.path != deployment.path or pin is None or pin.range is None:
            continue
        for model in _models(server):
            late = {op.type: since[op.type] for _, op in model.used() if op.type in since}
            missing = [name for name, first in late.items() if (older := between(None, first)) and pin.range <= older]
            if missing:
                newest = max((late[name] for name in missing), key=lambda version: [int(part) for part in version.split(".")])
                yield Finding(
                    server.image,
                    f"the model {model.path} uses {', '.join(sorted(missing))}, which TensorFlow has since {newest}; "
                    f"this server is {pin.specifier.removeprefix('==') if pin.specifier else ''}: Op type not registered",
                    help=f"serve it with release {newest} or newer",
                )
                break


def _models(server: Server) -> list[Model]:
    """The SavedModels this server certainly loads: from its base paths; where they cannot be followed, the only one beside its file."""
    found = []
    for served in server.models or ():
        folder = server.folder(served.base)
        found += loaded(server.project, folder, served.versions) if folder else []
    return found or only(server.project, server.deployment)

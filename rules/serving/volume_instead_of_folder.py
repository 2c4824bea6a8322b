"""A folder that `docker run` takes for the name of a volume.

Of ``-v SOURCE:TARGET`` the source is a folder if it begins with ``/``, ``./`` or ``~``. Anything else names a volume of Docker's: with
a slash in it the command is refused (``includes invalid characters for a local volume name``), without one Docker makes a new and
empty volume, and the server finds no model where the folder ought to be.

```bash bad path=run.sh
docker run -p 8501:8501 -v models/fruit:/models/fruit -e MODEL_NAME=fruit tensorflow/serving:2.19.0  # <-
docker run -p 8501:8501 -v exported:/models/fruit -e MODEL_NAME=fruit tensorflow/serving:2.19.0  # <-
```

```text + path=exported/1/saved_model.pb
a model
```

```bash good path=run.sh
docker run -p 8501:8501 -v "$PWD/models/fruit:/models/fruit" -e MODEL_NAME=fruit tensorflow/serving:2.19.0
docker run -p 8501:8501 -v ./models/fruit:/models/fruit -e MODEL_NAME=fruit tensorflow/serving:2.19.0
docker run -p 8501:8501 -v model-store:/models -e MODEL_NAME=fruit tensorflow/serving:2.19.0
docker run -p 8501:8501 -v $MODELS:/models -e MODEL_NAME=fruit tensorflow/serving:2.19.0
```

References: https://docs.docker.com/engine/storage/volumes/ and https://docs.docker.com/engine/storage/bind-mounts/
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.settings.containers import Deployment
from deplint.settings.serving import folders


@rule(
    "DPL660",
    severity="error",
    leaves=["S.3.3"],
    see=["https://docs.docker.com/engine/storage/bind-mounts/", "https://docs.docker.com/engine/storage/volumes/"],
)
def volume_instead_of_folder(deployment: Deployment, project: Project) -> Iterator[Finding]:
    if deployment.kind != "script":
        return
    here = Path(os.path.abspath(deployment.path)).parent
    for container in deployment.containers:
        for mount in container.mounts:
            source = mount.source if mount.kind == "volume" else None
            if not source:
                continue
            if "/" in source:
                yield Finding(
                    mount.place,
                    f"{source} is the name of a volume to docker run, and no path: it has invalid characters for a local volume name",
                    help=f'write it as a path: "$PWD/{source}"',
                )
            elif here / source in folders(project):
                yield Finding(
                    mount.place,
                    f"{source} names a volume, which Docker makes new and empty, and not the folder {source}: nothing is in {mount.target}",
                    help=f'write it as a path: "$PWD/{source}"',
                )

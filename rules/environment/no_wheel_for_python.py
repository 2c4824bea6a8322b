"""A pinned package that has nothing to install for the image's Python.

Frameworks are shipped as wheels for a few interpreters: TensorFlow 2.12 for Python 3.8 to 3.11, TensorFlow 1.15 up to 3.7.
With another one in the image: ``ERROR: No matching distribution found``.

```dockerfile bad
FROM python:3.12-slim
RUN pip install tensorflow==2.12.0  # <-
```

```dockerfile bad
FROM python:3.9
COPY requirements.txt .
RUN pip install -r requirements.txt  # <-
```

```text bad path=requirements.txt
onnxruntime==1.20.1
numpy==1.26.4
```

```dockerfile good
FROM python:3.11-slim
RUN pip install tensorflow==2.12.0 tensorflow-serving-api
```

What pip may build itself, an image that does not say its Python, and a range that an older release satisfies are left alone.

```dockerfile good
FROM python:3.12-slim
RUN pip install "tensorflow>=2.12" h5py==3.1.0
```

```dockerfile good
FROM ubuntu:24.04
RUN pip install tensorflow==2.12.0
```

```dockerfile good
FROM python:3.12 AS build
RUN python -m venv /opt/conda && conda create -n old python=3.8 && pip install tensorflow==2.12.0
```

References: tags of the wheels on PyPI (`tools/compatibility.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.released import admitted, bounded, installed, python, pythons, runs

OTHER_PYTHONS = re.compile(r"conda|mamba|pyenv|deadsnakes|\buv\b|virtualenv|python2|install[^\n]*\bpython3?[.\d]*\b")
"""Commands that bring an interpreter of their own."""


@rule(
    "DPL593",
    severity="error",
    leaves=["S.3.1", "S.3.2"],
    see=["https://www.tensorflow.org/install/source#tested_build_configurations", "https://stackoverflow.com/q/55988311"],
)
def no_wheel_for_python(file: Dockerfile, project: Project) -> Iterator[Finding]:
    for stage in file.stages:
        series = python(stage)
        if series is None or OTHER_PYTHONS.search(runs(stage)):
            continue
        for pin, place in installed(file, stage, project):
            chosen = admitted(pin) if bounded(pin) and not pin.marker else []
            if chosen and not any(one.admits(series) and (one.source or one.wheel_for(series, "99")) for one in chosen):
                newest = chosen[-1]
                yield Finding(
                    place,
                    f"{newest.package} {newest.version} has no wheel for Python {series}, which {stage.root} brings: pip finds no matching "
                    "distribution",
                    help=f"its wheels are for Python {pythons(newest)}",
                )

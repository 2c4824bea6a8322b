"""A base image whose C library the packages are not built for.

Wheels are built against glibc, of some least version. Alpine has musl instead: TensorFlow, PyTorch and ONNX Runtime have
nothing for it, and no source that pip can build: ``ERROR: No matching distribution found for tensorflow``.
An old Debian, Ubuntu or CentOS has too old a glibc.

```dockerfile bad
FROM python:3.11-alpine
RUN apk add --no-cache build-base && pip install flask tensorflow  # <-
```

```dockerfile bad
FROM python:3.11-alpine3.19
COPY requirements.txt .
RUN pip install -r requirements.txt  # <-
```

```text bad path=requirements.txt
flask
onnxruntime>=1.17
```

```dockerfile bad
FROM ubuntu:18.04
RUN pip install torch==2.9.1  # <-
```

```dockerfile good
FROM python:3.11-slim
RUN pip install flask tensorflow
```

What is built from source installs, and so does what has wheels for musl.

```dockerfile good
FROM python:3.11-alpine
RUN pip install numpy flask grpcio h5py==3.8.0
```

A C library that is added, and a stage that only builds something else, say nothing of pip.

```dockerfile good
FROM alpine:3.19
RUN apk add gcompat libc6-compat && pip install onnxruntime
```

```dockerfile good
FROM node:20-alpine AS page
RUN npm ci && npm run build
FROM python:3.11-slim
RUN pip install tensorflow
```

References: tags of the wheels on PyPI (`tools/compatibility.py`); PEP 656 (musllinux), PEP 600 (manylinux).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.released import MUSL, admitted, bounded, installed, libc, python, runs

OTHER_LIBC = re.compile(
    r"glibc|gcompat|libc6-compat|conda|mamba|--extra-index-url|--find-links|\s-f\s|--index-url|py3-(?:torch|onnx|tensorflow)"
)
"""Commands that bring another C library, or wheels from elsewhere."""


@rule(
    "DPL594",
    severity="error",
    leaves=["S.3.1", "S.3.2"],
    see=["https://peps.python.org/pep-0656/", "https://peps.python.org/pep-0600/", "https://stackoverflow.com/q/54948216"],
)
def base_image_libc(file: Dockerfile, project: Project) -> Iterator[Finding]:
    for stage in file.stages:
        library = libc(stage.root)
        if library is None or OTHER_LIBC.search(runs(stage)):
            continue
        for pin, place in installed(file, stage, project):
            chosen = admitted(pin) if not pin.marker and (library == MUSL or bounded(pin)) else []
            if not chosen or any(one.source or not one.wheels or one.wheel_for(python(stage), library) for one in chosen):
                continue
            newest = chosen[-1]
            if library != MUSL and not newest.wheel_for(python(stage), "99"):
                continue  # the interpreter is what is wrong (no_wheel_for_python)
            what = "has no wheel for musl, the C library" if library == MUSL else f"has no wheel for glibc {library}, that"
            yield Finding(
                place,
                f"{newest.package} {what} of {stage.root}: pip finds no matching distribution",
                help="take an image with glibc, such as python:3.12-slim" if library == MUSL else "take an image of a newer distribution",
            )

"""OpenCV with windows in an image that has no OpenGL.

`opencv-python` brings Qt, and Qt wants libGL of the system; slim images have none: ``ImportError: libGL.so.1: cannot open shared object
file`` at ``import cv2``. A server shows no windows: `opencv-python-headless` is the same library without them.

```dockerfile bad
FROM python:3.11-slim
RUN pip install fastapi onnxruntime opencv-python  # <-
```

```dockerfile bad
FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends curl libglib2.0-0
COPY requirements.txt .
RUN pip install -r requirements.txt  # <-
```

```text bad path=requirements.txt
opencv-python==4.9.0.80
```

```dockerfile good
FROM python:3.11-slim
RUN apt-get update && apt-get install -y libgl1 libglib2.0-0
RUN pip install opencv-python
```

```dockerfile good
FROM python:3.11-slim
RUN pip install opencv-python-headless
```

Whatever else the system is given may bring OpenGL along, and a full image has it.

```dockerfile good
FROM python:3.11-slim
RUN apt-get update && apt-get install -y ffmpeg
RUN pip install opencv-python
```

```dockerfile good
FROM python:3.11
RUN pip install opencv-python
```

References: ``readelf -d`` of the wheels of opencv-python 4.12.0.88: libQt5Gui needs libGL.so.1, and no wheel brings it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.released import installed, runs

WITHOUT_GL = frozenset(
    """
    apt-transport-https bash build-essential bzip2 ca-certificates cmake curl g++ gcc git git-lfs gnupg gnupg2 jq less libffi-dev
    libglib2.0-0 libgomp1 libpq-dev libsm6 libsndfile1 libssl-dev libxext6 libxrender-dev libxrender1 locales lsb-release make
    nano netcat nginx openssh-client pkg-config procps python3-dev software-properties-common sudo supervisor tini tzdata unzip
    vim wget zip zlib1g-dev
    """.split()  # noqa: SIM905 (a list of words reads better as words)
)
"""System packages that do not bring libGL."""

OTHERWISE = re.compile(r"conda|mamba|apk |yum |dnf |dpkg|\.deb\b|xargs|apt\.txt|packages\.txt")


@rule(
    "DPL595",
    severity="error",
    leaves=["S.3.1"],
    see=["https://pypi.org/project/opencv-python/", "https://stackoverflow.com/q/55313610"],
)
def opencv_needs_libgl(file: Dockerfile, project: Project) -> Iterator[Finding]:
    stage = file.final
    tag = stage.root.tag if stage.root and stage.root.name == "python" else None
    if not tag or "slim" not in tag or OTHERWISE.search(runs(stage)):
        return
    if any(pin.name not in WITHOUT_GL for pin in stage.installed if pin.ecosystem == "apt"):
        return
    pins = list(installed(file, stage, project))
    if any("opencv" in pin.name and "headless" in pin.name for pin, _ in pins) or any(
        copy.from_stage for part in stage.line for copy in part.copies
    ):
        return
    for pin, place in pins:
        if pin.name in ("opencv-python", "opencv-contrib-python") and not pin.marker:
            yield Finding(
                place,
                f"{pin.name} needs libGL, which {stage.root} does not have: ImportError: libGL.so.1 at import cv2",
                help=f"install {pin.name}-headless, or the system packages libgl1 and libglib2.0-0",
            )

"""A Python package whose program or library the image does not hold.

Some packages are a way to call something that pip does not install: pytesseract calls `tesseract`, pdf2image `pdftoppm`, Whisper
and ffmpeg-python `ffmpeg`, and LightGBM loads libgomp. A stock image of Python lacks them:
``TesseractNotFoundError: tesseract is not installed``,
``Unable to get page count. Is poppler installed``, ``No such file or directory: 'ffmpeg'``, ``OSError: libgomp.so.1``.

```dockerfile bad
FROM python:3.11-slim
WORKDIR /app
RUN pip install --no-cache-dir fastapi uvicorn pytesseract lightgbm  # <- tesseract # <- libgomp
COPY ocr.py ./
CMD ["uvicorn", "ocr:app", "--host", "0.0.0.0"]
```

From a list of requirements:

```dockerfile bad
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends git libgl1
COPY requirements.txt .
RUN pip install -r requirements.txt  # <-
COPY app.py .
CMD ["python", "app.py"]
```

```text + path=requirements.txt
openai-whisper==20240930
flask==3.0.3
```

With the program, and with LightGBM in an image that has a compiler:

```dockerfile good
FROM python:3.11-slim
RUN apt-get update && apt-get install -y --no-install-recommends tesseract-ocr libgomp1 && rm -rf /var/lib/apt/lists/*
RUN pip install pytesseract lightgbm
```

The full image:

```dockerfile good
FROM python:3.11
RUN pip install lightgbm
```

Another image, or other ways of installing, may bring it.

```dockerfile good
FROM company/base:1
RUN pip install pytesseract
```

By a script:

```dockerfile good
FROM python:3.11-slim
COPY apt.txt .
RUN apt-get update && xargs apt-get install -y < apt.txt && pip install pytesseract
```

References: source of pytesseract 0.3.13, pdf2image 1.17.0, ffmpeg-python 0.2.0 and pyzbar 0.1.9; the wheel of LightGBM 4.7.0 needs
libgomp.so.1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from deplint import Finding, Project, rule
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.pins import canonical
from deplint.settings.released import installed, runs

from .opencv_needs_libgl import OTHERWISE, WITHOUT_GL


class Part(NamedTuple):
    """What a package calls, the packages of Debian that hold it, the error without it; `slim`: only the slim images lack it."""

    what: str
    debian: tuple[str, ...]
    error: str
    slim: bool = False


FFMPEG = Part("the program ffmpeg", ("ffmpeg",), "No such file or directory: 'ffmpeg'")
PARTS = {
    "pytesseract": Part("the program tesseract", ("tesseract-ocr",), "TesseractNotFoundError"),
    "pdf2image": Part("the programs of poppler", ("poppler-utils",), "PDFInfoNotInstalledError, Unable to get page count"),
    "openai-whisper": FFMPEG,
    "ffmpeg-python": FFMPEG,
    "lightgbm": Part("the library libgomp", ("libgomp1", "gcc", "g++", "build-essential"), "OSError: libgomp.so.1", slim=True),
    "pyzbar": Part("the library zbar", ("libzbar0",), "ImportError: Unable to find zbar shared library"),
}
PLAIN = WITHOUT_GL | {"libgl1", "libgl1-mesa-glx", "libsndfile1", "libglib2.0-0t64", "python3-pip", "libjpeg-dev", "libpng-dev"}
"""System packages that bring none of these along."""


@rule(
    "DPL980",
    severity="error",
    leaves=["S.3.1"],
    see=["https://pypi.org/project/pytesseract/", "https://github.com/microsoft/LightGBM/blob/master/docs/FAQ.rst"],
)
def system_part_missing(file: Dockerfile, project: Project) -> Iterator[Finding]:
    stage = file.final
    tag = (stage.root.tag or "latest") if stage.root and stage.root.name == "python" else None
    if tag is None or "alpine" in tag or OTHERWISE.search(runs(stage)):
        return
    system = {pin.name for pin in stage.installed if pin.ecosystem == "apt"}
    if any(copy.from_stage for part in stage.line for copy in part.copies):
        return
    known = set().union(*(part.debian for part in PARTS.values()))
    if not system <= PLAIN | known:
        return
    told: set[str] = set()
    for pin, place in installed(file, stage, project):
        part = PARTS.get(canonical(pin.name))
        if part is None or pin.marker or part.what in told or system & set(part.debian) or (part.slim and "slim" not in tag):
            continue
        told.add(part.what)
        yield Finding(
            place,
            f"{pin.name} needs {part.what}, which {stage.root} does not have: {part.error}",
            help=f"RUN apt-get update && apt-get install -y --no-install-recommends {part.debian[0]}",
        )

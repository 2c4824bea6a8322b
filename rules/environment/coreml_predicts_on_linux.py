"""A Core ML model that is to predict in a container.

Core ML is part of macOS and iOS: elsewhere coremltools converts models and reads them, and `predict` raises ``Exception: Model prediction
is only supported on macOS version 10.13 or later``. An image of Docker holds Linux, on a Mac as well.

```python bad path=service.py
import coremltools as ct
from fastapi import FastAPI

app = FastAPI()
model = ct.models.MLModel("Age.mlmodel")

@app.post("/age")
def age(body: dict):
    return model.predict({"x": body["x"]})  # <-
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install fastapi uvicorn coremltools
COPY service.py Age.mlmodel ./
CMD ["uvicorn", "service:app", "--host", "0.0.0.0"]
```

What only converts, what asks for the platform, and what is not copied is something else.

```python good path=convert.py
import coremltools as ct

model = ct.convert(load(), inputs=[ct.TensorType(name="x", shape=(1, 4))])
model.save("Age.mlpackage")
```

```python + path=check.py
import coremltools as ct

print(ct.models.MLModel("Age.mlpackage").predict({"x": [1.0]}))
```

```python + path=either.py
import sys
import coremltools as ct

def run(x):
    if sys.platform == "darwin":
        return ct.models.MLModel("Age.mlpackage").predict({"x": x})
    return None
```

```dockerfile + path=Dockerfile
FROM python:3.11-slim
RUN pip install coremltools torch
COPY convert.py either.py ./
CMD ["python", "convert.py"]
```

References: executed with coremltools 9.0 on Linux (`tests/claims/test_export_families.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.copied import copied
from deplint.settings.dockerfile import Dockerfile

_ASKS = re.compile(r"darwin|\bplatform\b|macos", re.I)


@rule(
    "DPL975",
    severity="error",
    leaves=["S.1.3", "S.3.1"],
    see=["https://apple.github.io/coremltools/docs-guides/source/model-prediction.html"],
)
def coreml_predicts_on_linux(file: PythonFile, project: Project) -> Iterator[Finding]:
    calls = file.calls("coremltools.{models.{,model.}MLModel,{converters.,}convert}().predict")
    if not calls or _ASKS.search(file.text):
        return
    path = Path(file.path).absolute()
    images = [dockerfile for dockerfile in project.all(Dockerfile) if dockerfile.stages]
    inside = next((image for image in images if (found := copied(image, project)) is not None and found.holds(path)), None)
    for call in calls if inside is not None else ():
        if call.file is file and not call.guarded and inside is not None:
            yield Finding(
                call,
                f"{inside.path} puts this into an image of Linux, and Core ML predicts on Apple's systems alone: predict raises",
                help="serve the model it was converted from: with ONNX Runtime, PyTorch or TensorFlow",
            )

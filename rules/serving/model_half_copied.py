"""A model of several files of which COPY brings some into the image.

An ONNX model's external data, OpenVINO's `.bin`, the shards of TensorFlow.js and of safetensors, a checkpoint's data: the file that is
loaded names them, and they have to lie beside it. Without them the service ends when it loads the model, as here: ``External data path does
not exist``.

```dockerfile bad
FROM python:3.11-slim
WORKDIR /srv
COPY src/ ./src/
COPY models/encoder.onnx ./models/ # <-
CMD ["python", "src/main.py"]
```

```hex + path=src/main.py
23
```

```graph + path=models/encoder.onnx
model onnx ir=10 opset=20
file models/encoder.onnx.data
graph main
  input x float32[1,4]
  output y float32[1,4]
```

```hex + path=models/encoder.onnx.data
00
```

```dockerfile good
FROM python:3.11-slim
WORKDIR /srv
COPY models/encoder.onnx models/encoder.onnx.data ./models/
```

```graph + path=models/encoder.onnx
model onnx ir=10 opset=20
file models/encoder.onnx.data
graph main
  input x float32[1,4]
  output y float32[1,4]
```

```hex + path=models/encoder.onnx.data
00
```

References: checked with onnxruntime 1.32 (`tests/claims/test_requests.py`); https://docs.docker.com/reference/dockerfile/#copy
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.settings.copied import copied
from deplint.settings.dockerfile import Dockerfile


@rule(
    "DPL880",
    severity="error",
    leaves=["S.4.2", "S.3.3"],
    see=["https://docs.docker.com/reference/dockerfile/#copy", "https://onnxruntime.ai/docs/tutorials/web/large-models.html"],
)
def model_half_copied(file: Dockerfile, project: Project) -> Iterator[Finding]:
    image = copied(file, project)
    for model in project.all(Model) if image is not None else ():
        here = Path(os.path.abspath(model.path))
        if image is None or not model.files or not image.holds(here):
            continue
        parts = [project.resolve(path, model) for path in model.files]
        lacking = [part.path for part in parts if part is not None and not image.holds(part.path)]
        if lacking and lacking[0].is_relative_to(image.context):
            left = lacking[0].relative_to(image.context).as_posix()
            yield Finding(
                next((place for path, place in image.sources.items() if here.is_relative_to(path)), image.place),
                f"the image gets {model.path} without {left}, which holds a part of it: the model cannot be loaded there",
                help=f"take it out of .dockerignore: {left}" if image.ignored(left) else f"COPY {left} to the same folder",
                count=len(lacking),
            )

"""A Python model of Triton that imports what Triton's image does not have.

``nvcr.io/nvidia/tritonserver:YY.MM-py3`` holds Python, NumPy and little else, and neither PyTorch nor TensorFlow nor transformers. The
model does not load: ``ModuleNotFoundError: No module named 'transformers'``. The packages are to be installed in an image of one's own, or
to be put into an environment that ``EXECUTION_ENV_PATH`` names.

```python bad path=models/features/1/model.py
import librosa  # <-
import numpy as np
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        return []
```

```text + path=models/features/config.pbtxt
name: "features"
backend: "python"
```

```dockerfile + path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:23.10-py3
COPY models /models
CMD ["tritonserver", "--model-repository=/models"]
```

```python good path=models/features/1/model.py
import librosa
import triton_python_backend_utils as pb_utils

class TritonPythonModel:
    def execute(self, requests):
        return []
```

```text + path=models/features/config.pbtxt
name: "features"
backend: "python"
```

```dockerfile + path=Dockerfile
FROM nvcr.io/nvidia/tritonserver:23.10-py3
RUN pip install librosa
COPY models /models
CMD ["tritonserver", "--model-repository=/models"]
```

The image may be used as it is, and a model may bring its environment.

```python bad path=repo/tok/1/model.py
import triton_python_backend_utils as pb_utils
from transformers import AutoTokenizer  # <-

class TritonPythonModel:
    def execute(self, requests):
        return []
```

```text + path=repo/tok/config.pbtxt
backend: "python"
```

```yaml + path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.01-py3
    command: tritonserver --model-repository=/models
    volumes: ["./repo:/models"]
```

```python good path=repo/tok/1/model.py
import triton_python_backend_utils as pb_utils
from transformers import AutoTokenizer

class TritonPythonModel:
    def execute(self, requests):
        return []
```

```text + path=repo/tok/config.pbtxt
backend: "python"
parameters: { key: "EXECUTION_ENV_PATH" value: { string_value: "/models/tok/env.tar.gz" } }
```

```yaml + path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.01-py3
    command: tritonserver --model-repository=/models
    volumes: ["./repo:/models"]
```

So do images with more in them, and a command that installs first.

```python good path=repo/tok/1/model.py
import triton_python_backend_utils as pb_utils
import torch

class TritonPythonModel:
    def execute(self, requests):
        return []
```

```yaml + path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.01-pyt-python-py3
    command: tritonserver --model-repository=/models
```

The environment is named by its path in the container.

```text bad path=repo/tok/config.pbtxt line=1
backend: "python"
parameters: { key: "EXECUTION_ENV_PATH" value: { string_value: "/home/ubuntu/repo/tok/env.tar.gz" } }
```

```yaml + path=docker-compose.yml
services:
  triton:
    image: nvcr.io/nvidia/tritonserver:24.01-py3
    command: tritonserver --model-repository=/models
    volumes: ["./repo:/models"]
```

References: the Dockerfile that Triton's `build.py` writes (``pip3 install "numpy<2" virtualenv``, `python/openai/requirements.txt`),
"Creating Custom Execution Environments" in the README of its Python backend, the maintainer's answer in issue 4302.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.model import Unreadable
from deplint.project import File
from deplint.settings.containers import Deployment
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.images import Image
from deplint.settings.released import runs
from deplint.settings.triton import TritonConfig

ABSENT = frozenset(
    [
        "torch",
        "torchvision",
        "torchaudio",
        "tensorflow",
        "transformers",
        "tokenizers",
        "sentence_transformers",
        "librosa",
        "soundfile",
        "cv2",
        "PIL",
        "onnxruntime",
        "sklearn",
        "pandas",
        "nltk",
        "spacy",
        "timm",
        "ultralytics",
        "sentencepiece",
        "pydub",
    ]
)
"""Modules that nothing in Triton's `build.py` installs; newer images have SciPy, for the front end of OpenAI's protocol."""
ENVIRONMENT = re.compile(r"""EXECUTION_ENV_PATH["']\s*,?\s*value\s*:?\s*\{\s*string_value\s*:\s*["'](?P<path>[^"']*)["']""")
PLAIN = re.compile(r"\d\d\.\d\d-py3(-min)?")
INSTALLS = re.compile(r"\bpip|conda|\buv\b|poetry|wheel|\.sh\b|apt\S* install\b.*python3-")


@rule(
    "DPL951",
    severity="error",
    leaves=["S.3.1", "S.4.2"],
    see=[
        "https://github.com/triton-inference-server/python_backend#creating-custom-execution-environments",
        "https://github.com/triton-inference-server/server/issues/4302",
        "https://github.com/triton-inference-server/server/blob/e1db8a6/build.py",
        "https://github.com/ELS-RD/transformer-deploy/issues/46",
    ],
)
def triton_python_package_missing(file: PythonFile | TritonConfig, project: Project) -> Iterator[Finding]:
    if isinstance(file, TritonConfig):
        yield from _environment(file, project)
        return
    if "triton_python_backend_utils" not in file.text or file.file.name != "model.py":
        return
    images = _images(project)
    if not images or None in images or any(f.suffix == ".pbtxt" and "EXECUTION_ENV_PATH" in _text(f) for f in project.files):
        return
    for node in file.shape.tree.body:
        for name in _imported(node):
            if name in ABSENT and file.find(name, 0) is None:
                yield Finding(
                    file.place_of(node),
                    f"Triton's image {images[0]} does not have {name}: the model does not load, ModuleNotFoundError",
                    help="install it in an image of your own (FROM that one, RUN pip install ...), or name an EXECUTION_ENV_PATH",
                )
                return


def _environment(config: TritonConfig, project: Project) -> Iterator[Finding]:
    """An environment at a path that the container does not have: Triton's own image, and nothing mounted there."""
    file = project.resolve(config.path, config)
    match = ENVIRONMENT.search(_text(file)) if file is not None else None
    path = match["path"] if match is not None else ""
    running = [c for d in project.all(Deployment) if d.kind != "dockerfile" for c in d.containers if _triton(c.image)]
    known = running and not any("mounts" in c.partial or any(not m.target for m in c.mounts) for c in running)
    if path.startswith("/") and known and not any(path.startswith(f"{(m.target or '').rstrip('/')}/") for c in running for m in c.mounts):
        yield Finding(
            config.place,
            f"the environment {path} is not in Triton's container, where nothing is mounted at that path: the model does not load",
            help="the path in the container: $$TRITON_MODEL_DIRECTORY/env.tar.gz",
        )


def _images(project: Project) -> list[Image | None]:
    """The images of Triton that the project runs; None for one in which something may be installed."""
    found: list[Image | None] = []
    for docker in project.all(Dockerfile):
        if docker.stages and _triton(docker.final.root):
            plain = not INSTALLS.search(runs(docker.final)) and not any(c.from_stage for part in docker.final.line for c in part.copies)
            found.append(docker.final.root if plain and not docker.final.lists else None)
    for deployment in project.all(Deployment):
        for container in deployment.containers if deployment.kind != "dockerfile" else ():
            if _triton(container.image):
                words = " ".join(word.written for word in (*(container.entrypoint or ()), *container.args))
                found.append(None if INSTALLS.search(words) or re.search(r"\.sh\b", words) else container.image)
    return [image if image is not None and PLAIN.fullmatch(image.tag or "") else None for image in found]


def _triton(image: Image | None) -> bool:
    return image is not None and image.repository == "nvcr.io/nvidia/tritonserver"


def _imported(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name.partition(".")[0] for alias in node.names]
    return [(node.module or "").partition(".")[0]] if isinstance(node, ast.ImportFrom) and not node.level else []


def _text(file: File) -> str:
    try:
        return file.text
    except (Unreadable, OSError):
        return ""

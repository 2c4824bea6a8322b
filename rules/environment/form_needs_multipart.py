"""A FastAPI service that takes files or forms, and requirements without python-multipart.

FastAPI reads forms and uploads with python-multipart, and does not require it: ``RuntimeError: Form data requires "python-multipart" to be
installed`` when the program is imported. Where it ran is a machine that had it from something else.

```text bad path=requirements.txt line=1
fastapi==0.110.3
uvicorn==0.30.1
torch==2.3.1
```

```python + path=main.py
import torch
from fastapi import FastAPI, File, UploadFile

app = FastAPI()

@app.post("/segment")
def segment(file: UploadFile = File(...)):
    return {}
```

Named, with ``fastapi[standard]``, or with a package that may bring it along, all is well. FastAPI 0.111 itself did.

```text good path=requirements.txt
fastapi==0.110.3
python-multipart==0.0.9
torch==2.3.1
```

```python + path=main.py
import torch
from fastapi import FastAPI, File, UploadFile
```

and

```text good path=requirements.txt
fastapi[standard]==0.115.0
torch==2.3.1
```

```text + path=other/requirements.txt
fastapi==0.115.0
gradio==4.44.0
```

```python + path=main.py
import torch
from fastapi import FastAPI, File, UploadFile
```

References: executed with FastAPI 0.165; `ensure_multipart_is_installed` in `fastapi/dependencies/utils.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.settings.pins import Requirements, canonical
from deplint.settings.ranges import between
from deplint.settings.released import bounded

USES = re.compile(r"^(?=.*^\s*(?:from|import)\s+fastapi\b)(?=.*\b(?:UploadFile\b|(?:File|Form)\())", re.M | re.S)

ALONE = frozenset(
    [
        "fastapi",
        "uvicorn",
        "gunicorn",
        "pydantic",
        "starlette",
        "numpy",
        "scipy",
        "pandas",
        "scikit-learn",
        "scikit-image",
        "pillow",
        "opencv-python",
        "opencv-python-headless",
        "torch",
        "torchvision",
        "torchaudio",
        "tensorflow",
        "tensorflow-cpu",
        "keras",
        "onnx",
        "onnxruntime",
        "onnxruntime-gpu",
        "transformers",
        "tokenizers",
        "sentencepiece",
        "safetensors",
        "timm",
        "requests",
        "httpx",
        "pyyaml",
        "python-dotenv",
        "joblib",
        "tqdm",
        "h5py",
        "matplotlib",
        "loguru",
        "tritonclient",
        "aiofiles",
        "jinja2",
        "pydantic-settings",
        "orjson",
        "protobuf",
        "grpcio",
        "tensorflow-serving-api",
        "xgboost",
        "lightgbm",
        "librosa",
        "soundfile",
        "boto3",
        "redis",
        "typing-extensions",
    ]
)
"""Packages that are known not to bring python-multipart along."""


@rule(
    "DPL644",
    severity="error",
    leaves=["S.3.1"],
    see=[
        "https://fastapi.tiangolo.com/tutorial/request-forms/",
        "https://github.com/fastapi/fastapi/blob/0.110.3/fastapi/dependencies/utils.py",
    ],
)
def form_needs_multipart(requirements: Requirements, project: Project) -> Iterator[Finding]:
    pins = [pin for pin in requirements.packages if pin.ecosystem == "pypi"]
    fast = next((pin for pin in pins if canonical(pin.name) == "fastapi"), None)
    if requirements.kind != "requirements" or fast is None or fast.group or fast.extras or fast.url or requirements.includes:
        return
    brings = between("0.111", "0.112")
    if (
        fast.range is None
        or brings is None
        or (bounded(fast) and (fast.range & brings).parts)
        or not ALONE.issuperset(canonical(pin.name) for pin in pins)
    ):
        return
    area = project.area(requirements)
    near = [file for file in project.files if file.path.is_relative_to(area)]
    if any("multipart" in file.text for file in near if file.name.startswith(("Dockerfile", "requirements", "pyproject", "setup."))):
        return
    if sum(file.name.startswith("requirements") for file in near) == 1 and any(USES.search(f.text) for f in near if f.suffix == ".py"):
        yield Finding(
            fast,
            'the service takes forms or files, and nothing installs python-multipart: RuntimeError, Form data requires "python-multipart"',
            help="add python-multipart, or fastapi[standard]",
        )

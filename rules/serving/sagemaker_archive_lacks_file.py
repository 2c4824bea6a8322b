"""A `model_fn` that loads a file which nobody puts into the archive.

SageMaker unpacks `model.tar.gz` to ``/opt/ml/model`` and calls `model_fn` with that path. A file is there under the name that it was
packed with, or that training saved it with in the folder ``SM_MODEL_DIR``; under another, the endpoint does not get well:
``FileNotFoundError: No such file or directory: '/opt/ml/model/model.pt'``.

```python bad path=code/inference.py
import os
import torch
from net import Net

def model_fn(model_dir):
    net = Net()
    net.load_state_dict(torch.load(os.path.join(model_dir, "model.pt"), map_location="cpu"))  # <-
    return net.eval()
```

```python + path=pack.py
import tarfile

with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("model.pth")
    archive.add("code")
```

Training saves it there itself.

```python bad path=code/inference.py
import os
import joblib

def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "model.joblib"))  # <-
```

```python + path=train.py
import argparse
import os
import joblib

parser = argparse.ArgumentParser()
parser.add_argument("--model-dir", default=os.environ["SM_MODEL_DIR"])
arguments = parser.parse_args()
joblib.dump(fit(), os.path.join(arguments.model_dir, "classifier.joblib"))
```

Packed under that name, or in a folder nobody can look into:

```python good path=code/inference.py
import os
import torch

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pt"))
```

```python + path=pack.py
import tarfile

with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("out/best.pth", arcname="model.pt")
    archive.add("code")
```

And where more is packed than can be seen:

```python good path=code/inference.py
import os
import torch

def model_fn(model_dir):
    return torch.jit.load(os.path.join(model_dir, "model.pt"))
```

```python + path=pack.py
import tarfile

with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("out", arcname=".")
```

References: `sagemaker_inference/environment.py` and `transformer.py` of the inference toolkit (`model_dir`).
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.facts import Value
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.sagemaker import archives, hooks
from deplint.settings.scripts import Script
from deplint.settings.serving import mentioned

LOADS = {
    "torch.{load,jit.load}": ("f", 0),
    "joblib.load": ("filename", 0),
    "onnxruntime.InferenceSession": ("path_or_bytes", 0),
    "xgboost.Booster().load_model": ("fname", 0),
    "{tensorflow.keras,keras}.models.load_model": ("filepath", 0),
}
SAVES = {
    "torch.save": ("f", 1),
    "torch.jit.save": ("f", 1),
    "torch.jit.{script,trace}().save": ("f", 0),
    "joblib.dump": ("filename", 1),
    "torch.onnx.export": ("f", 2),
    "xgboost.**().save_model": ("fname", 0),
}
_TRAINS = re.compile(r"SM_MODEL_DIR|/opt/ml/model\b")


@rule(
    "DPL913",
    severity="error",
    leaves=["S.1.2", "S.3.3"],
    see=[
        "https://github.com/aws/sagemaker-inference-toolkit/blob/master/src/sagemaker_inference/transformer.py",
        "https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#load-a-model",
    ],
)
def sagemaker_archive_lacks_file(file: PythonFile, project: Project) -> Iterator[Finding]:
    if "model_fn" not in hooks(file):
        return
    there: list[str] | None = None
    for pattern, where in LOADS.items():
        for call in file.calls(pattern):
            name = _name(call.argument(*where)) if call.functions and call.functions[0].name == "model_fn" and not call.guarded else ""
            if not name:
                continue
            there = _there(file, project) if there is None else there
            if there and name not in there and not mentioned(project, rf"(?<![\w.-]){re.escape(name)}(?!\w)", file.path):
                yield Finding(
                    call,
                    f"{name} is not what the archive holds ({', '.join(sorted(set(there)))}): model_fn finds no such file",
                    help="load it by the name that it is packed or saved with",
                )


def _name(path: Value) -> str:
    """The file that is looked for in a folder which somebody gives: ``net.pt`` of ``os.path.join(model_dir, "net.pt")``."""
    pieces = path.pieces
    found = pieces[1] if len(pieces) == 2 and pieces[0] is None else None
    return found.lstrip("/") if found and found.startswith("/") and "/" not in found[1:] and "." in found else ""


def _there(near: PythonFile, project: Project) -> list[str]:
    """The files that are certainly all of the model's in the archive of the code around a file; empty where that is not known."""
    area = project.area(near)
    found: list[str] = []
    packing = files_with(project, re.compile(r"\btarfile\b"), area)
    scripts = [s for s in project.all(Script) if Path(s.path).absolute().is_relative_to(area)]
    made = [packed for file in packing for packed in archives(file)] + [packed for script in scripts for packed in archives(script)]
    for packed in made:
        if packed.name != "model.tar.gz":
            continue
        files = [path for path, _ in packed.members if "." in posixpath.basename(path) and path != "."]
        folders = [path for path, _ in packed.members if path not in files and path.partition("/")[0] != "code"]
        if not packed.whole or folders:
            return []
        found += [path for path in files if "/" not in path and not path.endswith((".py", ".txt", ".json"))]
    for file in files_with(project, _TRAINS, area):
        for pattern, where in SAVES.items():
            found += [name for call in file.calls(pattern) if (name := _name(call.argument(*where)))]
    return found

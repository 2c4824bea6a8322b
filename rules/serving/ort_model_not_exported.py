"""Optimum's ONNX Runtime classes are given a folder of PyTorch weights.

`ORTModelFor...from_pretrained` of a folder opens the ONNX model in it; `save_pretrained` of a model of transformers writes none there.
Before Optimum 1.25 that ends in ``FileNotFoundError: Could not find any ONNX model file in models/sst2``, unless `export=True` asks to
make one first.

```python bad path=serve.py
from optimum.onnxruntime import ORTModelForSequenceClassification

model = ORTModelForSequenceClassification.from_pretrained("models/sst2")  # <-
```

```python + path=save.py
from transformers import AutoModelForSequenceClassification

AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased").save_pretrained("models/sst2")
```

```text + path=requirements.txt
optimum[onnxruntime]==1.17.0
transformers==4.37.2
```

```python good path=serve.py
from optimum.onnxruntime import ORTModelForSequenceClassification

model = ORTModelForSequenceClassification.from_pretrained("models/sst2", export=True)
other = ORTModelForSequenceClassification.from_pretrained("models/onnx")
```

```python + path=save.py
from optimum.onnxruntime import ORTModelForSequenceClassification
from transformers import AutoModelForSequenceClassification

AutoModelForSequenceClassification.from_pretrained("distilbert-base-uncased").save_pretrained("models/sst2")
ORTModelForSequenceClassification.from_pretrained("models/sst2", export=True).save_pretrained("models/onnx")
```

```text + path=requirements.txt
optimum[onnxruntime]==1.17.0
transformers==4.37.2
```

References: `optimum/onnxruntime/modeling_ort.py` of 1.17 to 1.24 (`_from_pretrained`); 1.27 looks first whether there is an ONNX model.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.settings.serving import mentioned

SAVED = "transformers.**.from_pretrained().save_pretrained"


@rule(
    "DPL920",
    severity="error",
    leaves=["S.4.2", "S.2.1"],
    see=[
        "https://github.com/huggingface/optimum/blob/v1.17.0/optimum/onnxruntime/modeling_ort.py",
        "https://huggingface.co/docs/optimum/v1.17.0/en/onnxruntime/usage_guides/models",
    ],
)
def ort_model_not_exported(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("optimum.onnxruntime.ORT*.from_pretrained"):
        path = call.argument("model_id", 0).python(default=True)
        if call.file is not file or call.guarded or call.open or not isinstance(path, str):
            continue
        if not all(call.argument(name).missing for name in ("export", "from_transformers", "file_name", "subfolder")):
            continue
        if project.versions.allows("optimum", call, until="1.25") is True and _plain(posixpath.normpath(path), file, project):
            yield Finding(
                call,
                f"{path} holds weights of PyTorch, as save_pretrained wrote them: FileNotFoundError, Could not find any ONNX model file",
                help="from_pretrained(..., export=True), or export it once: optimum-cli export onnx",
            )


def _plain(path: str, near: PythonFile, project: Project) -> bool:
    """A folder that code around a file writes with transformers, and into which nothing else that is known may put an ONNX model."""
    area = project.area(near)
    saving = files_with(project, re.compile(r"\.save_pretrained\("), area)
    targets = {
        posixpath.normpath(text)
        for file in saving
        for call in file.calls(SAVED)
        if not re.search(r"Tokenizer|Processor|FeatureExtractor|Config", call.name)
        for text in call.argument("save_directory", 0).texts
    }
    exported = {
        posixpath.normpath(text)
        for file in saving
        for call in file.calls("optimum.**.save_pretrained")
        for text in call.argument("save_directory", 0).texts
    }
    name = re.escape(posixpath.basename(path))
    return path in targets and path not in exported and not mentioned(project, rf"optimum-cli export|{name}\S*\.onnx|{name}/onnx")

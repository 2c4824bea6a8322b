"""A deployment of Azure ML whose model or server is not where its container looks.

`AZUREML_MODEL_DIR` is the folder into which the registered model was put, under its own name: of ``path: ./model`` the files lie in
``AZUREML_MODEL_DIR/model``. And a container that Azure ML is to serve with needs the server in its environment: ``A required package
azureml-inference-server-http is missing``.

```yaml bad path=deployment.yml
name: blue
endpoint_name: churn
model:
  path: ./model
code_configuration:
  code: ./src
  scoring_script: score.py  # <-
environment:
  conda_file: env.yml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
```

```python + path=src/score.py
import json, os
import joblib

def init():
    global model
    model = joblib.load(os.path.join(os.getenv("AZUREML_MODEL_DIR"), "churn.joblib"))

def run(data):
    return model.predict(json.loads(data)["rows"]).tolist()
```

```text + path=model/churn.joblib
x
```

```yaml + path=env.yml
dependencies:
  - python=3.10
  - pip: [scikit-learn==1.3.2, azureml-inference-server-http]
```

An environment of one's own without the server:

```yaml bad path=deployment.yml
name: green
endpoint_name: ner
model:
  path: ./model/ner.onnx
code_configuration:
  code: ./src
  scoring_script: score.py
environment:
  conda_file: ./env.yml  # <-
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu22.04:latest
```

```python + path=src/score.py
import os
import onnxruntime as ort

def init():
    global session
    session = ort.InferenceSession(os.path.join(os.environ["AZUREML_MODEL_DIR"], "ner.onnx"))

def run(raw):
    return 1
```

```yaml + path=env.yml
dependencies:
  - python=3.10
  - pip:
      - onnxruntime==1.17.0
```

The older `azureml-defaults` brings the server, and so do the images for inference; a path that is searched for is found.

```yaml good path=deployment.yml
name: blue
endpoint_name: churn
model:
  path: ./model
code_configuration:
  code: ./src
  scoring_script: score.py
environment:
  conda_file: env.yml
  image: mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
```

```python + path=src/score.py
import glob, os
import joblib

def init():
    global model
    root = os.getenv("AZUREML_MODEL_DIR")
    model = joblib.load(os.path.join(root, "model", "churn.joblib"))
    other = glob.glob(os.path.join(root, "**", "*.joblib"), recursive=True)

def run(data):
    return 1
```

```text + path=model/churn.joblib
x
```

```yaml + path=env.yml
dependencies:
  - pip: [scikit-learn==1.3.2, azureml-defaults]
```

An image for inference has the server.

```yaml good path=deployment.yml
code_configuration:
  code: ./src
  scoring_script: score.py
environment:
  conda_file: env.yml
  image: mcr.microsoft.com/azureml/minimal-ubuntu22.04-py39-cpu-inference:latest
```

```yaml + path=env.yml
dependencies:
  - pip: [scikit-learn==1.3.2]
```

References: `cli/endpoints/online` of Azure's azureml-examples (``path: ../../model-1/model/``, and the script reads
``model/sklearn_regression_model.pkl``); "Azure Machine Learning inference HTTP server".
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.azureml import AzureDeployment
from deplint.settings.pins import Requirements

SERVERS = frozenset(("azureml-inference-server-http", "azureml-defaults", "azureml-core", "azureml-sdk"))
FOLDER = r"""os\.(?:getenv|environ\.get|environ)[(\[]\s*["']AZUREML_MODEL_DIR["'][^()\[\]]*[)\]]"""
NAMED = re.compile(rf"(?m)^\s*(\w+)\s*=\s*(?:Path\(|str\()?{FOLDER}\)?\s*$")
REST = r"""(?P<rest>[^()\n]*)"""
"""The folder of the model in a script, a variable for it, and what the script puts behind it."""


@rule(
    "DPL956",
    severity="warning",
    leaves=["S.3.3", "S.4.2"],
    see=[
        "https://github.com/Azure/azureml-examples/blob/13dc05f/cli/endpoints/online/managed/sample/blue-deployment.yml",
        "https://github.com/Azure/azureml-examples/pull/1454",
        "https://learn.microsoft.com/azure/machine-learning/how-to-inference-server-http",
    ],
)
def azureml_environment(facts: AzureDeployment, project: Project) -> Iterator[Finding]:
    here = Path(os.path.abspath(facts.path)).parent
    model = here / facts.model if facts.model else None
    script = project.file(Path(os.path.normpath(here / facts.code / (facts.script.text or ""))))
    for file in project.facts(script, PythonFile) if script is not None and model is not None and model.is_dir() else ():
        for path in _behind(file.text):
            inside = model is not None and (model / path).exists() and path.partition("/")[0] != model.resolve().name
            if inside and model is not None:
                yield Finding(
                    facts.script.place,
                    f"{file.path} looks for {path} in AZUREML_MODEL_DIR, and of the folder {facts.model} it lies in "
                    f"{model.resolve().name}/{path}: FileNotFoundError, and the deployment fails",
                    help=f'os.path.join(os.environ["AZUREML_MODEL_DIR"], "{model.resolve().name}", ...)',
                )
    if facts.conda is None or "inference" in facts.image or not facts.image.startswith("mcr.microsoft.com/azureml/"):
        return
    listed = project.file(Path(os.path.normpath(here / (facts.conda.text or ""))))
    for one in project.facts(listed, Requirements) if listed is not None else ():
        names = {pin.name for pin in one.packages}
        if names and not names & SERVERS and not one.includes and not any(pin.url for pin in one.packages):
            yield Finding(
                facts.conda.place,
                f"{one.path} lists no server: a required package azureml-inference-server-http is missing, and the deployment fails",
                help="add azureml-inference-server-http to its pip packages",
            )


def _behind(text: str) -> Iterator[str]:
    """The paths that a script looks for in the folder of the model, where they are written out."""
    folder = "|".join([FOLDER, *(rf"\b{name}\b" for name in NAMED.findall(text))])
    for match in re.finditer(rf"(?:join\(\s*(?:{folder})\s*,|(?:Path\(\s*(?:{folder})\s*\)|(?:{folder}))\s*/)\s*{REST}", text):
        words = re.match(r"""(?:["'][\w./-]+["'][\s,/]*)+""", match["rest"])
        if words is not None and words.end() == len(match["rest"]):
            yield posixpath.join(*re.findall(r"""["']([\w./-]+)["']""", words[0]))

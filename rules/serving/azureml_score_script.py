"""A scoring script for Azure ML that lacks one of its two functions.

The inference server imports the script that the deployment names, calls `init()` once and `run(data)` for each request. A script
without one of them stops it: ``User script at "score.py" does not have a init() function``. The deployment fails after many minutes,
and says little more than ``User container has crashed or terminated``.

```python bad path=score.py
# <- init is missing
import joblib

model = joblib.load("model.pkl")

def run(data):
    return model.predict(data).tolist()
```

```yaml + path=deployment.yml
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
code_configuration: {code: ., scoring_script: score.py}
```

```python good path=score.py
import joblib

def init():
    global model
    model = joblib.load("model.pkl")

def run(data):
    return model.predict(data).tolist()
```

```yaml + path=deployment.yml
$schema: https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json
name: blue
code_configuration: {code: ., scoring_script: score.py}
```

A script that no deployment names, that imports its functions, or that belongs to a batch deployment with other ideas, is not judged.

```python good path=score.py
def run(data):
    return data
```

References: `user_script.py` of azureml-inference-server-http 1.5.1.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.settings.serving import mentioned

HOOKS = ("init", "run")
PLACE = r"(scoring_script|entry_script)[\"']?\s*[:=]\s*[\"']?(?:[\w./-]*/)?"


@rule(
    "DPL576",
    severity="error",
    leaves=["S.1.2", "S.3.3"],
    see=[
        "https://pypi.org/project/azureml-inference-server-http/1.5.1/",
        "https://learn.microsoft.com/azure/machine-learning/how-to-deploy-online-endpoints#understand-the-scoring-script",
    ],
)
def azureml_score_script(file: PythonFile, project: Project) -> Iterator[Finding]:
    if ("def init(" in file.text) == ("def run(" in file.text) or not _deployed(project):
        return
    tree = file.shape.tree
    functions = {node.name for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))}
    if len(functions & set(HOOKS)) != 1 or _brought(tree):
        return
    if mentioned(project, PLACE + re.escape(file.file.name) + r"\b", file.path, project.area(file)):
        missing = next(name for name in HOOKS if name not in functions)
        yield Finding(
            file.at(1, 1, 1, 1),
            f"a deployment of Azure ML names this script, and it has no function {missing}(): the inference server does not start",
            help="def init() loads the model into a global, def run(data) answers a request",
        )


@lru_cache(maxsize=4)
def _deployed(project: Project) -> bool:
    """Some file names a script for Azure ML."""
    return mentioned(project, PLACE)


def _brought(tree: ast.Module) -> bool:
    """A missing function may be imported, or assigned."""
    for node in ast.walk(tree):
        match node:
            case ast.ImportFrom(names=names) if any((alias.asname or alias.name) in (*HOOKS, "*") for alias in names):
                return True
            case ast.Name(id=name, ctx=ast.Store()) if name in HOOKS:
                return True
    return False

"""A model of MLflow that names a file which does not lie beside its ``MLmodel``.

``mlflow models serve`` and `load_model` read ``MLmodel`` first, and then what it names: the pickled model, the folder of the network, the
environment. What is missing ends in ``No such file or directory`` when the model is loaded. Artefacts are often kept out of a repository
by rules for large files, while ``MLmodel`` gets in.

```yaml bad path=model/MLmodel
flavors:
  python_function:
    data: data  # <-
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml  # <-
    loader_module: mlflow.tensorflow
  tensorflow:
    saved_model_dir: tfmodel
```

```yaml + path=model/conda.yaml
dependencies: [python=3.11]
```

```yaml good path=model/MLmodel
flavors:
  python_function:
    env: conda.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
  sklearn:
    pickled_model: model.pkl
```

```yaml + path=model/conda.yaml
dependencies: [python=3.11]
```

```text + path=model/model.pkl
bytes
```

A folder that holds nothing else is a template, or a part of a test.

```yaml good path=MLmodel
flavors:
  sklearn:
    pickled_model: model.pkl
```

References: https://mlflow.org/docs/latest/ml/model/#storage-format
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, rule
from deplint.settings.mlmodel import MlflowModel


@rule("DPL659", severity="warning", leaves=["S.1.2", "S.3.3"], see=["https://mlflow.org/docs/latest/ml/model/#storage-format"])
def mlflow_model_incomplete(model: MlflowModel) -> Iterator[Finding]:
    folder = Path(os.path.abspath(model.path)).parent
    if sum(1 for _ in folder.iterdir()) < 2:
        return
    said: set[str] = set()
    for word in model.files:
        if word.text and word.text not in said and not (folder / word.text).exists():
            said.add(word.text)
            yield Finding(
                word,
                f"{word.text} is not beside this MLmodel, which names it: loading the model ends in No such file or directory",
                help="ship the whole folder that mlflow wrote; look at the rules for ignored files",
            )

"""A model of MLflow that names a file which does not lie beside its ``MLmodel``.

`load_model` reads ``MLmodel`` first, and then the pickled model or the folder of the network that it names: ``No such file or directory``.
``mlflow models serve`` first makes the environment, from ``python_env.yaml`` or else ``conda.yaml``, and fails in the same way if
neither is there. Artefacts are often kept out of a repository by rules for large files, while ``MLmodel`` gets in.

```yaml bad path=model/MLmodel
flavors:
  python_function:
    data: data  # <-
    env:
      conda: conda.yaml
      virtualenv: python_env.yaml
    loader_module: mlflow.tensorflow
  tensorflow:
    saved_model_dir: tfmodel
```

```yaml + path=model/conda.yaml
dependencies: [python=3.11]
```

With neither file of environments, one finding is enough.

```yaml bad path=model/MLmodel
flavors:
  python_function:
    env:
      conda: conda.yaml  # <-
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
```

```text + path=model/model.pkl
bytes
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

ENVIRONMENT = (".yaml", ".yml")


@rule("DPL659", severity="warning", leaves=["S.1.2", "S.3.3"], see=["https://mlflow.org/docs/latest/ml/model/#storage-format"])
def mlflow_model_incomplete(model: MlflowModel) -> Iterator[Finding]:
    folder = Path(os.path.abspath(model.path)).parent
    if sum(1 for _ in folder.iterdir()) < 2:
        return
    named = {word.text: word for word in reversed(model.files) if word.text}
    missing = [word for text, word in reversed(named.items()) if not (folder / text).exists()]
    environments = [word for text, word in reversed(named.items()) if text.endswith(ENVIRONMENT)]
    for word in missing:
        ends = "loading the model ends"
        if word in environments:
            # One of them is enough, and nothing but making the environment reads it.
            if word is not environments[0] or any(one not in missing for one in environments):
                continue
            ends = "mlflow models serve, which makes the environment first, ends"
        yield Finding(
            word,
            f"{word.text} is not beside this MLmodel, which names it: {ends} in No such file or directory",
            help="ship the whole folder that mlflow wrote; look at the rules for ignored files",
        )

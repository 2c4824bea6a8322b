"""A method of a BentoML runner that the model was not saved with.

A runner has the methods that `save_model` was told as `signatures`, and where it was told none that of its framework: PyTorch's models are
called, scikit-learn's have `predict`. The only method, or ``__call__`` among several, is ``runner.run`` as well. Another one is
``AttributeError: 'Runner' object has no
attribute 'predict'``.

```python bad path=service.py
import bentoml

runner = bentoml.pytorch.get("ocr:latest").to_runner()
svc = bentoml.Service("ocr", runners=[runner])

async def read(x):
    return await runner.predict.async_run(x)  # <-
```

```python + path=save.py
import bentoml
from net import Net

bentoml.pytorch.save_model("ocr", Net())
```

```python good path=service.py
import bentoml

runner = bentoml.pytorch.get("ocr:latest").to_runner()
trees = bentoml.sklearn.get("trees:latest").to_runner()
other = bentoml.sklearn.get("other:latest").to_runner()

async def read(x):
    trees.predict.run(x)
    trees.run(x)
    other.predict_proba.run(x)
    return await runner.async_run(x)
```

```python + path=save.py
import bentoml
from net import Net, forest, more

bentoml.pytorch.save_model("ocr", Net())
bentoml.sklearn.save_model("trees", forest)
bentoml.sklearn.save_model("other", more, signatures={"predict_proba": {"batchable": True}})
```

References: `bentoml/_internal/frameworks/*.py` (`signatures = {"__call__": ...}`, `{"predict": ...}`) and `runner/runner.py` ("Choose the
default method") of bentoml 1.1.11. Those of transformers and TensorFlow depend on the class of the model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.requests import keys

DEFAULTS = {
    "pytorch": "__call__", "pytorch_lightning": "__call__", "torchscript": "__call__", "keras": "predict", "sklearn": "predict",
    "xgboost": "predict", "lightgbm": "predict", "catboost": "predict", "mlflow": "predict", "onnx": "run",
}  # fmt: skip
"""Framework -> the one method that its models are saved with unasked."""
RUNS = re.compile(r"bentoml\.(?P<framework>\w+)\.get\(\)\.to_runner\(\)\.(?:(?P<method>\w+)\.)?(?:async_)?run")


@rule(
    "DPL957",
    severity="error",
    leaves=["S.4.2"],
    until={"bentoml": "1.4"},
    see=[
        "https://github.com/bentoml/BentoML/issues/3412",
        "https://github.com/bentoml/BentoML/blob/v1.1.11/src/bentoml/_internal/runner/runner.py",
    ],
)
def runner_method_not_saved(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("bentoml.*.get().to_runner().**"):
        match = RUNS.fullmatch(call.name)
        default = DEFAULTS.get(match["framework"]) if match is not None else None
        if match is None or default is None or call.guarded:
            continue
        method = match["method"]
        saves = [
            save
            for other in files_with(project, re.compile("bentoml"), project.area(file))
            for save in other.calls(f"bentoml.{match['framework']}.save_model")
        ]
        known = [{default} if one.argument("signatures").missing else keys(one.argument("signatures")) for one in saves]
        if not saves or any(one is None for one in known) or any(save.open for save in saves):
            continue
        names = {name for one in known for name in one or ()}
        if names and method not in names and (method or not any(len(one or ()) == 1 or "__call__" in (one or ()) for one in known)):
            asked = ["runner.run" if name == "__call__" else f"runner.{name}.run" for name in sorted(names)]
            yield Finding(
                call,
                f"{saves[0].place.path} saves the model with {', '.join(sorted(names))} alone: "
                f"the runner has no {method or 'run'}, AttributeError",
                help=f"{asked[0]}(...), or signatures={{{method or '__call__'!r}: {{}}}} in save_model",
            )

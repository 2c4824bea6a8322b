"""A script for SageMaker whose functions the container cannot call.

The containers for PyTorch, MXNet, scikit-learn and Hugging Face call functions of the script by name: `model_fn(model_dir)` once, and
for each request `input_fn(body, content_type)`, `predict_fn(data, model)`, `output_fn(prediction, accept)`, or `transform_fn(model,
body, content_type, accept)` instead of these three. Each may take the context as one more. Any other number of parameters is a
TypeError at the first request, ``input_fn takes 1 arguments but 2 were given``; both ways at once a ValueError at the start: ``Cannot
use transform_fn implementation in conjunction with input_fn, predict_fn, and/or output_fn implementation``.

```python bad path=code/inference.py
import torch

def model_fn(model_dir):
    return torch.jit.load(f"{model_dir}/net.pt")

def input_fn(body):  # <-
    return torch.tensor(body)

def predict_fn(data, model, context):
    return model(data)

def output_fn(prediction, accept, content_type, context):  # <-
    return prediction
```

```python good path=code/inference.py
import torch

def model_fn(model_dir, context=None):
    return torch.jit.load(f"{model_dir}/net.pt")

def input_fn(body, content_type="application/json"):
    return torch.tensor(body)

def predict_fn(data, model):
    return model(data)
```

```python bad path=code/inference.py
import torch

def model_fn(model_dir):
    return torch.jit.load(f"{model_dir}/net.pt")

def transform_fn(model, body, content_type, accept):  # <-
    return model(body)

def predict_fn(data, model):
    return model(data)
```

The container for scikit-learn has no way of its own to load a model.

```python bad path=deploy.py
from sagemaker.sklearn import SKLearnModel

model = SKLearnModel(model_data="s3://b/model.tar.gz", role="r", entry_point="inference.py", framework_version="1.2-1")  # <-
```

```python + path=inference.py
def predict_fn(data, model):
    return model.predict(data)

def output_fn(prediction, accept):
    return prediction
```

TensorFlow's estimators use the same names for other things.

```python good path=train.py
import tensorflow as tf

def model_fn(features, labels, mode):
    return None

def input_fn():
    return None

estimator = tf.compat.v1.estimator.Estimator(model_fn)
```

References: `sagemaker_inference/transformer.py` of the inference toolkit, run with sagemaker-inference 1.10
(`tests/claims/test_servers.py`); `default_model_fn` of sagemaker-scikit-learn-container raises NotImplementedError.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.sagemaker import TAKES, hooks, parameters

NEED_MODEL_FN = "sagemaker.{sklearn,sklearn.model}.SKLearnModel"


@rule(
    "DPL569",
    severity="error",
    leaves=["S.1.2", "S.4.7"],
    see=[
        "https://github.com/aws/sagemaker-inference-toolkit/blob/master/src/sagemaker_inference/transformer.py",
        "https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#serve-a-pytorch-model",
        "https://stackoverflow.com/q/58953540",
    ],
)
def sagemaker_hooks(file: PythonFile, project: Project) -> Iterator[Finding]:
    found = hooks(file)
    for name, function in found.items():
        wanted, given = TAKES[name], parameters(function)
        if function.decorator_list:
            continue
        if len(given) not in (len(wanted), len(wanted) + 1):
            yield Finding(
                file.place_of(function),
                f"{name} has {len(given)} parameters, and SageMaker's container gives it {len(wanted)} ({', '.join(wanted)}), "
                "or one more: TypeError",
                help=f"def {name}({', '.join(wanted)})",
            )
        elif name == "transform_fn" and found.keys() & {"input_fn", "predict_fn", "output_fn"}:
            yield Finding(
                file.place_of(function),
                "transform_fn stands beside functions that it replaces: SageMaker's container refuses the script",
                help="leave out transform_fn, or input_fn, predict_fn and output_fn",
            )
    for call in file.calls(NEED_MODEL_FN):
        path = call.argument("entry_point").text
        script = project.resolve(path, call) if path and call.argument("source_dir").missing else None
        for facts in project.facts(script, PythonFile) if script else ():
            if "model_fn" not in facts.text and "import *" not in facts.text:
                yield Finding(
                    call,
                    f"{path} has no model_fn, and the container for scikit-learn cannot load a model without: NotImplementedError",
                    help="def model_fn(model_dir): return joblib.load(os.path.join(model_dir, ...))",
                )

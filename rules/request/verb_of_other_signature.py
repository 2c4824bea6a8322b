"""A request to classify or regress by a signature that is not made for it.

``:classify`` asks for a signature with one input, called ``inputs``, that takes serialized examples, and outputs
``classes`` or ``scores``; ``:regress`` for ``inputs`` and ``outputs``. TensorFlow 1's estimators wrote such signatures, Keras
and `tf.saved_model.save` do not: ``No classification inputs found in SignatureDef``, or ``Expected classification signature
method_name to be tensorflow/serving/classify`` where the server checks the method.

```python bad path=client.py
import requests

requests.post("http://localhost:8501/v1/models/flowers:classify", json={"examples": [{"x": 1.0}]})  # <-
```

```graph + path=models/flowers/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,1]) -> (y=y float32[?,3]) method=tensorflow/serving/predict
```

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/flowers:predict", json={"instances": [[1.0]]})
requests.post("http://localhost:8501/v1/models/elsewhere:classify", json={"examples": [{"x": 1.0}]})
```

```graph + path=models/flowers/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,1]) -> (y=y float32[?,3]) method=tensorflow/serving/predict
```

A signature that was made for it is answered.

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/flowers:classify", json={"examples": [{"x": 1.0}]})
```

```graph + path=models/flowers/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (inputs=x string[?]) -> (scores=y float32[?,3]) method=tensorflow/serving/classify
```

References: `PreProcessClassification` in `tensorflow_serving/servables/tensorflow/classifier.cc` and its like in `regressor.cc`.
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.python import PythonFile
from deplint.code.requests import asked, rest
from deplint.model import Signature
from deplint.settings.serving import saved_models

OUTPUTS = {"classify": {"classes", "scores"}, "regress": {"outputs"}}


@rule(
    "DPL624",
    severity="error",
    leaves=["S.2.3", "S.5.2"],
    see=["https://www.tensorflow.org/tfx/serving/signature_defs", "https://stackoverflow.com/q/40849395"],
)
def verb_of_other_signature(file: PythonFile, project: Project) -> Iterator[Finding]:
    for request in rest(file):
        if request.verb == "predict" or request.call.guarded:
            continue
        signatures = asked(request, saved_models(project, request.model, file, request.version))
        if signatures and not any(_answers(signature, OUTPUTS[request.verb]) for signature in signatures):
            yield Finding(
                request.call,
                f'the model "{request.model}" is asked to {request.verb}, and has no signature for that, only for predict: it is refused',
                help="ask :predict, with {'instances': [...]}",
            )


def _answers(signature: Signature, outputs: set[str]) -> bool:
    return set(signature.inputs) == {"inputs"} and bool(outputs & set(signature.outputs))

"""An input fed under a name the model does not have, or an input left out.

ONNX Runtime raises ``Required inputs (['image']) are missing from input feed (['images'])`` or ``Invalid input name: images``.

```python bad path=predict.py
import onnxruntime

session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"images": load()})  # <-
session.run(None, {"image": load(), "mask": load()})  # <- this model takes no mask
session.run(["score"], {"image": load()})  # <- nor does it give a score
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input image float32[n,3,8,8]
  op Identity (image) -> (y)
  output y float32[n,3,8,8]
```

TensorFlow raises ``TypeError: Binding inputs to tf.function failed`` where the signature of a SavedModel is called with another name.

```python bad path=predict.py
import tensorflow as tf

loaded = tf.saved_model.load("models/labels")
infer = loaded.signatures["serving_default"]
infer(images=tf.zeros((1, 4)))  # <-
infer(x=tf.zeros((1, 4)))
infer(tf.zeros((1, 4)))
infer(**read())
```

```graph + path=models/labels/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,5])
```

```python good path=predict.py
import onnxruntime

session = onnxruntime.InferenceSession("net.onnx")
session.run(None, {"image": load()})
session.run(["y"], {"image": load(), "scale": load()})
session.run(None, {session.get_inputs()[0].name: load()})
session.run(None, feed())
```

```graph + path=net.onnx
model onnx ir=8 opset=17
graph main
  input image float32[n,3,8,8]
  input scale float32[1]
  weight scale float32[1]{1.0}
  op Mul (image, scale) -> (y)
  output y float32[n,3,8,8]
```

TensorFlow Serving refuses the request (``Missing named input: image in 'inputs' object``, ``input size does not match signature``), over
gRPC and over REST. Which model a name means is what the project's settings say, or a folder of that name with numbered versions.

```python bad path=client.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

def classify(crops):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "labels"
    request.inputs["images"].CopyFrom(crops)  # <-
    stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
    return stub.Predict(request, 10.0)
```

```graph + path=models/labels/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image=image float32[?,32,32,3]) -> (y=y float32[?,5])
```

In rows every input has to be named, and no other.

```python bad path=client.py
import requests

url = "http://localhost:8501/v1/models/pairs:predict"
requests.post(url, json={"instances": [{"left": [1.0], "rihgt": [2.0]}]})  # <-
requests.post(url, json={"instances": [{"left": [1.0]}]})  # <-
requests.post(url, json={"inputs": {"left": [[1.0]]}})  # <-
```

```graph + path=models/pairs/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (left=left float32[?,1], right=right float32[?,1]) -> (y=y float32[?,1])
```

Whole tensors under `inputs` may hold more than is asked for.

```python good path=client.py
import requests

url = "http://localhost:8501/v1/models/pairs:predict"
requests.post(url, json={"instances": [{"left": [1.0], "right": [2.0]}]})
requests.post(url, json={"inputs": {"left": [[1.0]], "right": [[1.0]], "note": "x"}})
requests.post(url, json={"instances": rows()})
requests.post("http://localhost:8501/v1/models/photos:predict", json={"instances": [{"b64": "aGVsbG8="}]})
```

```graph + path=models/pairs/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (left=left float32[?,1], right=right float32[?,1]) -> (y=y float32[?,1])
```

```graph + path=models/photos/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (image_bytes=image_bytes string[?]) -> (y=y float32[?,4])
```

Triton: ``unexpected inference input 'images' for model 'damage'``.

```python bad path=client.py
import tritonclient.http as triton

client = triton.InferenceServerClient("localhost:8000")
image = triton.InferInput("images", [1, 3, 32, 32], "FP32")  # <-
client.infer("damage", [image], outputs=[triton.InferRequestedOutput("damage")])
```

```pbtxt + path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

What is read of the answer has a name, too: `as_numpy` gives None for any other.

```python bad path=client.py
import tritonclient.grpc as triton

client = triton.InferenceServerClient("localhost:8001")

def damage(picture):
    image = triton.InferInput("image", picture.shape, "FP32")
    image.set_data_from_numpy(picture)
    answer = client.infer("damage", [image])
    return answer.as_numpy("output").argmax(1), answer.as_numpy("damage").argmax(1)  # <-
```

```pbtxt + path=models/damage/config.pbtxt
platform: "onnxruntime_onnx"
input [ { name: "image" data_type: TYPE_FP32 dims: [ 3, 32, 32 ] } ]
output [ { name: "damage" data_type: TYPE_FP32 dims: [ 4 ] } ]
```

Where the model itself is not in the project, the code that exports it may say what it takes.

```python bad path=client.py
import grpc
from tensorflow_serving.apis import predict_pb2, prediction_service_pb2_grpc

request = predict_pb2.PredictRequest()
request.model_spec.name = "houses"
request.inputs["x"].CopyFrom(make())  # <-
stub = prediction_service_pb2_grpc.PredictionServiceStub(grpc.insecure_channel("localhost:8500"))
print(stub.Predict(request, 5.0))
```

```python + path=export.py
import tensorflow as tf

class Houses(tf.Module):
    @tf.function(input_signature=[tf.TensorSpec([None, 12], tf.float32, name="features")])
    def predict(self, x):
        return {"price": tf.reduce_sum(x, axis=1)}

houses = Houses()
tf.saved_model.save(houses, "models/houses/1", signatures={"serving_default": houses.predict})
```

So may a builder of TensorFlow 1.

```python bad path=client.py
import requests

requests.post("http://localhost:8501/v1/models/mnist:predict", json={"instances": [{"image": [0.0, 1.0]}]})  # <-
requests.post("http://localhost:8501/v1/models/mnist:predict", json={"instances": [{"images": [0.0, 1.0]}]})
requests.post("http://localhost:8501/v1/models/mnist:predict", json={"instances": [[0.0, 1.0]]})
requests.post("http://localhost:8501/v1/models/other:predict", json={"instances": [{"image": [0.0, 1.0]}]})
```

```python + path=export.py
import tensorflow as tf

x = tf.compat.v1.placeholder(tf.float32, [None, 2])
info = tf.compat.v1.saved_model.build_tensor_info(x)
signature = tf.compat.v1.saved_model.build_signature_def({"images": info}, {"y": info}, "tensorflow/serving/predict")
builder = tf.compat.v1.saved_model.Builder("export/mnist/1")
builder.add_meta_graph_and_variables(session, ["serve"], signature_def_map={"serving_default": signature})
builder.save()
```

Code that may write several, or whose signatures are made elsewhere, says nothing.

```python good path=client.py
import requests

requests.post("http://localhost:8501/v1/models/mnist:predict", json={"instances": [{"image": [0.0, 1.0]}]})
```

```python + path=export.py
import tensorflow as tf
from signatures import made

x = tf.compat.v1.placeholder(tf.float32, [None, 2])
if tf.__version__ > "1":
    tf.compat.v1.saved_model.simple_save(session, "export/mnist/1", inputs={"images": x}, outputs={"y": x})
tf.compat.v1.saved_model.simple_save(session, "export/mnist/2", inputs={"image": x}, outputs={"y": x})
```

References: checked with onnxruntime 1.32 (`tests/claims/test_requests.py`); `json_tensor.cc` and `predict_util.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Sequence

from deplint import Finding, Place, Project, rule
from deplint.code.facts import Call, Value
from deplint.code.loaded import called_signatures, model_of
from deplint.code.python import PythonFile
from deplint.code.requests import asked, entry, grpc, keys, rest, triton
from deplint.code.signatures import reached
from deplint.code.tokens import CALLS, Encoded, encoded
from deplint.settings.repository import named


@rule(
    "DPL603",
    severity="error",
    leaves=["S.2.3", "S.5.2"],
    see=[
        "https://www.tensorflow.org/tfx/serving/api_rest#predict_api",
        "https://onnxruntime.ai/docs/api/python/api_summary.html",
        "https://stackoverflow.com/q/46800819",
    ],
)
def input_name_mismatch(file: PythonFile, project: Project) -> Iterator[Finding]:
    yield from _fed(file, project)
    yield from _called(file, project)
    yield from _posted(file, project)
    yield from _sent(file, project)
    yield from _inferred(file, project)


def _fed(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What ONNX Runtime is fed."""
    for call in file.calls("onnxruntime.InferenceSession().run"):
        feed, wanted = call.argument("input_feed", 1), call.argument("output_names", 0)
        model = model_of(call.receiver, project, written=True) if feed.entries is not None or encoded(feed) or wanted.items else None
        if model is None or not model.inputs:
            continue
        names = [tensor.name for tensor in model.inputs]
        required = {tensor.name for tensor in model.inputs if tensor.stored is None and tensor.dtype != "optional"}
        for key, _ in feed.entries or ():
            if key.text is not None and key.text not in names:
                yield _wrong(key.place, f"the model {model.path}", key.text, names)
                break
        else:
            tokens = _tokens(call, feed)
            if tokens is not None and tokens.types and "token_type_ids" not in names:
                yield _wrong(feed.place, f"the tokenizer gives all it has, and the model {model.path}", "token_type_ids", names)
                continue
            given = keys(feed)
            # An exporter leaves out inputs that the network does not use, which code alone does not show.
            if given is not None and required - given and model.graph.ops:
                yield _missing(call.place, f"the model {model.path}", required - given, names)
        outputs = [tensor.name for tensor in model.outputs]
        for name in wanted.items or ():
            if name.text is not None and outputs and name.text not in outputs:
                yield _wrong(name.place, f"the model {model.path}", name.text, outputs, "output")
                break


def _tokens(call: Call, feed: Value) -> Encoded | None:
    """What a tokenizer gives that is fed as a whole: ``tokens``, ``dict(tokens)``, ``{k: v for k, v in tokens.items()}``."""
    node = feed.node
    match node:
        case ast.Call(func=ast.Name(id="dict"), args=[ast.Name(id=name)], keywords=[]):
            pass
        case ast.Dict(keys=[None], values=[ast.Name(id=name)]):
            pass
        case ast.DictComp(generators=[ast.comprehension(iter=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="items")), ifs=[])]):
            pass
        case _:
            return encoded(feed)
    scope = call.functions[-1].node if call.functions else call.file.shape.tree
    sets = [n for n in ast.walk(scope) if isinstance(n, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in n.targets)]
    made = [c for c in call.file.calls(CALLS) if len(sets) == 1 and c.node is sets[0].value]
    return encoded(made[0].result) if made else None


def _called(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What signatures of SavedModels are called with."""
    for call, model, key in called_signatures(file, project):
        signature = model.signatures.get(key)
        wrong = next((name for name in call.keywords if signature is not None and name not in signature.inputs), None)
        if signature is not None and wrong is not None:
            yield _wrong(call.place, f'the signature "{key}" of {model.path}', wrong, list(signature.inputs))


def _posted(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What is posted to TensorFlow Serving: rows name all inputs and nothing else, columns at least all; one input needs no name."""
    for request in rest(file):
        rows, columns = entry(request.body, "instances"), entry(request.body, "inputs")
        sent = [(value, True) for value in (rows.items or () if rows is not None else ())]
        sent += [(columns, False)] if columns is not None else []
        if request.verb != "predict" or not sent:
            continue
        takes = [list(s.inputs) for s in asked(request, reached(project, request.model, file, request.version))]
        for value, exact in sent:
            nameless = _plain(value) or keys(value) == {"b64"}
            given = set[str]() if nameless else keys(value)
            if given is None or (nameless and any(len(names) == 1 for names in takes)):
                continue
            finding = _differs(value.place, f'the model "{request.model}"', given, takes, exact)
            if finding is not None:
                yield finding
                break


def _plain(value: Value) -> bool:
    """A number, a string or a list: a value without a name."""
    return value.certain and (isinstance(value.python(), (int, float, str)) or (value.items is not None and value.entries is None))


def _sent(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What is sent to TensorFlow Serving over gRPC."""
    for request in grpc(file):
        models = reached(project, request.model.text, file) if request.model.text and request.inputs else []
        known = request.signature.text or "" if request.signature.missing or request.signature.text is not None else None
        takes = [list(s.inputs) for s in asked(known, models)]
        wrong = next((name for name in request.inputs if takes and all(name not in names for names in takes)), None)
        if wrong is not None:
            yield _wrong(request.inputs[wrong], f'the model "{request.model.text}"', wrong, takes[0])


def _inferred(file: PythonFile, project: Project) -> Iterator[Finding]:
    """What is sent to Triton, and read of its answer."""
    for call in file.calls("tritonclient.{http,grpc}{,.aio}.InferenceServerClient().infer().as_numpy"):
        made = call.receiver.origin
        model, name = made.argument("model_name", 0).text if made is not None else None, call.argument("name", 0).text
        gives = [[tensor.name for tensor in config.outputs] for config in named(project, model, file) if config.outputs] if model else []
        if name and gives and not call.guarded and all(name not in there for there in gives):
            yield Finding(
                call,
                f'Triton\'s model "{model}" has no output "{name}": as_numpy gives None',
                help=f"its outputs are: {_list(gives[0])}",
            )
    for request in triton(file):
        configs = named(project, request.model, file)
        if not all(config.inputs for config in configs):  # Triton reads them from the model
            continue
        takes = [[tensor.name for tensor in config.inputs] for config in configs]
        gives = [[tensor.name for tensor in config.outputs] for config in configs if config.outputs]
        what = f'Triton\'s model "{request.model}"'
        for names, known, kind in ((request.inputs, takes, "input"), (request.outputs, gives, "output")):
            wrong = next((name for name in names if name.text and known and all(name.text not in there for there in known)), None)
            if wrong is not None:
                yield _wrong(wrong.place, what, wrong.text or "", known[0], kind)
                break
        else:
            given = {name.text or "" for name in request.inputs}
            needed = [{tensor.name for tensor in config.inputs if not tensor.optional} for config in configs]
            if request.complete and needed and all(names - given for names in needed):
                yield _missing(request.call.place, what, needed[0] - given, takes[0])


def _differs(place: Place, what: str, given: set[str], takes: Sequence[list[str]], exact: bool) -> Finding | None:
    if not takes or any(set(names) <= given and (not exact or given <= set(names)) for names in takes):
        return None
    extra = sorted(given - set(takes[0]))
    if extra and (exact or set(takes[0]) - given):
        return _wrong(place, what, extra[0], takes[0])
    return _missing(place, what, set(takes[0]) - given, takes[0])


def _wrong(place: Place, what: str, name: str, there: Sequence[str], kind: str = "input") -> Finding:
    return Finding(place, f'{what} has no {kind} "{name}": it is refused', help=f"its {kind}s are: {_list(there)}")


def _missing(place: Place, what: str, names: Collection[str], there: Sequence[str]) -> Finding:
    return Finding(place, f"{what} also needs {_list(sorted(names))}: without, it is refused", help=f"its inputs are: {_list(there)}")


def _list(names: Collection[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)

"""A converter is told names that the model does not have.

Converters of frozen graphs want the names of nodes, those of SavedModels a signature, and stop at others:
``Invalid tensors 'input' were found``, ``The name 'Softmax' refers to an Operation not in the graph``, ``Signature "predict" does not
exist in the saved model``. The TFLite converter wants nodes (`scores`), tf2onnx tensors (`scores:0`).

```python bad
import tensorflow as tf

converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(
    "frozen.pb",
    input_arrays=["input"],  # <-
    output_arrays=["scores"],
)
other = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph("elsewhere.pb", ["image"], ["scores:0"])  # <-
```

```graph + path=frozen.pb
model graphdef
graph main
  op Placeholder image () -> (image float32[1,4])
  op Relu scores (image) -> (scores float32[1,4])
```

```sh bad
tensorflowjs_converter --input_format=tf_frozen_model --output_node_names=Softmax frozen.pb web # <-
tensorflowjs_converter --input_format=tf_saved_model --signature_name=predict export web # <-
```

```graph + path=frozen.pb
model graphdef
graph main
  op Placeholder image () -> (image float32[1,4])
  op Relu scores (image) -> (scores float32[1,4])
```

```graph + path=export/saved_model.pb
model savedmodel
signature serving_default (image float32[1,4]) -> (scores float32[1,4])
graph main
  op Placeholder image () -> (image float32[1,4])
  op Relu scores (image) -> (scores float32[1,4])
```

```python good
import tensorflow as tf
import tf2onnx

converter = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph("frozen.pb", ["image"], ["scores"])
other = tf.compat.v1.lite.TFLiteConverter.from_frozen_graph("elsewhere.pb", ["input"], ["output"])
third = tf2onnx.convert.from_graph_def(graph, input_names=["image:0"], output_names=["scores:0"])
```

```graph + path=frozen.pb
model graphdef
graph main
  op Placeholder image () -> (image float32[1,4])
  op Relu scores (image) -> (scores float32[1,4])
```

References: https://stackoverflow.com/questions/52918051; https://stackoverflow.com/questions/54839007; checked with TensorFlow 2.21,
tensorflowjs 4.22 and tf2onnx 1.17 (`tests/claims/test_given_models_tensorflow.py`, `tests/claims/test_tfjs_converter.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from deplint import Finding, Model, Project, rule
from deplint.code.python import PythonFile
from deplint.finding import Placed
from deplint.settings.scripts import Script
from deplint.settings.text import HOLE

from ..operators import read
from . import flag_value, tfjs_flags

FROZEN = "tensorflow.{compat.v1.,}lite.{TFLiteConverter,TocoConverter}.from_frozen_graph"
SAVED = "tensorflow.{compat.v1.,}lite.TFLiteConverter.from_saved_model"


@rule(
    "DPL131",
    severity="error",
    leaves=["M.2.4", "B.2.4", "S.2.3"],
    see=["https://stackoverflow.com/questions/52918051", "https://stackoverflow.com/questions/54839007"],
)
def name_not_in_model(code: PythonFile | Script, project: Project) -> Iterator[Finding]:
    if isinstance(code, Script):
        yield from _of_script(code, project)
        return
    for call in code.calls(FROZEN):
        nodes = _nodes(call.argument("graph_def_file", 0).text, call, project)
        for names in (call.argument("input_arrays", 1), call.argument("output_arrays", 2)):
            for name in names.items or () if not call.guarded else ():
                text = name.text or ""
                if text.endswith(":0"):
                    yield Finding(
                        name, f"{text!r} is a tensor, and nodes are wanted: Invalid tensors were found", help=f"write {text[:-2]!r}"
                    )
                elif text and nodes and text not in nodes:
                    yield Finding(name, f"the graph has no node {text!r}: Invalid tensors were found", help=_known(nodes))
    for call in code.calls(SAVED):
        signatures = _signatures(call.argument("saved_model_dir", 0).text, call, project)
        for name in call.argument("signature_keys").items or ():
            if name.text and signatures and name.text not in signatures and not call.guarded:
                yield Finding(name, f"the SavedModel has no signature {name.text!r}: convert() raises", help=_known(signatures))
    for call in code.calls("tf2onnx.convert.from_graph_def"):
        for names in (call.argument("input_names"), call.argument("output_names")):
            for name in names.items or () if not call.guarded else ():
                if name.text and ":" not in name.text:
                    yield Finding(name, f"{name.text!r} is a node, and tf2onnx wants tensors", help=f"write '{name.text}:0'")


def _of_script(script: Script, project: Project) -> Iterator[Finding]:
    for command in script.commands:
        given = tfjs_flags(command.words)
        path = given[1][0].text if given is not None and given[1] else None
        if given is None or not path:
            continue
        flags = given[0]
        kind = flag_value(flags["--input_format"]) if "--input_format" in flags else "tf_saved_model"
        if kind == "tf_frozen_model" and (word := flags.get("--output_node_names")) is not None:
            nodes = _nodes(path, script, project)
            for name in flag_value(word).split(","):
                if nodes and HOLE not in name and name.strip().removesuffix(":0") not in nodes:
                    yield Finding(word, f"the graph has no node {name.strip()!r}: the converter stops", help=_known(nodes))
        if kind == "tf_saved_model" and (word := flags.get("--signature_name")) is not None:
            signatures, name = _signatures(path, script, project), flag_value(word)
            if signatures and name and HOLE not in name and name not in signatures:
                yield Finding(word, f"the SavedModel has no signature {name!r}: the converter stops", help=_known(signatures))


def _nodes(path: str | None, near: Placed, project: Project) -> list[str]:
    """The names of a frozen graph's nodes; none if it is not in the project."""
    found = read(project, project.resolve(path, near), Model) if path else []
    return [op.name for model in found if model.format.startswith("graphdef") for graph in model.graphs[:1] for op in graph.ops]


def _signatures(path: str | None, near: Placed, project: Project) -> list[str]:
    found = read(project, project.resolve(path.rstrip("/") + "/saved_model.pb", near), Model) if path else []
    return [name for model in found for name in model.signatures if name != "__saved_model_init_op"]


def _known(names: list[str]) -> str:
    shown = ", ".join(names[:2] + names[-3:] if len(names) > 5 else names)
    return f"it has {shown}" + (f" and {len(names) - 5} more" if len(names) > 5 else "")

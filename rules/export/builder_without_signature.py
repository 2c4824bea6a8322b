"""A SavedModel that a builder writes without a signature, or without the tag that servers ask for.

`add_meta_graph_and_variables` stores the signatures it is given: without `signature_def_map` there is nothing a server or a converter
can call (``Serving signature key "serving_default" not found``). TensorFlow Serving loads the graph tagged ``serve`` and no other:
``Could not find meta graph def matching supplied tags: { serve }``.

```python bad
import tensorflow as tf

builder = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(session, [tf.compat.v1.saved_model.tag_constants.SERVING])  # <-
builder.save()
```

```python bad path=export.py
import tensorflow as tf

builder = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(session, ["train"], signature_def_map=signatures)  # <-
builder.save()
```

```bash + path=serve.sh
docker run -p 8501:8501 -v $PWD/export:/models/fruit -e MODEL_NAME=fruit tensorflow/serving
```

```python good
import tensorflow as tf

builder = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(session, ["serve"], signatures)
builder.add_meta_graph(["train"])
builder.save()
other = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/2")
other.add_meta_graph_and_variables(session, [TAG], **options)
```

Code of one's own may load a graph by its tag and find tensors by their names.

```python good
import tensorflow as tf

builder = tf.compat.v1.saved_model.builder.SavedModelBuilder("export/1")
builder.add_meta_graph_and_variables(session, ["mine"])
builder.save()
tf.compat.v1.saved_model.loader.load(other, ["mine"], "export/1")
```

References: executed with TensorFlow 2.21 (`tests/claims/test_parsing.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.settings.serving import servers

ADDS = "tensorflow.**.{SavedModelBuilder,Builder}()"
_LOADS = re.compile(r"loader\.load\(|saved_model\.load\(|maybe_saved_model|load_saved_model")


@rule(
    "DPL142",
    severity="warning",
    leaves=["S.2.3", "B.2.4"],
    see=["https://www.tensorflow.org/api_docs/python/tf/compat/v1/saved_model/Builder", "https://stackoverflow.com/q/54721073"],
)
def builder_without_signature(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls(ADDS + ".add_meta_graph_and_variables"):
        if call.guarded or call.open:
            continue
        signatures = call.argument("signature_def_map", 2)
        if signatures.missing and not files_with(project, _LOADS, project.area(file)):
            yield Finding(
                call,
                "the SavedModel gets no signature: TensorFlow Serving and the converters have nothing to call",
                help="pass signature_def_map={'serving_default': predict_signature_def(inputs, outputs)}",
            )
        elif not signatures.missing and _tagged_otherwise(call, file) and servers(project):
            yield Finding(
                call.argument("tags", 1),
                "TensorFlow Serving loads the graph tagged serve, and this one is tagged otherwise: Could not find meta graph def",
                help="use [tf.compat.v1.saved_model.tag_constants.SERVING]",
            )


def _tagged_otherwise(call: Call, file: PythonFile) -> bool:
    """No graph of the builder has the tag for serving."""
    added = [*file.calls(ADDS + ".add_meta_graph"), *file.calls(ADDS + ".add_meta_graph_and_variables")]
    ours = [one for one in added if one.receiver.identity == call.receiver.identity]
    tags = [
        tag
        for one in ours
        for tag in (one.argument("tags", 0 if one.name.endswith("add_meta_graph") else 1).items or [one.argument("tags", 9)])
    ]
    return bool(tags) and all(tag.text is not None and tag.text != "serve" for tag in tags)

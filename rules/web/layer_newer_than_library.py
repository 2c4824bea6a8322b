"""A model with a layer that came after the release of TensorFlow.js that loads it.

A layers model is built again from the names of its layers; an old release stops at those it does not know: ``Unknown layer:
GaussianNoise. This may be due to one of the following reasons``.

```html bad path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@0.15.3/dist/tf.min.js"></script>
<script>
tf.loadModel('model/model.json').then(run); // <-
</script>
```

```json + path=model/model.json
{"format": "layers-model", "generatedBy": "keras v2.1.6", "convertedBy": "TensorFlow.js Converter v0.8.0",
 "modelTopology": {"keras_version": "2.1.6", "backend": "tensorflow", "model_config": {"class_name": "Sequential", "config": {"name": "m",
  "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 4, 1], "dtype": "float32", "name": "x"}},
             {"class_name": "GaussianNoise", "config": {"name": "c", "stddev": 0.1}}]}}}, "weightsManifest": []}
```

```html good path=index.html
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs@4.22.0/dist/tf.min.js"></script>
<script>
tf.loadLayersModel('model/model.json').then(run);
</script>
```

```json + path=model/model.json
{"format": "layers-model", "generatedBy": "keras v2.1.6", "convertedBy": "TensorFlow.js Converter v0.8.0",
 "modelTopology": {"keras_version": "2.1.6", "backend": "tensorflow", "model_config": {"class_name": "Sequential", "config": {"name": "m",
  "layers": [{"class_name": "InputLayer", "config": {"batch_input_shape": [null, 4, 4, 1], "dtype": "float32", "name": "x"}},
             {"class_name": "GaussianNoise", "config": {"name": "c", "stddev": 0.1}}]}}}, "weightsManifest": []}
```

References: the builds of 0.8.0 to 4.22.0 (`deplint/data/tfjs_names.json`); https://stackoverflow.com/questions/55007059
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.apps import tfjs
from deplint.apps.loads import loads
from deplint.apps.site import release
from deplint.apps.web import served_model
from deplint.code.source import SourceFile
from deplint.settings.ranges import between


@lru_cache
def _layers() -> dict[str, tfjs.Span]:
    """The functions that make layers, in lower case, as the class names of their layers are."""
    prefix = "layers."
    return {name.removeprefix(prefix).lower(): span for name, span in tfjs.spans().items() if name.startswith(prefix)}


@rule(
    "DPL829",
    severity="error",
    leaves=["B.3.2", "B.2.5"],
    see=["https://stackoverflow.com/questions/55007059", "https://js.tensorflow.org/api/latest/"],
)
def layer_newer_than_library(file: SourceFile, project: Project) -> Iterator[Finding]:
    for load in loads(file, project):
        model = served_model(project, load.address) if load.family == "tfjs" else None
        if model is None or model.format != "tfjs-layers":
            continue
        used = release(project, file, "@tensorflow/tfjs")
        if used is None or used.tightness < 2:
            continue
        for layer in model.layers:
            span = _layers().get(layer.class_name.lower())
            without = between(None, span.first) if span is not None and span.before else None
            if span is not None and span.first.startswith("0."):
                continue  # layers were there before the functions that make them
            if span is not None and without is not None and used <= without and (used.exact == span.before or _before(used, span.before)):
                yield Finding(
                    load.call,
                    f"{model.path} has a layer {layer.class_name}, which came with TensorFlow.js {span.first} at the latest: Unknown layer",
                    help=f"load TensorFlow.js {span.first} or later",
                )
                break


def _before(used: object, release: str) -> bool:
    limit = between(None, release)
    return limit is not None and used <= limit  # type: ignore[operator]

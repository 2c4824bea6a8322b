"""What is at a model's base path is nothing TensorFlow Serving can load.

The server looks below the base path for folders whose names are numbers, and in each for a SavedModel. A folder called `v1`, `latest`
or `1.0` is passed over without a word (``No versions of servable fruit found under base path``); one with a checkpoint, a Keras file or
an ONNX model in it fails to load (``Could not find SavedModel .pb or .pbtxt at supplied export directory path``).

```textproto bad path=models.config
model_config_list { config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" } }  # <-
```

```graph + path=models/fruit/v1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```textproto good path=models.config
model_config_list { config { name: "fruit" base_path: "/models/fruit" model_platform: "tensorflow" } }
```

```graph + path=models/fruit/001/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```graph + path=models/fruit/candidate/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

A checkpoint is no model.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
    volumes:
      - ./training:/models/fruit  # <-
```

```text + path=training/1/checkpoint
model_checkpoint_path: "model.ckpt-1000"
```

```text + path=training/1/model.ckpt-1000.index
.
```

```dockerfile bad
FROM tensorflow/serving:2.19.0
ENV MODEL_NAME=fruit
COPY export /models/fruit/1  # <-
```

```hex + path=export/fruit.onnx
08 07
```

A folder without any model may be filled later.

```dockerfile good
FROM tensorflow/serving:2.19.0
ENV MODEL_NAME=fruit
COPY export /models/fruit/1
```

```text + path=export/README.md
the model is put here before the build
```

References: `sources/storage_path/file_system_storage_path_source.cc` of TensorFlow Serving, `cc/saved_model/reader.cc` of TensorFlow.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Place, Project, rule
from deplint.settings.containers import Deployment
from deplint.settings.serving import Served, Server, folders, listing, run_by, servers
from deplint.settings.triton import ServingModels

LOADED = ("saved_model.pb", "saved_model.pbtxt", "model.tflite")
OTHERS = {
    r"checkpoint$|.*\.ckpt.*|.*\.index$|.*\.data-\d+-of-\d+$": (
        "a checkpoint",
        "restore it and export: model.export(...), tf.saved_model.save(...)",
    ),
    r".*\.(keras|h5|hdf5)$": ("a Keras file", "load it and export: model.export(...)"),
    r".*\.onnx$": ("an ONNX model", "serve it with Triton or ONNX Runtime, or convert it"),
    r".*\.(pt|pth)$": ("a PyTorch file", "serve it with a server for PyTorch, or convert it"),
    r".*\.(tflite)$": ("a TensorFlow Lite model", "call it model.tflite and start the server with --prefer_tflite_model=true"),
    r".*frozen.*\.pb$": ("a frozen graph", "load it and save it with tf.saved_model.save"),
}
"""Names of files that are models, and no SavedModel: what they are, and what to do."""


@rule(
    "DPL515",
    severity="error",
    leaves=["S.2.1", "S.7", "S.3.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/2.20.0/tensorflow_serving/sources/storage_path/file_system_storage_path_source.cc",
        "https://stackoverflow.com/q/56598701",
        "https://stackoverflow.com/q/54690012",
    ],
)
def tfs_nothing_to_serve(settings: Deployment | ServingModels, project: Project) -> Iterator[Finding]:
    if isinstance(settings, ServingModels):
        for served in listing(settings):
            held = [folder for server in servers(project) if (folder := server.folder(served.base))] or _ending(project, served.base)
            yield from _faults(project, served, served.place, held[0] if len(held) == 1 else None)
        return
    for server in run_by(settings, project):
        for served in server.models or () if "model_config_file" not in server.flags else ():
            yield from _faults(project, served, *_content(server, served))


def _content(server: Server, served: Served) -> tuple[Place, Path | None, bool]:
    """What is at the base path, with the place that says so; or what is at one version of it, and that it is."""
    at = [c for c in server.contents if c.target == served.base]
    folder = server.folder(served.base)
    if at or folder:
        return (at[-1].place if at else served.place), folder, False
    inside = [c for c in server.contents if c.target is None or c.target.startswith(served.base + "/")]
    if len(inside) == 1 and inside[0].source is not None and re.fullmatch(re.escape(served.base) + r"/\d+", inside[0].target or ""):
        return inside[0].place, inside[0].source, True
    return served.place, None, False


def _faults(project: Project, served: Served, place: Place, folder: Path | None, version: bool = False) -> Iterator[Finding]:
    """`version` says that the folder is one version of the model, not what holds the versions."""
    if folder is None or folder not in folders(project):
        return
    children = [folder] if version else sorted(path for path in folders(project) if path.parent == folder)
    numbered = [child for child in children if version or child.name.isdigit()]
    if any((child / name).exists() for child in [*numbered, folder] for name in LOADED):
        return
    unnumbered = next((child for child in children if (child / LOADED[0]).exists()), None)
    if unnumbered is not None:
        yield Finding(
            place,
            f'the model of "{served.name}" is in a folder called {unnumbered.name}: '
            "TensorFlow Serving passes over folders whose names are no numbers",
            help=f"call it 1: {served.base}/1/saved_model.pb",
        )
        return
    for where in numbered or [folder]:
        names = [file.name for file in project.files if file.path.parent == where]
        for pattern, (what, remedy) in OTHERS.items():
            found = next((name for name in names if re.fullmatch(pattern, name)), None)
            if found:
                yield Finding(
                    place,
                    f'what is at the base path of "{served.name}" is {what} ({found}): TensorFlow Serving loads SavedModels',
                    help=remedy,
                )
                return


def _ending(project: Project, base: str) -> list[Path]:
    """The project's folders whose path ends in `base`, if it has two parts or more."""
    tail = tuple(part for part in base.split("/") if part)
    return [folder for folder in folders(project) if len(tail) > 1 and folder.parts[-len(tail) :] == tail]

"""A base path that is the model itself, or one version of it.

TensorFlow Serving looks in a model's base path for folders whose names are numbers, `1/saved_model.pb`, and serves the highest. In a base
path that is such a folder there are none: ``No versions of servable fruit found under base path /models/fruit/1. Did you forget to
name your leaf directory as a number (eg. '/1/')?`` The server starts, and every request is answered with 404.

```textproto bad path=models.config
model_config_list {
  config {
    name: "fruit"
    base_path: "/models/fruit/1"  # <-
    model_platform: "tensorflow"
  }
}
```

```graph + path=models/fruit/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```textproto good path=models.config
model_config_list {
  config {
    name: "fruit"
    base_path: "/models/fruit"
    model_platform: "tensorflow"
  }
}
```

```bash bad path=run.sh
tag=2.19.0
docker run -v /srv/models:/models tensorflow/serving:$tag --model_name=fruit --model_base_path=/models/fruit/1  # <-
```

The folder that is mounted at the base path counts as well, be it only by its name where it is not in the project.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
    volumes:
      - ./export/fruit/3:/models/fruit  # <-
```

The files themselves tell as well.


```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
    volumes:
      - ./export:/models/fruit  # <-
```

```graph + path=export/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.19.0
    environment: [MODEL_NAME=fruit]
    volumes:
      - ./export:/models/fruit/1
```

```graph + path=export/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

So does code that writes them.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.9.3
    environment: {MODEL_NAME: price}
    volumes:
      - ./serving/price:/models/price:ro  # <-
```

```python + path=export_model.py
import os
import tensorflow as tf

model = tf.keras.models.load_model("price.h5")
tf.saved_model.save(model, os.path.join("serving", "price"))
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.9.3
    environment: {MODEL_NAME: price}
    volumes:
      - ./serving/price:/models/price:ro
```

```python + path=export_model.py
import tensorflow as tf

model = tf.keras.models.load_model("price.h5")
tf.saved_model.save(model, "serving/price/1")
```

A model may be called by a number.

```textproto good path=models.config
model_config_list { config { name: "2024" base_path: "/models/2024" model_platform: "tensorflow" } }
```

```graph + path=models/2024/1/saved_model.pb
model savedmodel tags=[serve]
signature serving_default (x=x float32[?,4]) -> (y=y float32[?,4])
```

A file is no base path, whatever starts the server.

```bash bad path=serve.sh
tensorflow_model_server --rest_api_port=8501 --model_name=fruit --model_base_path=/srv/fruit/1/saved_model.pb  # <-
tensorflow_model_server --rest_api_port=8501 --model_name=fruit --model_base_path=/srv/fruit
```

Nor does it read what Keras saves in a file.

```yaml bad path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.17.0
    environment: {MODEL_NAME: price}
    volumes:
      - ./models/price:/models/price  # <-
```

```python + path=train.py
import tensorflow as tf

VERSION = 1
model = tf.keras.Sequential([tf.keras.Input((10,)), tf.keras.layers.Dense(1)])
model.save(f"models/price/{VERSION}/price.keras")
```

```yaml good path=docker-compose.yml
services:
  serving:
    image: tensorflow/serving:2.17.0
    environment: {MODEL_NAME: price}
    volumes:
      - ./models/price:/models/price
```

```python + path=train.py
import tensorflow as tf

model = tf.keras.Sequential([tf.keras.Input((10,)), tf.keras.layers.Dense(1)])
model.save("price.keras")
model.export("models/price/1")
```

References: `sources/storage_path/file_system_storage_path_source.cc` of TensorFlow Serving.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Place, Project, rule
from deplint.code.exported import saved_model_folders
from deplint.code.pipelines import files_with
from deplint.settings.commands import programs
from deplint.settings.containers import Deployment
from deplint.settings.scripts import Script
from deplint.settings.serving import SAVED_MODEL, Content, Served, Server, below, folders, listing, run_by, servers, versions
from deplint.settings.triton import ServingModels


@rule(
    "DPL505",
    severity="error",
    leaves=["S.3.3"],
    see=[
        "https://github.com/tensorflow/serving/blob/master/tensorflow_serving/g3doc/serving_config.md",
        "https://stackoverflow.com/q/53443415",
        "https://stackoverflow.com/q/55488364",
    ],
)
def tfs_base_path_not_version_parent(settings: Deployment | ServingModels | Script, project: Project) -> Iterator[Finding]:
    if isinstance(settings, Script):
        for program in programs(settings):
            base = program.flags.get("model_base_path") if program.name == "tensorflow_model_server" else None
            if base is not None and re.search(r"saved_model\.pb(?:txt)?[\"')}]*$", base.written):
                yield Finding(
                    base,
                    "the base path is a file: TensorFlow Serving finds no versions under it",
                    help="give the folder that holds the numbered folders of the versions",
                )
        return
    if isinstance(settings, ServingModels):
        for served in listing(settings):
            held = [folder for server in servers(project) if (folder := server.folder(served.base))] or _ending(project, served.base)
            yield from _faults(project, served, served.place, held)
        return
    for server in run_by(settings, project):
        if "model_config_file" not in server.flags:
            for served in server.models or ():
                inside = any(c.target is None or (c.target != served.base and below(c.target, served.base)) for c in server.contents)
                version = next((c for c in server.contents if c.target == served.base and _is_version(c, served)), None)
                if version is not None:
                    yield Finding(
                        version.place,
                        f"{version.host} is one version of the model, and is mounted at the base path {served.base}: TensorFlow Serving "
                        "looks there for folders named by numbers, and finds none",
                        help=f"mount the folder above it, or mount it at {served.base}/{posixpath.basename(version.host)}",
                    )
                elif (written := _written(server, served, project)) is not None:
                    yield Finding(
                        written.place,
                        f"the model is written to {written.host} itself, which is mounted at the base path {served.base}: TensorFlow "
                        "Serving looks there for folders named by numbers, and finds none",
                        help=f"write it to a folder of it whose name is a number: {written.host.rstrip('/')}/1",
                    )
                elif (kept := _kept(server, served, project)) is not None:
                    yield Finding(
                        kept[0],
                        f"{kept[1]} is put where TensorFlow Serving looks for SavedModels, and it reads no file of Keras: no "
                        "versions of servable found",
                        help='model.export(".../1"), or tf.saved_model.save(model, ".../1")',
                    )
                elif not inside:
                    folder = server.folder(served.base)
                    yield from _faults(project, served, _place(server, served), [folder] if folder else [])


def _is_version(content: Content, served: Served) -> bool:
    """Is a folder outside the project named as one version of that model, ``.../fruit/3``?"""
    parent, last = posixpath.split(content.host.rstrip("/"))
    return content.source is None and last.isdigit() and posixpath.basename(parent) == served.name != last


def _written(server: Server, served: Served, project: Project) -> Content | None:
    """The mount at the base path whose folder the project's code writes a SavedModel to, where it holds no version yet."""
    for content in server.contents:
        if content.target == served.base and content.host and not content.host.startswith(("/", "~", "$")):
            folder = Path(os.path.normpath(server.path.parent / content.host))
            there = folder in folders(project) and versions(project, folder)
            if not there and not folder.name.isdigit() and folder in saved_model_folders(project, server.deployment):
                return content
    return None


def _kept(server: Server, served: Served, project: Project) -> tuple[Place, str] | None:
    """What is served from a folder into which the project's code saves a file of Keras, and no SavedModel."""
    for content in server.contents:
        if content.target != served.base or not content.host or content.host.startswith(("/", "~", "$")):
            continue
        folder = Path(os.path.normpath(server.path.parent / content.host))
        if any(one.is_relative_to(folder) for one in saved_model_folders(project, server.deployment)) or versions(project, folder):
            continue
        for file in files_with(project, re.compile(r"keras"), project.area(server.deployment)):
            for call in file.calls("{tensorflow.keras,keras,tf_keras}.**.save"):
                text = call.argument("filepath", 0).text or ""
                at = [Path(os.path.normpath(root / text)) for root in (file.file.path.parent, project.root)] if text else []
                if re.search(r"\.(?:keras|h5|hdf5)$", text) and any(path.is_relative_to(folder) for path in at):
                    return content.place, text
    return None


def _faults(project: Project, served: Served, place: Place, held: list[Path]) -> Iterator[Finding]:
    parent, last = posixpath.split(served.base)
    holds = bool(held) and all((folder / SAVED_MODEL).is_file() and not versions(project, folder) for folder in held)
    if last == SAVED_MODEL:
        what, remedy = "a file", f"it is the folder that holds the numbered versions: {posixpath.dirname(parent)}"
    elif last.isdigit() and (holds or (not held and posixpath.basename(parent) == served.name)):
        what, remedy = "one version of the model", f"it is the folder that holds the versions: {parent}"
    elif holds:
        what, remedy = "the model itself", f"put the model in a folder of it whose name is a number: {served.base}/1/{SAVED_MODEL}"
    else:
        return
    message = f"the base path {served.base} is {what}: TensorFlow Serving looks in it for folders named by numbers, and finds none"
    yield Finding(place, message, help=remedy)


def _place(server: Server, served: Served) -> Place:
    """What is mounted at the base path where the path is the image's default, else where the path is said."""
    if served.place == server.place or not re.search(r"/\d+$|\.pb$", served.base):
        found = [content.place for content in server.contents if content.target == served.base]
        return found[-1] if found else served.place
    return served.place


def _ending(project: Project, base: str) -> list[Path]:
    """The project's folders whose path ends in `base`, if it has two parts or more."""
    tail = tuple(part for part in base.split("/") if part)
    return [folder for folder in folders(project) if len(tail) > 1 and folder.parts[-len(tail) :] == tail]

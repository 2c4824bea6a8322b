"""A model of Triton's repository whose folders or files are not where Triton looks.

A model is a folder with `config.pbtxt` and a folder for each version, named by a number that does not begin with 0; in it is a file of
the name the backend looks for. Other folders are passed over (``ignore version directory 'v1' which fails to convert to integral
number``, ``ignore version directory '01' which contains leading zeros``), another file is not found, and another name in the
configuration is refused: ``unexpected directory name 'damage' for model 'Damage', directory name must equal model name``.

```pbtxt bad path=models/damage/config.pbtxt
name: "damage_net"  # <-
platform: "onnxruntime_onnx"
```

```hex + path=models/damage/1/model.onnx
08 07
```

The folder of a version is called otherwise.

```pbtxt bad path=models/damage/config.pbtxt line=1
name: "damage"
platform: "onnxruntime_onnx"
```

```hex + path=models/damage/v1/model.onnx
08 07
```

There is no such folder.

```pbtxt bad path=models/damage/config.pbtxt line=1
backend: "onnxruntime"
```

```hex + path=models/damage/model.onnx
08 07
```

The file is called otherwise.

```pbtxt bad path=models/damage/config.pbtxt line=1
platform: "onnxruntime_onnx"
```

```hex + path=models/damage/1/damage.onnx
08 07
```

```pbtxt good path=models/damage/config.pbtxt
name: "damage"
platform: "onnxruntime_onnx"
default_model_filename: "damage.onnx"
```

```hex + path=models/damage/1/damage.onnx
08 07
```

```hex + path=models/damage/old/damage.onnx
08 07
```

Where the version's folder holds no model, it may be put there later; where there is none, the file is perhaps copied into a repository.

```pbtxt good path=triton/config.pbtxt
name: "damage"
platform: "onnxruntime_onnx"
```

Here the engine is built on the machine that runs it.

```pbtxt good path=models/damage/config.pbtxt
name: "damage"
platform: "tensorrt_plan"
```

```text + path=models/damage/1/README.md
build.sh puts model.plan here
```

An example is copied into a repository by whoever tries it.

```pbtxt good path=python_models/add/config.pbtxt
name: "add"
backend: "python"
```

```python + path=python_models/add/model.py
class TritonPythonModel:
    def execute(self, requests):
        return []
```

A model that Python runs is model.py.

```pbtxt bad path=models/clean/config.pbtxt line=1
backend: "python"
```

```python + path=models/clean/1/clean.py
class TritonPythonModel:
    def execute(self, requests):
        return []
```

Code that writes the file tells its name too.

```pbtxt bad path=repo/damage/config.pbtxt line=1
backend: "onnxruntime"
```

```python + path=export.py
import os
import tensorflow as tf
import tf2onnx

REPO = "repo/damage/1"
tf2onnx.convert.from_keras(tf.keras.models.load_model("damage.h5"), output_path=os.path.join(REPO, "damage.onnx"))
```

```pbtxt good path=repo/damage/config.pbtxt
backend: "onnxruntime"
```

```python + path=export.py
import shutil
import torch
from net import net

torch.onnx.export(net, torch.zeros(1, 3), "repo/damage/1/damage.onnx")
shutil.move("repo/damage/1/damage.onnx", "repo/damage/1/model.onnx")
```

References: `VersionsToLoad` in `src/model_repository_manager/model_lifecycle.cc`, `InitializeModelInfo` in `model_repository_manager.cc`,
`src/constants.h` of Triton's core.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.exported import saved_paths
from deplint.settings.repository import folder, loads, subfolders, versions
from deplint.settings.serving import mentioned
from deplint.settings.triton import TritonConfig

KINDS = {
    ".onnx": (".onnx",),
    ".plan": (".plan", ".engine", ".trt"),
    ".pt": (".pt", ".pth", ".torchscript", ".jit"),
    ".pt2": (".pt2",),
    ".xml": (".xml",),
    ".py": (".py",),
    ".savedmodel": (".savedmodel",),
    ".graphdef": (".graphdef",),
}
"""Suffix of what is looked for -> suffixes of what people put there instead."""

REPOSITORY = re.compile(r"models?|model[_-]?(repository|repo|store)s?|triton[\w-]*|repository")
"""Names of folders that are repositories, and not examples to be copied into one."""


@rule(
    "DPL522",
    severity="error",
    leaves=["S.4.4", "S.4.2"],
    see=[
        "https://github.com/triton-inference-server/server/blob/v2.71.0/docs/user_guide/model_repository.md",
        "https://github.com/triton-inference-server/core/blob/73aad7c3348d040c7087d57837d75822c488495e/src/model_repository_manager/model_lifecycle.cc",
    ],
)
def triton_repository_layout(config: TritonConfig, project: Project) -> Iterator[Finding]:
    home, there, wanted = folder(config), versions(config, project), loads(config)
    if not config.path.endswith("config.pbtxt") or config.path.endswith(".config.pbtxt"):
        return
    if there and config.name and config.name != home.name and "$" not in config.name:
        yield Finding(
            config.at("name"),
            f'the model is called "{config.name}" and its folder "{home.name}": Triton refuses a model that is not called like its folder',
            help="leave name out, or rename the folder",
        )
    if wanted is None or "/" in wanted:
        return
    if not there:
        repository = REPOSITORY.fullmatch(home.parent.name.lower()) is not None
        misplaced = next((path for path in [home, *subfolders(config, project)] if (path / wanted).exists()), None)
        misplaced = misplaced if repository else None
        if misplaced is not None:
            where = f"in {misplaced.name}/" if misplaced != home else "beside config.pbtxt"
            yield Finding(
                config,
                f"{wanted} is {where}: Triton looks for it in folders whose names are numbers that do not begin with 0",
                help=f"move it to {home.name}/1/{wanted}",
            )
    if not any((path / wanted).exists() for path in there.values()) and (name := _written(home, wanted, config, project)):
        yield Finding(
            config,
            f"{name} is written to the version's folder, and Triton looks for {wanted}: the model is not loaded",
            help=f'write {wanted}, or set default_model_filename: "{name}"',
        )
        return
    for number, path in there.items():
        other = _other(path, wanted, project)
        if other and not (path / wanted).exists():
            yield Finding(
                config,
                f"version {number} holds {other}, and Triton looks for {wanted}: the model is not loaded",
                help=f'rename it, or set default_model_filename: "{other}"',
            )
            return


def _written(home: Path, wanted: str, config: TritonConfig, project: Project) -> str | None:
    """The name of such a file that code writes to a version's folder of the model, where nothing speaks of the right name."""
    suffixes = KINDS.get(Path(wanted).suffix, (Path(wanted).suffix,))
    pattern = re.compile(rf"(?:.*/)?{re.escape(home.name)}/[1-9]\d*/([^/]+)")
    found = {match[1] for path in saved_paths(project, config) if (match := pattern.fullmatch(path)) and match[1].endswith(suffixes)}
    return found.pop() if len(found) == 1 and wanted not in found and not mentioned(project, re.escape(wanted)) else None


def _other(version: Path, wanted: str, project: Project) -> str | None:
    """The one file in the folder that is such a model, by its suffix, and has another name."""
    suffixes = KINDS.get(Path(wanted).suffix, (Path(wanted).suffix,))
    found = [file.name for file in project.files if file.path.parent == version and file.suffix in suffixes and file.name != "__init__.py"]
    return found[0] if len(found) == 1 else None

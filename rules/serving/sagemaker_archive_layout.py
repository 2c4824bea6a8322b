"""A `model.tar.gz` in which SageMaker's container does not find the model, or the code.

The container looks below ``/opt/ml/model`` for every ``saved_model.pb`` whose folder is called by a number, and serves these:
``1/saved_model.pb``, ``export/Servo/1/saved_model.pb``. One at the top of the archive, or in a folder with another name, is passed over.

```python bad
import tarfile
import tensorflow as tf
from sagemaker.tensorflow import TensorFlowModel

tf.saved_model.save(net, "exported/flowers")
with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("exported/flowers", arcname=".")  # <-
model = TensorFlowModel(model_data=upload("model.tar.gz"), role=role, framework_version="2.16")
```

```python bad
import tarfile
import tensorflow as tf
from sagemaker.tensorflow import TensorFlowModel

tf.saved_model.save(net, "exported/flowers")
with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("exported")  # <-
model = TensorFlowModel(model_data=upload("model.tar.gz"), role=role, framework_version="2.16")
```

```python good
import tarfile
import tensorflow as tf
from sagemaker.tensorflow import TensorFlowModel

tf.saved_model.save(net, "exported/flowers/1")
tf.saved_model.save(net, "plain")
with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("exported")
    archive.add("exported/flowers/1", arcname="00000123")
    archive.add("plain", arcname="plain/2")
    archive.add("code")
    archive.add(somewhere())
model = TensorFlowModel(model_data=upload("model.tar.gz"), role=role, framework_version="2.16")
```

The script, too, is looked for in one place: ``code/inference.py`` from the top of the archive, with every framework. A `code` below the
model's folder, or a script beside the model, is not seen: the container does without, and answers as it would of itself. (Where the SDK is
told an `entry_point`, it packs the archive anew.)

```python bad path=pack.py
import tarfile

VERSION = "1"
with tarfile.open("model.tar.gz", "w:gz") as archive:
    archive.add("export/1", arcname=VERSION)
    archive.add("code", arcname=f"{VERSION}/code")  # <-
```

```python + path=deploy.py
from sagemaker.tensorflow import TensorFlowModel

model = TensorFlowModel(model_data="s3://models/model.tar.gz", role=role, framework_version="2.14.1")
```

So it is with ``tar`` itself.

```bash bad path=pack.sh
tar -czf model.tar.gz model.pth inference.py # <-
```

```python + path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(model_data="s3://models/model.tar.gz", role=role, framework_version="2.3", py_version="py311")
```

In its place:

```bash good path=pack.sh
tar -czf model.tar.gz model.pth code
tar -czf sourcedir.tar.gz lib/code
```

```python + path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(model_data="s3://models/model.tar.gz", role=role, framework_version="2.3", py_version="py311")
```

The SDK is told the script:

```bash good path=pack.sh
tar -czf model.tar.gz model.pth inference.py
```

```python + path=deploy.py
from sagemaker.pytorch import PyTorchModel

model = PyTorchModel(model_data="s3://models/model.tar.gz", role=role, entry_point="inference.py", framework_version="2.3")
```

Hugging Face's container looks for the model at the top of the archive.

```bash bad path=pack.sh
tar -czf model.tar.gz distilbart  # <-
```

```python + path=deploy.py
from sagemaker.huggingface import HuggingFaceModel

model = HuggingFaceModel(model_data="s3://models/model.tar.gz", role=role, transformers_version="4.26")
```

```bash good path=pack.sh
tar -czf model.tar.gz -C distilbart .
```

```python + path=deploy.py
from sagemaker.huggingface import HuggingFaceModel

model = HuggingFaceModel(model_data="s3://models/model.tar.gz", role=role, transformers_version="4.26")
```

References: `find_models` in `docker/build_artifacts/sagemaker/tfs_utils.py` of sagemaker-tensorflow-serving-container at 00b4c79
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.sagemaker import Packed, archives
from deplint.settings.scripts import Script

SAVES = {
    "tensorflow.saved_model.save": ("export_dir", 1),
    "tensorflow.**.simple_save": ("export_dir", 1),
    "{tensorflow.keras,keras,tf_keras}.**().export": ("filepath", 0),
}
TENSORFLOW = "sagemaker.tensorflow.{TensorFlowModel,model.TensorFlowModel,serving.Model,Model}"
OTHERS = "sagemaker.{pytorch,huggingface,mxnet,sklearn}.{,model.}*Model"


@rule(
    "DPL646",
    severity="error",
    leaves=["S.1.2", "S.3.3"],
    see=[
        "https://github.com/aws/sagemaker-tensorflow-serving-container/blob/00b4c79288b8f992b8e3dbf2a89673a3cf22f583/docker/build_artifacts/sagemaker/tfs_utils.py",
        "https://sagemaker.readthedocs.io/en/stable/frameworks/tensorflow/deploying_tensorflow_serving.html",
        "https://sagemaker.readthedocs.io/en/stable/frameworks/pytorch/using_pytorch.html#model-directory-structure",
    ],
)
def sagemaker_archive_layout(file: PythonFile | Script, project: Project) -> Iterator[Finding]:
    if isinstance(file, PythonFile) and file.names(TENSORFLOW):
        yield from _model(file)
    packed = [one for one in archives(file) if one.name in ("", "model.tar.gz")]
    models = _deployed(file, project) if packed else []
    for one in packed if models and all(model.argument("entry_point").missing and not model.open for model in models) else ():
        yield from _code(one)
        yield from _folder(one, models)


def _folder(packed: Packed, models: list[Call]) -> Iterator[Finding]:
    """All of a model of Hugging Face in a folder of the archive, though its container looks at the top, and no code that looks there."""
    tops = {path.partition("/")[0] for path, _ in packed.members}
    plain = all("huggingface" in model.name.lower() and model.argument("source_dir").missing for model in models)
    if plain and packed.whole and len(tops) == 1 and not tops & {".", "code", "", "*"} and not any("." in top for top in tops):
        path, said = packed.members[0]
        yield Finding(
            said,
            f"all of the archive lies in the folder {path.rstrip('/')}, and SageMaker's container looks for config.json at the top: "
            "it cannot load the model",
            help=f"tar -czf model.tar.gz -C {path.rstrip('/')} .",
        )


def _deployed(near: PythonFile | Script, project: Project) -> list[Call]:
    """The models that the code around a file makes for SageMaker's containers."""
    deploying = files_with(project, re.compile(r"\bsagemaker\b"), project.area(near))
    return [call for file in deploying for call in file.calls(TENSORFLOW, OTHERS)]


def _code(packed: Packed) -> Iterator[Finding]:
    """The script where the container does not look."""
    if any(path == "." or path.partition("/")[0] == "code" for path, _ in packed.members):
        return
    for path, said in packed.members:
        folders = path.split("/")[:-1] if path.endswith(".py") else path.split("/")
        below = "code" in folders[1:]
        beside = path == "inference.py" and packed.whole and bool(packed.name)
        if below or beside:
            where = posixpath.join(*folders[: folders.index("code")], "code") if below else "beside the model"
            yield Finding(
                said,
                f"the script lies {'in ' if below else ''}{where}, and SageMaker's container looks for code/inference.py at the top of the "
                "archive: it is never run",
                help='arcname="code/inference.py"' if not below else 'arcname="code"',
            )
            return


def _model(file: PythonFile) -> Iterator[Finding]:
    """A SavedModel where TensorFlow's container does not look."""
    exported = {
        posixpath.normpath(path)
        for pattern, argument in SAVES.items()
        for call in file.calls(pattern)
        if (path := call.argument(*argument).text) and "://" not in path
    }
    for call in file.calls("tarfile.open().add"):
        name, given = call.argument("name", 0).text, call.argument("arcname", 1)
        if call.guarded or not name or (not given.missing and given.text is None):
            continue
        source = posixpath.normpath(name)
        inside = [path for path in exported if path == source or path.startswith(source + "/")]
        stored = [
            posixpath.normpath(posixpath.join(name if given.missing else given.text or "", path[len(source) :].strip("/")))
            for path in inside
        ]
        if stored and not any(re.fullmatch(r"\d+", posixpath.basename(path)) for path in stored):
            where = "at the top of the archive" if stored[0] == "." else f"in {stored[0].strip('/')}"
            yield Finding(
                call,
                f"the SavedModel lies {where}, and SageMaker's TensorFlow container takes only folders called by a number: it finds none",
                help='put it into one: arcname="1"',
            )

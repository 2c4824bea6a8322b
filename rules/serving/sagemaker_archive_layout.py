"""A `model.tar.gz` in which SageMaker's TensorFlow container finds no model.

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

References: `find_models` in `docker/build_artifacts/sagemaker/tfs_utils.py` of sagemaker-tensorflow-serving-container at 00b4c79
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

SAVES = {
    "tensorflow.saved_model.save": ("export_dir", 1),
    "tensorflow.**.simple_save": ("export_dir", 1),
    "{tensorflow.keras,keras}.**().export": ("filepath", 0),
}
MODELS = "sagemaker.tensorflow.{TensorFlowModel,model.TensorFlowModel,serving.Model,Model}"


@rule(
    "DPL646",
    severity="error",
    leaves=["S.1.2", "S.3.3"],
    see=[
        "https://github.com/aws/sagemaker-tensorflow-serving-container/blob/00b4c79288b8f992b8e3dbf2a89673a3cf22f583/docker/build_artifacts/sagemaker/tfs_utils.py",
        "https://sagemaker.readthedocs.io/en/stable/frameworks/tensorflow/deploying_tensorflow_serving.html",
    ],
)
def sagemaker_archive_layout(file: PythonFile) -> Iterator[Finding]:
    if not file.names(MODELS):
        return
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

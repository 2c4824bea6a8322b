"""A variable of the environment that is set after the library that reads it was imported.

Many switches are read once, while the library is imported: the backend of Keras, Keras 2 or 3 in TensorFlow, the cache and the offline mode
of Hugging Face, the threads of OpenMP. Set below the import they change nothing, and nobody says so.

```python bad
import os
import keras
from transformers import AutoTokenizer

os.environ["KERAS_BACKEND"] = "jax"  # <-
os.environ.setdefault("HF_HOME", "/models")  # <-
net = keras.saving.load_model("net.keras")
```

```python bad
import os
from tensorflow.keras import layers

os.environ["TF_USE_LEGACY_KERAS"] = "1"  # <-
```

```python good
import os
import tensorflow as tf

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["CUDA_VISIBLE_DEVICES"] = "0"
os.environ["MODEL_HOME"] = "/models"
import keras
from transformers import AutoTokenizer

net = tf.keras.models.load_model("net.keras")
```

Set before that import as well, for a child process, or at some later time, it is another matter.

```python good
import os
import subprocess

os.environ["HF_HUB_OFFLINE"] = "1"
import transformers

os.environ["HF_HUB_OFFLINE"] = "1"

def child():
    os.environ["HF_HOME"] = "/tmp/models"
    subprocess.run(["python", "worker.py"])
```

```python good
import os
import subprocess
import transformers

os.environ["HF_HOME"] = "/models"
subprocess.run(["python", "worker.py"])
```

References: executed with transformers 4.57, huggingface_hub 0.36, keras 3.15, TensorFlow 2.21 and torch 2.13
(`tests/claims/test_export_families*.py`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile

_HUGGING_FACE = ("transformers", "huggingface_hub", "diffusers", "sentence_transformers")
READERS = {
    "KERAS_BACKEND": ("keras", "tensorflow.keras"),
    "TF_USE_LEGACY_KERAS": ("tensorflow.keras",),
    "TF_ENABLE_ONEDNN_OPTS": ("tensorflow",),
    "OMP_NUM_THREADS": ("torch",),
    **dict.fromkeys(
        ("HF_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_ENDPOINT"),
        _HUGGING_FACE,
    ),
}
"""Variables, with the modules that read them while they are imported, and not again."""
_HANDS_ON = re.compile(r"\b(subprocess|multiprocessing|os\.(?:system|exec\w*|spawn\w*|popen)|Popen|mp\.spawn|reload)\b")
"""What a variable may be meant for as well."""


@rule(
    "DPL979",
    severity="warning",
    leaves=["S.3.3", "S.3.2"],
    see=[
        "https://keras.io/getting_started/#configuring-your-backend",
        "https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables",
    ],
)
def variable_set_too_late(file: PythonFile) -> Iterator[Finding]:
    if "os.environ" not in file.text or not any(name in file.text for name in READERS) or _HANDS_ON.search(file.text):
        return
    imported: dict[str, int] = {}
    known: set[str] = set()
    for statement in file.shape.tree.body:
        for module in _imports(statement):
            imported.setdefault(module, statement.lineno)
        for name, node in _sets(statement):
            late = [(module, line) for module, line in imported.items() if _reads(name, module)]
            if late and name not in known:
                module, line = min(late, key=lambda found: found[1])
                yield Finding(
                    file.place_of(node),
                    f"{name} is read when {module} is imported, and that was in line {line}: this changes nothing",
                    help="set it above the import, or in the environment of the process",
                )
            known.add(name)


def _reads(variable: str, module: str) -> bool:
    return any(module == reader or module.startswith(reader + ".") for reader in READERS.get(variable, ()))


def _imports(statement: ast.stmt) -> Iterator[str]:
    """The modules that are certainly loaded: of ``from tensorflow import keras`` TensorFlow alone, which loads Keras when it is used."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom) and not statement.level and statement.module:
        yield statement.module


def _sets(statement: ast.stmt) -> Iterator[tuple[str, ast.AST]]:
    """Variables that a statement sets for this process."""
    match statement:
        case ast.Assign(
            targets=[
                ast.Subscript(value=ast.Attribute(value=ast.Name(id="os"), attr="environ"), slice=ast.Constant(value=str(name))) as target
            ]
        ):
            yield name, target
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Attribute(value=ast.Name(id="os"), attr="environ"), attr="setdefault"),
                args=[ast.Constant(value=str(name)), _],
            ) as call
        ):
            yield name, call

"""Code that uses what a library no longer has.

Exporting, serving and preprocessing code outlives the libraries it was written for: `torch.onnx.dynamo_export`, `onnx.optimizer`,
`scipy.misc.imread`, `PIL.Image.ANTIALIAS` and `numpy.float` are gone, and so are parameters such as `example_outputs` of
`torch.onnx.export`: ``AttributeError``, ``ImportError``, ``TypeError: unexpected keyword argument``. Which release dropped what is a table,
read from the sources in the released wheels. What TensorFlow itself dropped has rules of its own (DPL102, DPL403).

```python bad
import torch

torch.onnx.export(model, (x,), "net.onnx", example_outputs=y)  # <-
program = torch.onnx.dynamo_export(model, x)  # <-
```

```python bad
import numpy as np
from PIL import Image
from scipy.misc import imread  # <-

image = np.asarray(Image.open("cat.jpg").resize((224, 224), Image.ANTIALIAS), dtype=np.float)  # <- <-
```

```python bad
from flask import Flask
from keras.models import load_model
from werkzeug import secure_filename  # <-
```

Keras 3 has neither the functions of the old backend nor the modules that the layers were in.

```python bad
from keras import backend as K
from keras.layers.core import Dense  # <-

def loss(y, p):
    return K.mean(K.square(y - p)) + K.epsilon()  # <-
```

```python good versions=keras==2.10
from keras import backend as K
from keras.layers.core import Dense

def loss(y, p):
    return K.mean(K.square(y - p))
```

```python good
import tensorflow as tf
from tensorflow.keras import backend as K

def loss(y, p):
    return K.mean(K.square(y - p))
```

TensorFlow 2.16 brings Keras 3 as `tf.keras`.

```python bad
import tensorflow as tf

scale = tf.keras.layers.experimental.preprocessing.Rescaling(1 / 255)  # <-
```

```python good
import os
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import tensorflow as tf

scale = tf.keras.layers.experimental.preprocessing.Rescaling(1 / 255)
```

```python good
import torch
from PIL import Image

torch.onnx.export(model, (x,), "net.onnx", dynamo=True)
image = Image.open("cat.jpg").resize((224, 224), Image.LANCZOS)
try:
    from werkzeug import secure_filename
except ImportError:
    from werkzeug.utils import secure_filename
if hasattr(Image, "ANTIALIAS"):
    image = image.resize((112, 112), Image.ANTIALIAS)
```

```python good
import numpy as np
import helpers

tf_major = helpers.major_version_of("tensorflow")
if getattr(np, "float", None):
    kind = np.float
if tf_major == 1:
    from keras.layers import LocallyConnected2D
else:
    from tensorflow.keras.layers import LocallyConnected2D
```

Somebody else's class of that name, and a name the file gives itself, are other things.

```python good
from mine import dynamo_export
from mine.images import Image

dynamo_export(model, Image.ANTIALIAS)
```

```python good
import numpy

numpy.float = float
x = numpy.zeros(3, dtype=numpy.float)
```

NumPy 2 has `numpy.bool` again, so that only what keeps it out makes the name a fault.

```python bad versions=numpy==1.26
import numpy

x = numpy.zeros(3, dtype=numpy.bool)  # <-
```

```python good
import numpy

x = numpy.zeros(3, dtype=numpy.bool)
```

Where a release is pinned that has it, nothing is said.

```python good versions=pillow==9.5,torch==2.5
import torch
from PIL import Image

program = torch.onnx.dynamo_export(model, x)
image = Image.open("cat.jpg").resize((224, 224), Image.ANTIALIAS)
```

Nor where no release without it installs on the interpreter that is pinned, where a package of another name holds the library, or where
a notebook writes the list itself.

```python good
import numpy as np

x = np.zeros(3, dtype=np.float)
```

```yaml + path=environment.yml
dependencies:
  - python=3.7.6
  - numpy
```

```python good
import numpy as np

x = np.zeros(3, dtype=np.float)
```

```text + path=requirements.txt
tensorflow==1.7
numpy
```

```python good
import numpy

n = numpy.product([2, 3])
```

```text + path=README.md
Test environment: Python 3.5.2
```

```python good path=server/engine.py
import onnxruntime.quantization
import tensorrt as trt

onnxruntime.quantization.quantize_dynamic("net.onnx", "small.onnx", optimize_model=True)
flag = trt.NetworkDefinitionCreationFlag.EXPLICIT_BATCH
```

```python + path=server/setup.py
import sys
from setuptools import setup

setup(
    name="server",
    extras_require={
        "onnx": ["onnx"] + (["onnxruntime-gpu<=1.13.1"] if sys.platform != "darwin" else ["onnxruntime<=1.13.1"]),
        "tensorrt": ["nvidia-tensorrt==8.4.1.5"],
    },
)
```

A helper module may get the library's objects from another one.

```python bad path=engine/buffers.py versions=tensorrt==10.3.0
import tensorrt as trt

def shapes(engine):
    return [trt.volume(engine.get_binding_shape(i)) for i in range(4)]  # <-
```

```python + path=infer.py
import tensorrt as trt
from engine.buffers import shapes

with open("net.engine", "rb") as f, trt.Runtime(trt.Logger()) as runtime:
    engine = runtime.deserialize_cuda_engine(f.read())
print(shapes(engine))
```

```python good path=engine/buffers.py versions=tensorrt==10.3.0
import tensorrt as trt

def shapes(engine):
    if hasattr(engine, "get_binding_shape"):
        return [trt.volume(engine.get_binding_shape(i)) for i in range(4)]
    return []
```

```python + path=infer.py
import tensorrt as trt
from engine.buffers import shapes

with open("net.engine", "rb") as f, trt.Runtime(trt.Logger()) as runtime:
    engine = runtime.deserialize_cuda_engine(f.read())
print(shapes(engine))
```

A function that is only called after the version was asked for is as guarded as that call.

```python good
import tensorrt as trt

class Engine:
    def load(self, data):
        with trt.Runtime(trt.Logger()) as runtime:
            self.engine = runtime.deserialize_cuda_engine(data)

    def run_before_10(self, name):
        return self.engine.get_binding_index(name)

    def run(self, name):
        if trt.__version__ < "10":
            return self.run_before_10(name)
        return self.engine.get_tensor_shape(name)
```

Nor is there a fault where the arguments depend on what the function says that it takes.

```python good
import inspect

import torch

if "enable_onnx_checker" in inspect.signature(torch.onnx.export).parameters:
    kwargs = {"enable_onnx_checker": False}
else:
    kwargs = {}
torch.onnx.export(model, (x,), "net.onnx", **kwargs)
```

What was only imported where a failure is caught is used where it is there.

```python good
try:
    import scipy.misc.pilutil as pictures
except ImportError:
    pass

def read(path):
    return pictures.imread(path)
```

What another package brings into the same namespace is there.

```python good
from optimum.onnxruntime import ORTModelForSequenceClassification
```

```text + path=requirements.txt
optimum==2.1.0
optimum-intel==1.27.0
```

```python bad
from optimum.onnxruntime import ORTModelForSequenceClassification  # <-
```

```text + path=requirements.txt
optimum==2.1.0
```

Of pins that disagree one that admits no release without it is enough, and so is a README that says which version is meant.

```python good path=old/freeze.py
from keras import backend as K

K.set_learning_phase(0)
```

```text + path=old/README.md
- Keras 2.2.4
```

```python good path=src/utils.py
from onnx import mapping

kind = mapping.TENSOR_TYPE_TO_NP_TYPE[1]
```

```text + path=packaging/cpu/reqs_pip_cpu.txt
onnx==1.12.0
```

```text + path=packaging/gpu/reqs_pip_gpu.txt
onnx==1.16.1
```

References: `tools/api_history.py` reads the wheels; the rows that name a document are transcribed from it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from deplint import Finding, Project, rule
from deplint.code.facts import Assignment, Call, Name
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.data import load
from deplint.finding import Span
from deplint.settings.pins import Requirements
from deplint.settings.ranges import between
from deplint.settings.released import interpreters, releases
from deplint.settings.variables import switched_on


@rule(
    "DPL590",
    severity="error",
    leaves=["S.3.2", "S.2.4", "M.2.2", "M.4.6"],
    see=[
        "https://github.com/pytorch/pytorch/releases",
        "https://numpy.org/doc/stable/release/1.24.0-notes.html",
        "https://pillow.readthedocs.io/en/stable/deprecations.html",
    ],
)
def removed_api(file: PythonFile, project: Project) -> Iterator[Finding]:
    said: dict[tuple[str, ...], list[tuple[dict[str, str], Sequence[Name | Call | Assignment]]]] = {}
    for row, name, parameter, uses in _uses(file, project):
        if (
            not project.versions.holds({row["package"]: row["until"]}, {}, uses[0])
            or _put_back(file, name)
            or _out_of_reach(row, project, uses[0])
            or _brought(row, project)
            or (name.startswith("tensorflow.keras.") and switched_on("TF_USE_LEGACY_KERAS", project, file))
        ):
            continue
        back = row.get("back")
        if back and not project.versions.allows(row["package"], uses[0], until=back):
            continue
        # What one module lost at once, for the same replacement, is one finding.
        alike = (name,) if parameter or "()" in name else (row["until"], row["replacement"], name.rpartition(".")[0])
        said.setdefault((*alike, parameter), []).append((row, uses))
    for found in said.values():
        yield _finding(found)


def _finding(found: list[tuple[dict[str, str], Sequence[Name | Call | Assignment]]]) -> Finding:
    found.sort(key=lambda one: one[1][0].place.span or Span(1))
    row, uses = found[0]
    name, parameter = _split(row["name"])
    number = sum(len(these) for _, these in found)
    others = f" (and {len(found) - 1} others of {name.rpartition('.')[0]})" if len(found) > 1 else ""
    what = f"{name} has no parameter {parameter!r}" if parameter else f"{name}{others} is gone"
    back = row.get("back")
    more = f" ({number} uses in this file)" if number > 1 else ""
    error = "TypeError: unexpected keyword argument" if parameter else "AttributeError or ImportError"
    return Finding(
        uses[0].argument(parameter) if parameter and isinstance(uses[0], Call) else uses[0],
        f"{what} in {row['package']} {row['until']} and later{f', up to {back}' if back else ''}: {error}{more}",
        help=f"use {row['replacement']}" if row["replacement"] else "",
    )


@lru_cache
def _by_library() -> dict[str, list[dict[str, str]]]:
    """The rows by the package that is imported."""
    found: dict[str, list[dict[str, str]]] = {}
    for row in load("api_changes")["rows"]:
        found.setdefault(row["name"].partition(".")[0], []).append(row)
    return found


@lru_cache
def _methods() -> dict[str, set[str]]:
    """The names of methods and attributes of a library's objects that rows are about, by library."""
    return {
        library: {name.rpartition(".")[2] for row in rows if "()" in (name := _split(row["name"])[0])}
        for library, rows in _by_library().items()
    }


def _callers(file: PythonFile, project: Project) -> list[PythonFile]:
    """The modules of the project that import this one."""
    importing = files_with(project, re.compile(rf"(?:import|from)\b[^\n]*\b{re.escape(file.module_name)}\b"), project.area(file))
    return [other for other in importing if other is not file and file in other.imports]


def _out_of_reach(row: dict[str, str], project: Project, near: Name | Call | Assignment) -> bool:
    """All releases without the name are known to want another interpreter than those that the project leaves open."""
    wanted = between(row["until"], None)
    later = [one for one in releases().get(row["package"], ()) if wanted and one.range and (one.range & wanted).parts]
    series = interpreters(project, near) if later else []
    return bool(series) and not any(one.admits(python) for python in series for one in later)


def _is_given(call: Call, parameter: str) -> bool:
    """The call certainly gives the parameter: it writes it out, or a dictionary that holds it on every path."""
    given = call.keywords.get(parameter)
    return given is not None and (given.certain or any(keyword.arg == parameter for keyword in call.node.keywords))


def _brought(row: dict[str, str], project: Project) -> bool:
    """A package that brings the name into the library's namespace again is asked for, be it by an extra."""
    names = row.get("brought_by", "").split()
    pins = [pin for facts in (project.all(Requirements) if names else ()) for pin in facts.packages]
    return any(pin.name in names or (pin.name == row["package"] and pin.extras) for pin in pins)


def _put_back(file: PythonFile, name: str) -> bool:
    """The file, or one that imports it, gives the library the name again: ``numpy.float = float``, ``setattr(numpy, "float", float)``."""
    last = re.escape(name.rpartition(".")[2])
    return "()" not in name and file.mentions(rf"\.{last}\s*=(?!=)|setattr\([^\n]*[\"']{last}[\"']", importers=True)


def _split(name: str) -> tuple[str, str]:
    """A row's name as that of a thing and of its parameter: ``f(x=)``."""
    if not name.endswith("=)"):
        return name, ""
    thing, _, parameter = name.removesuffix("=)").rpartition("(")
    return thing, parameter


def _uses(file: PythonFile, project: Project) -> Iterator[tuple[dict[str, str], str, str, Sequence[Name | Call | Assignment]]]:
    """The rows that the file has uses of, with the names of thing and parameter, and these uses: those too that only a module shows which
    calls the file's functions with the library's objects."""
    for library, rows in _by_library().items():
        if not file.has(library):
            continue
        callers = _callers(file, project) if any(re.search(rf"\.{last}\b", file.text) for last in _methods()[library]) else []
        named: dict[str, list[Name]] = {}
        for use in file.names(f"{library}.**"):
            parts = use.dotted.split(".")
            for end in range(2, len(parts) + 1):
                named.setdefault(".".join(parts[:end]), []).append(use)
        for row in rows:
            name, parameter = _split(row["name"])
            owner, _, attribute = name.rpartition(".")
            found: Sequence[Name | Call | Assignment]
            if parameter:
                found = [call for call in file.calls(name) if _is_given(call, parameter)]
            elif "()" in name:
                seen = [file, *callers]
                found = [
                    *(call for one in seen for call in one.calls(name)),
                    *(done for one in seen for done in one.sets(owner) if done.path == attribute),
                ]
                found = list({id(use.node): use for use in found}.values())
            else:
                found = named.get(name, ())
            uses = [use for use in found if not use.guarded and use.file is file and not (isinstance(use, Name) and file.caught(use, name))]
            if uses:
                yield row, name, parameter, uses

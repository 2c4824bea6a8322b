"""The Edge TPU's compiler is given a model that computes in floats.

`edgetpu_compiler` takes models of which weights and activations are 8-bit integers. `Optimize.DEFAULT` alone makes integers of the
weights, and the model still computes in floats: ``Invalid model: birds.tflite. Model not quantized``. What tells the converter the range
of the activations is a `representative_dataset` (or training that is aware of quantization).

```bash bad path=build.sh
edgetpu_compiler --out_dir build build/birds.tflite # <-
```

```python + path=convert.py
from pathlib import Path
import tensorflow as tf

OUT = Path("build/birds.tflite")
converter = tf.lite.TFLiteConverter.from_saved_model("birds")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
OUT.write_bytes(converter.convert())
```

```bash good path=build.sh
edgetpu_compiler --out_dir build build/birds.tflite
edgetpu_compiler other.tflite
```

```python + path=convert.py
import tensorflow as tf
from data import pictures

converter = tf.lite.TFLiteConverter.from_saved_model("birds")
converter.optimizations = [tf.lite.Optimize.DEFAULT]
converter.representative_dataset = pictures
open("build/birds.tflite", "wb").write(converter.convert())
```

A file of the project tells itself.

```bash bad path=build.sh
edgetpu_compiler models/net.tflite # <-
```

```graph + path=models/net.tflite
model tflite
graph main
  input x float32[1,4]
  op RELU (x) -> (y)
  output y float32[1,4]
```

References: https://coral.ai/docs/edgetpu/models-intro/#model-requirements
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path

from deplint import Finding, Model, Project, rule
from deplint.code.facts import Call
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.code.values import Truth
from deplint.settings.commands import Program, programs
from deplint.settings.scripts import Script

from . import CONVERTER, calibrated

COMPILER = "edgetpu_compiler"
STARTS = "subprocess.{run,call,check_call,check_output,Popen}"
AWARE = re.compile(r"tfmot|tensorflow_model_optimization|fake_quant|quantize_apply|quantize_model|model_maker|\bqat\b", re.I)
"""Training that may put the ranges into the model."""


@rule(
    "DPL914",
    severity="error",
    leaves=["M.2.6"],
    see=["https://coral.ai/docs/edgetpu/models-intro/#model-requirements", "https://coral.ai/docs/edgetpu/compiler/"],
)
def edgetpu_compiler_refuses_float(facts: Script | PythonFile, project: Project) -> Iterator[Finding]:
    for path, at in _compiled(facts):
        why = _floats(path, facts, project)
        if why:
            yield Finding(
                at,
                f"{posixpath.basename(path)} {why}, and the Edge TPU's compiler takes integers only: Invalid model, Model not quantized",
                help="converter.representative_dataset and target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]",
            )


def _compiled(facts: Script | PythonFile) -> Iterator[tuple[str, Call | Program]]:
    """The models that the compiler is given, each with where."""
    if isinstance(facts, Script):
        for program in programs(facts):
            if program.name == COMPILER:
                yield from ((text, program) for word in program.arguments if (text := word.text or "").endswith(".tflite"))
    elif COMPILER in facts.text:
        for call in facts.calls(STARTS):
            words = call.argument("args", 0).python()
            if isinstance(words, (list, tuple)) and words and words[0] == COMPILER and call.file is facts:
                yield from ((word, call) for word in words if isinstance(word, str) and word.endswith(".tflite"))


def _floats(path: str, facts: Script | PythonFile, project: Project) -> str:
    """Why the model at a path certainly computes in floats; empty if that is not known."""
    there = project.resolve(path, facts)
    if there is not None:
        models = [one for one in project.facts(there, Model) if one.format == "tflite" and one.graphs]
        kinds = {tensor.dtype for model in models for tensor in model.graph.tensors.values()}
        return "computes in floats" if models and "float32" in kinds and not kinds & {"int8", "uint8"} else ""
    area, name = project.area(facts), posixpath.basename(path)
    named = re.compile(rf"(?<![\w.-]){re.escape(name)}")
    writers = [
        file
        for file in files_with(project, re.compile(r"TFLiteConverter"), area)
        if named.search(file.text) or any(named.search(one.text) for one in file.imports)
    ]
    calls = [call for file in writers for call in file.calls(CONVERTER + ".convert") if call.file in writers]
    known = [file for file in writers if any(call.file is file for call in calls)] == writers
    if not calls or not known or files_with(project, AWARE, area) or len({id(call.node) for call in calls}) != len(writers):
        return ""
    plain = all(calibrated(call.receiver) is Truth.no and call.receiver.escaped is Truth.no for call in calls)
    return f"is converted without a representative_dataset ({Path(calls[0].file.path).as_posix()})" if plain else ""

"""A language model that is exported without its cache, and loaded as if it had one.

``optimum-cli export onnx --task text-generation`` writes a decoder without the inputs for past keys and values; only
``text-generation-with-past``, or no task at all, writes them. `ORTModelForCausalLM` wants the cache unless it is told otherwise:
``ValueError: `use_cache` was set to `True` but the loaded model only supports `use_cache=False```.

```python bad path=chat.py
from optimum.onnxruntime import ORTModelForCausalLM

MODEL = "onnx_model"
model = ORTModelForCausalLM.from_pretrained(MODEL)  # <-
```

```sh + path=export.sh
#!/bin/sh
optimum-cli export onnx --model Qwen/Qwen2-0.5B-Instruct --task text-generation onnx_model/
```

The same by way of Python.

```python bad path=chat.py
from optimum.onnxruntime import ORTModelForCausalLM

model = ORTModelForCausalLM.from_pretrained("models/onnx")  # <-
```

```python + path=export.py
from optimum.exporters.onnx import main_export

main_export("gpt2", output="models/onnx", task="text-generation")
```

With the cache, or without asking for it:

```python good path=chat.py
from optimum.onnxruntime import ORTModelForCausalLM

a = ORTModelForCausalLM.from_pretrained("onnx_a")
b = ORTModelForCausalLM.from_pretrained("onnx_b", use_cache=False, use_io_binding=False)
c = ORTModelForCausalLM.from_pretrained("onnx_c")
```

```sh + path=export.sh
#!/bin/sh
optimum-cli export onnx --model gpt2 --task text-generation-with-past onnx_a/
optimum-cli export onnx --model gpt2 --task text-generation onnx_b/
optimum-cli export onnx --model gpt2 onnx_c/
```

References: `__init__` in `onnxruntime/modeling_decoder.py` of optimum 1.23.3, `ORTModelForCausalLM.forward` of
optimum-onnx 0.1.0; `exporters/onnx/__main__.py`.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from deplint import Finding, Project, rule
from deplint.code.pipelines import files_with
from deplint.code.python import PythonFile
from deplint.settings.commands import programs
from deplint.settings.dockerfile import Dockerfile
from deplint.settings.scripts import Script

TASKS = frozenset(("text-generation", "causal-lm"))
_EXPORTS = re.compile(r"\bmain_export\b")


@rule(
    "DPL981",
    severity="error",
    leaves=["S.2.3", "S.4.2"],
    see=[
        "https://huggingface.co/docs/optimum/exporters/onnx/usage_guides/export_a_model",
        "https://github.com/huggingface/optimum/issues/1747",
    ],
)
def decoder_without_cache(file: PythonFile, project: Project) -> Iterator[Finding]:
    for call in file.calls("optimum.onnxruntime.ORTModelForCausalLM.from_pretrained"):
        folder = call.argument("model_id", 0).text
        if folder and not call.guarded and not call.open and call.argument("use_cache").missing and call.argument("export").missing:
            task = _exported(project, project.area(file)).get(posixpath.normpath(folder), "")
            if task in TASKS:
                yield Finding(
                    call,
                    f"{folder} is exported for the task {task}, without the cache that is asked for here: ValueError",
                    help=f"export it for {task}-with-past, or pass use_cache=False, use_io_binding=False",
                )


@lru_cache(maxsize=4)
def _exported(project: Project, area: Path) -> dict[str, str]:
    """Folders into which the project exports models to ONNX, with the task; of two tasks for one folder none is told."""
    found: dict[str, set[str]] = {}
    commands: list[Script | Dockerfile] = [*project.all(Script), *project.all(Dockerfile)]
    for facts in commands:
        for program in programs(facts):
            words = [word.text or "" for word in program.arguments]
            if program.name == "optimum-cli" and words[:2] == ["export", "onnx"] and program.known and not words[-1].startswith("-"):
                named = program.flags.get("task")
                found.setdefault(posixpath.normpath(words[-1]), set()).add((named.text or "") if named is not None else "")
    for file in files_with(project, _EXPORTS, area):
        for call in file.calls("optimum.exporters.onnx.main_export"):
            folder, task = call.argument("output", 1).text, call.argument("task", 2)
            if folder:
                found.setdefault(posixpath.normpath(folder), set()).add(task.text or "")
    return {folder: tasks.pop() for folder, tasks in found.items() if len(tasks) == 1}

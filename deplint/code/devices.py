"""Code that asks for an NVIDIA GPU whether there is one or not: on a machine without, it raises.

for call in gpu_calls(file):
    print(call.place, "runs when the module is imported:", at_import(call, file))
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint.code.classes import last_name
from deplint.code.facts import Call, Value
from deplint.code.python import PythonFile
from deplint.code.tensors import CUDA, named

_LIBRARIES = "{torch,torchvision,timm,transformers,diffusers,sentence_transformers,ultralytics,whisper,open_clip,peft,optimum}"
PLACED: dict[str, tuple[str, int | None]] = {
    f"{_LIBRARIES}.**.to": ("device", 0),
    "torch.{load,jit.load}": ("map_location", 1),
    "torch.{tensor,zeros,ones,empty,rand,randn,full,arange}": ("device", None),
    "torch.set_default_device": ("device", 0),
    "transformers.pipeline": ("device", None),
    "{transformers,diffusers}.**.from_pretrained": ("device_map", None),
    "sentence_transformers.{SentenceTransformer,CrossEncoder}": ("device", None),
    "{whisper.load_model,faster_whisper.WhisperModel}": ("device", 1),
}
"""Calls -> the argument that names a device."""
MOVED = f"{_LIBRARIES}.**.cuda"
MODULES_DEEP = 4
"""Imports of imports that are looked at."""


def gpu_calls(file: PythonFile) -> Iterator[Call]:
    """The calls that go to a GPU whenever they run, and that certainly run when the function they stand in does."""
    for pattern, where in PLACED.items():
        for call in file.calls(pattern):
            if _runs(call) and _first(call.argument(*where), call.name == "transformers.pipeline"):
                yield call
    yield from (call for call in file.calls(MOVED) if _runs(call) and not call.name.startswith("torch.cuda"))


def _runs(call: Call) -> bool:
    return call.certain and not call.guarded and not call.chosen


def _first(value: Value, numbered: bool) -> bool:
    """A device that is a GPU: ``cuda:0``; where devices have numbers, one of these."""
    known = value.python()
    whole = numbered and isinstance(known, int) and not isinstance(known, bool) and known >= 0
    return not value.missing and (whole or named(value) == CUDA)


def started_on_gpu(main: PythonFile, script: bool = False) -> Call | None:
    """The first call that goes to a GPU when a module is imported, or run as a script, with the modules of the project that it imports."""
    started = (call for file in imported(main) for call in gpu_calls(file) if at_import(call, file, script and file is main))
    return next(started, None)


def imported(main: PythonFile) -> Iterator[PythonFile]:
    """A module, and then the modules of the project that are imported with it, nearest first."""
    files, seen = [main], {main}
    for _ in range(MODULES_DEEP):
        yield from files
        files = [one for file in files for one in dict.fromkeys(_imports(file)) if one not in seen]
        seen |= set(files)


def _imports(file: PythonFile) -> Iterator[PythonFile]:
    """The modules of the project that a module certainly imports when it is imported itself."""
    for node in file.shape.tree.body:
        wanted: list[tuple[str, int]] = []
        if isinstance(node, ast.Import):
            wanted = [(alias.name, 0) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            wanted = [(node.module or "", node.level), *((f"{node.module or ''}.{alias.name}", node.level) for alias in node.names)]
        found = (file.import_of(*one) for one in wanted)
        yield from dict.fromkeys(one for one in found if one is not None)


def at_import(call: Call, file: PythonFile, script: bool = False) -> bool:
    """Does a call of a file certainly run when the module is imported, by functions too that it calls then? With `script` also what runs
    only in the module that Python is started with."""
    return not call.functions or _name(call) in _called(file, script)


def _called(file: PythonFile, script: bool) -> set[str]:
    """The names of what the statements at a module's top call."""
    found: set[str] = set()
    statements = list(file.shape.tree.body)
    for statement in statements:
        if script and isinstance(statement, ast.If) and "__main__" in ast.unparse(statement.test):
            statements += statement.body
        if isinstance(statement, (ast.Assign, ast.AnnAssign, ast.Expr)) and statement.value is not None:
            nodes = list(ast.walk(statement.value))
            if not any(isinstance(node, ast.Lambda) for node in nodes):
                found |= {last_name(node.func) for node in nodes if isinstance(node, ast.Call)}
    return found


def _name(call: Call) -> str:
    """What the outermost function that a call runs in is called by."""
    function = call.functions[0]
    return function.owner.node.name if function.name == "__init__" and function.owner is not None else function.name

"""Options for a session of ONNX Runtime that no session is given.

`SessionOptions` takes effect where it is passed to `InferenceSession`; made, filled and left lying, it changes nothing: the threads, the
graph optimizations and the memory settings are the defaults. The same of what is set after the session was made from it.

```python bad
import onnxruntime as ort

def options(threads):
    so = ort.SessionOptions()
    so.intra_op_num_threads = threads
    return so

class Engine:
    def __init__(self, path, threads=4):
        opts = options(threads)
        self.session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])  # <-
```

```python bad
import onnxruntime as ort

opts = ort.SessionOptions()
opts.intra_op_num_threads = 2
opts.add_session_config_entry("session.intra_op.allow_spinning", "0")
session = ort.InferenceSession("net.onnx")  # <-
```

```python good
import onnxruntime as ort

class Engine:
    def __init__(self, path):
        opts = ort.SessionOptions()
        opts.intra_op_num_threads = 2
        self.session = ort.InferenceSession(path, opts)
        self.other = ort.InferenceSession(path, sess_options=opts)

def two(path, kwargs):
    opts = ort.SessionOptions()
    kwargs["sess_options"] = opts
    return ort.InferenceSession(path, **kwargs)

def plain(path):
    return ort.InferenceSession(path)

def made():
    opts = ort.SessionOptions()
    return opts

def either(path, plain):
    if plain:
        return ort.InferenceSession(path)
    opts = ort.SessionOptions()
    opts.intra_op_num_threads = 2
    return ort.InferenceSession(path, opts)

def untouched(path):
    opts = ort.SessionOptions()
    return ort.InferenceSession(path)
```

References: `InferenceSession.__init__` of onnxruntime 1.32 (`sess_options`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from deplint import Finding, rule
from deplint.code.python import PythonFile
from deplint.code.values import Truth

MADE = "onnxruntime.SessionOptions()"


@rule(
    "DPL986",
    severity="warning",
    leaves=["S.3.3", "S.4.2"],
    see=["https://onnxruntime.ai/docs/api/python/api_summary.html#sessionoptions"],
)
def session_options_unused(file: PythonFile) -> Iterator[Finding]:
    if "SessionOptions" not in file.text:
        return
    makers = {given.functions[-1].name for given in file.returns() if given.functions and given.value.is_(MADE) is Truth.yes} | {
        "SessionOptions"
    }
    seen: set[int] = set()
    for call in file.calls("onnxruntime.InferenceSession"):
        if call.file is not file or id(call.node) in seen or call.open or not call.argument("sess_options", 1).missing:
            continue
        seen.add(id(call.node))
        scope = call.functions[-1].node if call.functions else file.shape.tree
        names = _idle(scope, call.node, makers)
        if names:
            yield Finding(
                call,
                f"{names[0]} holds options for a session, and this one is made without them: they change nothing",
                help=f"onnxruntime.InferenceSession(path, sess_options={names[0]}, ...)",
            )


def _idle(scope: ast.AST, session: ast.Call, makers: set[str]) -> list[str]:
    """Variables that are set to options in a block above the session, and used for nothing but to set something on them."""
    nodes = list(ast.walk(scope))
    parents = {id(child): node for node in nodes for child in ast.iter_child_nodes(node)}
    above: list[ast.stmt] = []
    inner: ast.AST = session
    while inner is not scope and id(inner) in parents:
        outer = parents[id(inner)]
        for block in (getattr(outer, name, None) for name in ("body", "orelse", "finalbody")):
            if isinstance(block, list) and inner in block:
                above += block[: block.index(inner)]
        inner = outer
    found: list[str] = []
    for statement in above:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id=made) | ast.Attribute(attr=made))):
                uses = [n for n in nodes if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)]
                if made in makers and (uses or made != "SessionOptions") and all(_set_on(use, parents) for use in uses):
                    found.append(name)
    return found


def _set_on(use: ast.Name, parents: dict[int, ast.AST]) -> bool:
    """``name.attribute = ...``, or a method called for what it does to it."""
    holder = parents.get(id(use))
    if not isinstance(holder, ast.Attribute):
        return False
    if isinstance(holder.ctx, ast.Store):
        return True
    call = parents.get(id(holder))
    return isinstance(call, ast.Call) and call.func is holder and isinstance(parents.get(id(call)), ast.Expr)
